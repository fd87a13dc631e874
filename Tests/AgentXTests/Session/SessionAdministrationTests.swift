import SMI
import Testing

@testable import AgentX

@Suite struct SessionAdministrationTests {
    private static let root = ScriptedSession.root
    private static let one = Region(root.appending(1), priority: 100)
    private static let two = Region(root.appending(2), timeout: 3, context: "blue", isInstance: true)
    private static let capability = AgentCapability(root.appending(9), "all of it")

    private func script(_ adjust: (inout AgentXConfiguration) -> Void = { _ in }) -> ScriptedSession {
        ScriptedSession { configuration in
            configuration.regions = [Self.one, Self.two]
            configuration.capabilities = [Self.capability]
            adjust(&configuration)
        }
    }

    private func registrations(_ script: ScriptedSession) -> [PDU] {
        let open = script.open()
        let body = OpenPDU(timeout: 0, identifier: [], description: "scripted")
        #expect(open.map(\.body) == [.open(body)])
        return script.sent()
    }

    @Test func `a session is opened, then regions and capabilities are asked for, then it is ready`() {
        let script = script()
        let requests = registrations(script)
        #expect(
            requests.map(\.body) == [
                .register(RegisterPDU(priority: 100, subtree: Self.one.subtree)),
                .register(RegisterPDU(timeout: 3, subtree: Self.two.subtree)),
                .addAgentCaps(AddAgentCapsPDU(Self.capability.identifier, "all of it")),
            ])
        #expect(requests.map(\.context) == [nil, "blue", nil])
        #expect(requests.map(\.flags) == [[], .instanceRegistration, []])
        #expect(requests.allSatisfy { $0.sessionID == 7 })
        #expect(script.events == [.opened])
        script.answer(requests)
        #expect(script.events == [.opened, .ready])
    }

    @Test func `a refusal is reported once, asked again later, and everything else goes on`() {
        let script = script()
        let requests = registrations(script)
        script.answer([requests[0]], .duplicateRegistration)
        script.answer(Array(requests[1...]))
        let refusal = AgentXEvent.regionRefused(Self.one, AgentXError(.refused, ""))
        #expect(script.events == [.opened, refusal, .ready])
        if case .regionRefused(_, let error) = script.events[1] { #expect(error.status == .duplicateRegistration) }
        script.wait(.seconds(10))
        #expect(!script.sent().types.contains(.register))
        script.wait(.seconds(21))
        let again = script.sent().filter { if case .register = $0.body { true } else { false } }
        #expect(again.map(\.body) == [requests[0].body])
        script.answer(again, .duplicateRegistration)
        #expect(script.events.count == 3)
    }

    @Test func `after a reconnection everything is asked for again`() {
        let script = script()
        let requests = registrations(script)
        script.answer(requests)
        script.session.connectionLost(AgentXError(.connectionLost, "gone"))
        let again = registrations(script)
        #expect(again.map(\.body) == requests.map(\.body))
        #expect(Set(again.map(\.packetID)).isDisjoint(with: requests.map(\.packetID)))
        script.answer(again)
        #expect(script.events.filter { $0 == .ready }.count == 2)
        #expect(script.session.counters.sessions == 2)
        #expect(script.session.counters.connectionsLost == 1)
    }

    @Test func `what is no longer desired is taken back, and not asked for again`() {
        let script = script()
        script.answer(registrations(script))
        script.session.regions.forgo(Self.two)
        script.session.capabilities.forgo(Self.capability)
        script.session.regions.want(Region(Self.root.appending(3)))
        script.session.advance(at: script.now)
        let requests = script.sent()
        #expect(
            Set(requests.map(\.body)) == [
                .unregister(UnregisterPDU(subtree: Self.two.subtree)),
                .register(RegisterPDU(subtree: Self.root.appending(3))),
                .removeAgentCaps(RemoveAgentCapsPDU(Self.capability.identifier)),
            ])
        script.answer(requests)
        script.session.connectionLost(AgentXError(.connectionLost, "gone"))
        #expect(registrations(script).types == [.register, .register])
    }

    @Test func `a region wanted again before its removal is answered is registered again`() {
        let script = script()
        script.answer(registrations(script))
        script.session.regions.forgo(Self.one)
        script.session.advance(at: script.now)
        let removal = script.sent()
        script.session.regions.want(Self.one)
        script.session.advance(at: script.now)
        #expect(script.sent() == [])
        script.answer(removal)
        #expect(script.sent().types == [.register])
    }

    @Test func `a refused Open ends the connection`() {
        let script = script()
        script.session.connected(at: script.now)
        script.answer(script.sent(), .openFailed)
        #expect(script.disconnections == [AgentXError(.refused, "")])
        #expect(script.session.phase == .disconnected)
    }

    @Test func `sysUpTime of each answer is reported with the time it came`() {
        let script = script()
        script.session.connected(at: script.now)
        let open = script.sent()
        script.now = 5_000_000_000
        let octets = PDU(.response(ResponsePDU(sysUpTime: 777)), sessionID: 7, packetID: open[0].packetID).encoded()
        _ = octets.withUnsafeBytes { script.session.receive($0, at: script.now) }
        let times = script.session.effects.compactMap { effect -> AgentXEvent? in
            if case .report(let event) = effect, case .sysUpTime = event { event } else { nil }
        }
        #expect(times == [.sysUpTime(ticks: 777, nanoseconds: 5_000_000_000)])
    }

    @Test func `a master that was silent is pinged, and given up when it does not answer`() {
        let script = script()
        script.answer(registrations(script))
        script.wait(.seconds(14))
        #expect(script.sent() == [])
        script.wait(.seconds(1))
        let ping = script.sent()
        #expect(ping.types == [.ping])
        script.answer(ping)
        script.wait(.seconds(15))
        #expect(script.sent().types == [.ping])
        script.wait(.seconds(20))
        #expect(script.sent().types == [.close])
        #expect(script.disconnections == [AgentXError(.timedOut, "")])
    }

    @Test func `requests of the master are a sign of life`() {
        let script = script()
        script.answer(registrations(script))
        for _ in 1...4 {
            script.wait(.seconds(10))
            script.request(.get(GetPDU([])))
            #expect(script.sent().types == [.response])
        }
    }

    @Test func `a ping answered with an error ends the session`() {
        let script = script()
        script.answer(registrations(script))
        script.wait(.seconds(15))
        script.answer(script.sent(), .notOpen)
        #expect(script.disconnections == [AgentXError(.refused, "")])
    }

    @Test func `Close by the master is answered, and the session is made anew`() {
        let script = script()
        script.answer(registrations(script))
        script.request(.close(ClosePDU(.timeouts)))
        #expect(script.answers() == [ResponsePDU()])
        #expect(script.disconnections == [AgentXError(.closedByMaster, "")])
        #expect(registrations(script).count == 3)
    }

    @Test func `after a header that makes no sense the connection is given up`() {
        let script = script()
        script.answer(registrations(script))
        script.receive([9] + zeros(40))
        let sent = script.sent()
        #expect(sent.map(\.body) == [.close(ClosePDU(.parseError))])
        #expect(script.disconnections == [AgentXError(.unsupportedVersion, "")])
    }

    @Test func `PDUs that only a master receives are refused`() {
        let script = script()
        script.answer(registrations(script))
        script.request(.ping(PingPDU()))
        script.request(.notify(NotifyPDU([])))
        var unknown = PDU(.ping(PingPDU()), sessionID: 7).encoded()
        unknown[1] = 77
        script.receive(unknown)
        #expect(
            script.answers() == [
                ResponsePDU(.processingError), ResponsePDU(.processingError), ResponsePDU(.parseError),
            ])
    }

    @Test func `answers that nobody waits for, and answers that cannot be decoded, are dropped`() {
        let script = script()
        script.answer(registrations(script))
        script.receive(PDU(.response(ResponsePDU()), sessionID: 7, packetID: 4711))
        var cut = PDU(.response(ResponsePDU()), sessionID: 7, packetID: 1).encoded()
        cut[19] = 4
        script.receive(Array(cut[..<24]))
        #expect(script.sent() == [])
        #expect(script.session.phase == .open)
    }

    @Test func `index values are allocated with the flag asked for, and refusals come back`() throws {
        let script = script()
        script.answer(registrations(script))
        var results: [Result<ResponsePDU, AgentXError>] = []
        let bindings = [VarBind([1, 3, 6, 1, 2, 1, 2, 2, 1, 1], .integer(0))]
        script.session.request(.indexAllocate(IndexAllocatePDU(bindings)), flags: .anyIndex, at: script.now) {
            results.append($0)
        }
        script.session.request(.indexDeallocate(IndexDeallocatePDU(bindings)), at: script.now) { results.append($0) }
        let requests = script.sent()
        #expect(requests.map(\.flags) == [.anyIndex, []])
        let allocated = ResponsePDU(.noError, [VarBind(bindings[0].name, .integer(12))])
        script.receive(PDU(.response(allocated), sessionID: 7, packetID: requests[0].packetID))
        script.answer([requests[1]], .indexNotAllocated)
        #expect(results == [.success(allocated), .failure(AgentXError(.refused, ""))])
    }

    @Test func `requests under way fail when the connection does`() {
        let script = script()
        script.answer(registrations(script))
        var results: [Result<ResponsePDU, AgentXError>] = []
        script.session.request(.indexAllocate(IndexAllocatePDU([])), at: script.now) { results.append($0) }
        script.session.connectionLost(AgentXError(.connectionLost, "gone"))
        script.session.request(.indexAllocate(IndexAllocatePDU([])), at: script.now) { results.append($0) }
        #expect(
            results == [.failure(AgentXError(.connectionLost, "")), .failure(AgentXError(.notConnected, ""))])
    }

    @Test func `a shutdown waits for what is under way, then closes`() async {
        let script = script()
        script.answer(registrations(script))
        script.request(.testSet(TestSetPDU([])))
        script.request(.commitSet(CommitSetPDU()))
        script.notify(1)
        script.session.shutDown(at: script.now)
        let notification = script.sent().filter { if case .notify = $0.body { true } else { false } }
        await script.runJobs()
        script.request(.cleanupSet(CleanupSetPDU()))
        #expect(script.sent().types == [.response], "the commit's")
        script.answer(notification)
        let close = script.sent()
        #expect(close.map(\.body) == [.close(ClosePDU(.shutdown))])
        #expect(!script.hasEnded)
        script.answer(close)
        #expect(script.hasEnded)
        #expect(script.disconnections == [])
    }

    @Test func `a shutdown does not wait for ever`() {
        let script = script()
        script.answer(registrations(script))
        script.notify(1)
        script.session.shutDown(at: script.now)
        #expect(script.sent().types == [.notify])
        script.wait(.seconds(2))
        #expect(script.sent().types == [.close])
        script.wait(.seconds(2))
        #expect(script.hasEnded)
    }

    @Test func `a shutdown without a session ends at once`() {
        let script = script()
        script.session.shutDown(at: script.now)
        _ = script.sent()
        #expect(script.hasEnded)
    }
}
