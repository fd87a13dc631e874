import RandomTesting
import SMI
import Synchronization
import Testing

@testable import AgentX

@Suite(.serialized) struct SubagentTests {
    private static let get = PDU.Body.get(GetPDU([SearchRange(MemoryObjects.scalarName)]))
    private static let test = PDU.Body.testSet(TestSetPDU([VarBind(MemoryObjects.scalarName, .integer(2))]))

    private let objects = MemoryObjects(rows: 5)

    /// A subagent that is ready, with one region.
    private func ready(
        _ master: FakeMaster, writer: (any ObjectWriter)? = nil,
        _ adjust: (inout AgentXConfiguration) -> Void = { _ in }
    ) async throws -> TestSubagent {
        let subagent = try await TestSubagent(
            socket: master.path, tree: objects.makeTree(), writer: writer ?? objects
        ) { configuration in
            configuration.regions = [Region(MemoryObjects.root)]
            configuration.shutdownTimeout = .milliseconds(200)
            adjust(&configuration)
        }
        try master.accept()
        try master.answerNext(1)
        await eventually { subagent.timesReady == 1 }
        return subagent
    }

    @Test func `requests are answered whether they come in pieces or many at once`() async throws {
        let master = try FakeMaster()
        let subagent = try await ready(master)
        let octets = PDU(Self.get, sessionID: 7, packetID: 1).encoded()
        for octet in octets { try master.send([octet]) }
        try master.send((2...50).flatMap { PDU(Self.get, sessionID: 7, packetID: $0).encoded() })
        for number: UInt32 in 1...50 {
            let answer = try master.next()
            #expect(answer.packetID == number)
            #expect(
                answer.body == .response(ResponsePDU(.noError, [VarBind(MemoryObjects.scalarName, .integer(1))])))
        }
        #expect(subagent.agent.counters.gets == 50)
        await subagent.end()
    }

    @Test func `a master that does not read is not read from, and gets every answer in the end`() async throws {
        let master = try FakeMaster()
        let subagent = try await ready(master) { $0.outputLimit = 20_000 }
        let request = PDU(Self.get, sessionID: 7, packetID: 9).encoded()
        var sent = 0
        // Until neither side's socket nor the subagent takes more.
        var refusals = 0
        while refusals < 50 {
            let count = master.sendAtOnce(request)
            if count > 0 {
                refusals = 0
                sent += count
                if count < request.count { break }
            } else {
                refusals += 1
                try? await ContinuousClock().sleep(for: .milliseconds(2))
            }
        }
        #expect(refusals > 0 || sent % request.count != 0, "the subagent took everything")
        let whole = sent / request.count
        for _ in 0..<whole { #expect(try master.next().packetID == 9) }
        if sent % request.count != 0 {
            try master.send(Array(request[(sent % request.count)...]))
            #expect(try master.next().packetID == 9)
        }
        await subagent.end()
    }

    @Test func `the socket may come late, and the log tells of it once`() async throws {
        let master = try FakeMaster(isListening: false)
        let subagent = try await TestSubagent(socket: master.path)
        await eventually { !subagent.events.isEmpty }
        try? await ContinuousClock().sleep(for: .milliseconds(100))
        try master.listen()
        try master.accept()
        await eventually { subagent.timesReady == 1 }
        let failures = subagent.events.filter { if case .connectionFailed = $0 { true } else { false } }
        #expect(failures == [.connectionFailed(AgentXError(.socket, ""))])
        await subagent.end()
    }

    @Test func `a lost connection is made again, whatever ended it`() async throws {
        let master = try FakeMaster()
        let subagent = try await ready(master)
        let endings: [() throws -> Void] = [
            { master.hangUp() },
            { try master.request(.close(ClosePDU(.byManager))) },
            { try master.send(Array(repeating: 0xFF, count: 64)) },
        ]
        for (position, end) in endings.enumerated() {
            try end()
            try master.accept()
            try master.answerNext(1)
            await eventually { subagent.timesReady == position + 2 }
        }
        #expect(subagent.agent.counters.connectionsLost == 3)
        await subagent.end()
    }

    @Test func `a master that says nothing is given up`() async throws {
        let master = try FakeMaster()
        let subagent = try await ready(master) { configuration in
            configuration.pingInterval = .milliseconds(20)
            configuration.responseTimeout = .milliseconds(50)
        }
        try master.accept()
        await eventually { subagent.agent.counters.pings > 0 }
        await eventually { subagent.events.contains(.closed(AgentXError(.timedOut, ""))) }
        await subagent.end()
    }

    @Test func `while a commit waits, other requests are answered and the commit is not made again`() async throws {
        let master = try FakeMaster()
        let writer = FakeWriter()
        let subagent = try await ready(master, writer: writer)
        writer.hold()
        try master.request(Self.test)
        #expect(try master.next().body == .response(ResponsePDU()))
        for _ in 1...3 { try master.request(.commitSet(CommitSetPDU()), packet: 70) }
        try master.request(Self.get, packet: 71)
        #expect(try master.next().packetID == 71)
        await eventually { subagent.agent.counters.resends == 2 }
        writer.release()
        #expect(try master.next().packetID == 70)
        try master.request(.commitSet(CommitSetPDU()), packet: 70)
        #expect(try master.next().packetID == 70)
        try master.request(.cleanupSet(CleanupSetPDU()))
        await eventually { writer.phases == [.commit(1), .cleanUp(1)] }
        await subagent.end()
    }

    @Test func `a commit whose session ends meanwhile is undone, and the new session hears nothing of it`() async throws
    {
        let master = try FakeMaster()
        let writer = FakeWriter()
        let subagent = try await ready(master, writer: writer)
        writer.hold()
        try master.request(Self.test)
        _ = try master.next()
        try master.request(.commitSet(CommitSetPDU()))
        await eventually { writer.phases == [.commit(1)] }
        master.hangUp()
        try master.accept()
        try master.answerNext(1)
        writer.release()
        await eventually { writer.phases == [.commit(1), .undo(1)] }
        try master.request(Self.get, packet: 5)
        #expect(try master.next().packetID == 5)
        await subagent.end()
    }

    @Test func `notifications of many threads all arrive, each thread's in order`() async throws {
        let master = try FakeMaster()
        let subagent = try await ready(master)
        await withTaskGroup(of: Void.self) { group in
            for thread: UInt32 in 0..<8 {
                group.addTask {
                    for number: UInt32 in 0..<100 {
                        subagent.agent.notify(Notification([thread, number], []))
                    }
                }
            }
        }
        var last: [UInt32: UInt32] = [:]
        for _ in 0..<800 {
            let pdu = try master.next()
            try master.answer(pdu)
            guard case .notify(let notify) = pdu.body, case .objectIdentifier(let name) = notify.bindings[0].value
            else {
                Issue.record("\(pdu)")
                continue
            }
            let (thread, number) = (name.words[0], name.words[1])
            #expect(number == last[thread].map { $0 + 1 } ?? 0)
            last[thread] = number
        }
        await eventually { subagent.agent.counters.notificationsSent == 800 }
        await subagent.end()
    }

    @Test func `a flood that nobody acknowledges stays within its bounds`() async throws {
        let master = try FakeMaster()
        let subagent = try await ready(master) { $0.notificationLimit = 100 }
        for number: UInt32 in 0..<20_000 { subagent.agent.notify(Notification([1, number], [])) }
        for _ in 0..<32 { _ = try master.next() }
        try master.request(Self.get, packet: 3)
        #expect(try master.next().packetID == 3, "no more notifications than the window")
        #expect(subagent.agent.notificationsWaiting == 100)
        #expect(subagent.agent.counters.notificationsDropped == 20_000 - 132)
        await subagent.end()
    }

    @Test func `a shutdown answers what was asked, says Close and hangs up`() async throws {
        let master = try FakeMaster()
        let subagent = try await ready(master) { $0.shutdownTimeout = .seconds(20) }
        try master.request(Self.get, packet: 3)
        subagent.agent.notify(Notification([1, 3], []))
        async let end: Void = subagent.end()
        var sawClose = false
        do {
            while true {
                let pdu = try master.next()
                if case .response = pdu.body { continue }
                if case .close(let close) = pdu.body {
                    sawClose = true
                    #expect(close.reason == .shutdown)
                }
                try master.answer(pdu)
            }
        } catch let error as AgentXError {
            #expect(error == AgentXError(.connectionLost, ""))
        }
        await end
        #expect(sawClose)
        #expect(subagent.agent.counters.notificationsSent == 1)
        #expect(subagent.agent.counters.connectionsLost == 0)
    }

    @Test func `a shutdown ends without a master, and a second one at once`() async throws {
        let master = try FakeMaster(isListening: false)
        let subagent = try await TestSubagent(socket: master.path)
        await subagent.agent.shutDown()
        await subagent.agent.start()
        await subagent.end()
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func `a master gone mad ends connections and nothing else`(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let master = try FakeMaster()
        let subagent = try await ready(master)
        for _ in 0..<40 {
            do {
                for _ in 0..<20 {
                    var octets = random.pdu(PDUType.all[random.number(0...17)]).encoded()
                    octets.replaceSubrange(4..<8, with: [0, 0, 0, 7])
                    if random.number(0...2) == 0 {
                        octets[random.number(0...(octets.count - 1))] = random.number(0...255)
                    }
                    try master.send(octets)
                }
                master.hangUp()
            } catch {}
            try master.accept()
        }
        try master.answerNext(1)
        try master.request(Self.get, packet: 5)
        #expect(try master.next().packetID == 5)
        await subagent.end()
    }
}
