import NetworkModel
import PlatformTesting
import SecurityTesting
import Testing

@testable import NetworkManagement

private let key = RouteKey(octets: [203, 0, 113, 0], prefixLength: 24, metric: 5)

/// A route by d0 and d1.
private func route(_ weights: [UInt32] = [1, 1], obstacle: String? = nil) -> MultipathRoute {
    let hops = weights.enumerated().map { position, weight in
        NextHop(interface: UInt32(position + 2), gateway: [10, 0, UInt8(position), 2], weight: weight)
    }
    return MultipathRoute(weights: RouteWeights(route: key, hops: hops), obstacle: obstacle)
}

@Suite struct `Routes with several next hops` {
    private func fixture(
        _ routes: [MultipathRoute] = [route()], store: MemoryOptimisationStore = MemoryOptimisationStore()
    ) throws -> OptimisationFixture {
        let fixture = try OptimisationFixture([try port(2, "d0"), try port(3, "d1")], store: store)
        fixture.platform.setRoutes(routes)
        return fixture
    }

    /// `seconds` in which d0 and d1 send so many octets each.
    private func send(_ octets: [UInt64], for seconds: Int, _ fixture: OptimisationFixture) async throws {
        for _ in 0..<seconds {
            for (position, octets) in octets.enumerated() {
                let index = try #require(InterfaceIndex(position + 2))
                var counters = fixture.interfaces.platform.counters(of: index) ?? LinkCounters()
                counters.transmittedOctets += octets
                counters.transmittedPackets += octets / 100
                fixture.interfaces.platform.setCounters(counters, of: index)
            }
            try await fixture.second(2)
        }
    }

    private func group(_ fixture: OptimisationFixture) throws -> BalancingGroup {
        try #require(fixture.manager.snapshot.groups.first { $0.kind == .multipath })
    }

    private func target(_ member: UInt32, _ fixture: OptimisationFixture) throws -> OperationTarget {
        .member(member, of: try group(fixture).number)
    }

    private func weights(_ fixture: OptimisationFixture) throws -> [UInt32] {
        try #require(try fixture.platform.routes().first).weights.hops.map(\.weight)
    }

    @Test func `a route is a group whose members are meant to carry their weights`() async throws {
        let fixture = try fixture([route([1, 3])])
        try await send([100_000, 300_000], for: 11, fixture)
        let group = try group(fixture)
        #expect(group.name == "203.0.113.0/24 metric 5" && group.index == nil && group.number >= 1 << 31)
        #expect(fixture.manager.snapshot.group(number: group.number) == group)
        #expect(group.members.map(\.number) == [1, 2] && group.members.map(\.name) == ["d0", "d1"])
        #expect(group.members.map(\.share) == [0.25, 0.75] && group.members.map(group.fairShare) == [0.25, 0.75])
        #expect(group.rate == 400_000 && group.imbalance == 0)
        // Twice what it is meant to have, of four times.
        try await send([200_000, 200_000], for: 10, fixture)
        #expect(abs(try self.group(fixture).imbalance - 1.0 / 3) < 1e-9)
    }

    @Test func `an interface of two next hops is theirs by their weights`() async throws {
        let hops = [(2, 3), (2, 1), (3, 4)].map { NextHop(interface: $0.0, gateway: [], weight: $0.1) }
        let fixture = try fixture([MultipathRoute(weights: RouteWeights(route: key, hops: hops))])
        try await send([400_000, 400_000], for: 11, fixture)
        #expect(try group(fixture).members.map(\.rate) == [300_000, 100_000, 400_000])
        #expect(try group(fixture).imbalance == 0)
    }

    @Test func `shares that are far from the weights raise an alarm, and it clears`() async throws {
        let fixture = try fixture()
        try await send([400_000, 0], for: 21, fixture)
        #expect(fixture.alarms.snapshot.active.isEmpty)
        try await send([400_000, 0], for: 10, fixture)
        let alarm = try #require(fixture.alarms.snapshot.active.first)
        #expect(alarm.key.kind == .imbalance && alarm.key.subject.name == "203.0.113.0/24 metric 5")
        #expect(try group(fixture).isUnbalanced && alarm.text.contains("d0 100.00 %, d1 0.00 %"))
        try await send([200_000, 200_000], for: 10, fixture)
        #expect(fixture.alarms.snapshot.active.isEmpty)
    }

    @Test func `a weight is applied on trial, audited and kept where the shares follow it`() async throws {
        let fixture = try fixture()
        try await send([200_000, 200_000], for: 11, fixture)
        try fixture.ask(.memberWeight, target(2, fixture), argument: "3")
        try await send([200_000, 200_000], for: 1, fixture)
        let finding = try #require(fixture.finding(.balance))
        #expect(finding.proposal.name == "d1" && finding.proposal.detail == "\(key)")
        #expect(
            finding.proposal.changeText == "weights of 203.0.113.0/24 metric 5 = 10.0.0.2 1, 10.0.1.2 3")
        try await send([200_000, 200_000], for: 5, fixture)
        #expect(try weights(fixture) == [1, 3] && fixture.finding(.balance)?.state == .trial)
        #expect(fixture.finding(.balance)?.before?.imbalance == 0)
        // The first has a quarter of what it had: that is what was asked for.
        try await send([50_000, 150_000], for: 11, fixture)
        #expect(fixture.finding(.balance)?.state == .confirmed)
        #expect(fixture.finding(.balance)?.after?.imbalance == 0)
        #expect(fixture.audited == ["begun alice ", "committed alice applied", "done alice confirmed"])
        try await send([50_000, 150_000], for: 10, fixture)
        #expect(try group(fixture).members.compactMap(\.hop?.weight) == [1, 3])
        try fixture.ask(.findingRevert, .finding(finding.identifier))
        try await send([50_000, 150_000], for: 1, fixture)
        #expect(try weights(fixture) == [1, 1] && fixture.finding(.balance)?.state == .reverted)
    }

    @Test func `a weight that the shares do not follow is taken back by itself`() async throws {
        let fixture = try fixture()
        try await send([200_000, 200_000], for: 11, fixture)
        try fixture.ask(.memberWeight, target(1, fixture), argument: "4")
        try await send([200_000, 200_000], for: 6, fixture)
        #expect(try weights(fixture) == [4, 1])
        try await send([200_000, 200_000], for: 5, fixture)
        #expect(try weights(fixture) == [1, 1])
        #expect(fixture.finding(.balance)?.state == .reverted && fixture.store.trials.isEmpty)
        #expect(fixture.finding(.balance)?.result.contains("apart") == true)
    }

    @Test func `a sudden end during the trial is mended by the next start`() async throws {
        let fixture = try fixture()
        try await send([200_000, 200_000], for: 11, fixture)
        try fixture.ask(.memberWeight, target(2, fixture), argument: "9")
        try await send([200_000, 200_000], for: 7, fixture)
        #expect(fixture.store.trials.count == 1)
        let next = try self.fixture([route([1, 9])], store: fixture.store)
        try await send([0, 0], for: 1, next)
        #expect(try weights(next) == [1, 1] && next.store.trials.isEmpty && next.told == ["reverted 1"])
        // Other next hops by now are somebody else's doing, and a route that is gone needs nothing.
        for routes in [[route([1, 9, 1])], []] {
            let other = try self.fixture(
                routes,
                store: MemoryOptimisationStore([
                    StoredTrial(
                        identifier: 1, rule: .balance, detail: "", interface: 2, name: "d0", address: "", boot: "boot",
                        steps: [
                            .init(
                                change: .nextHopWeights(route([1, 9]).weights),
                                previous: .nextHopWeights(route().weights))
                        ], requester: "alice", evidence: "")
                ]))
            other.platform.put([.property(.mtu(1500))], of: try #require(InterfaceIndex(2)))
            try await send([0, 0], for: 1, other)
            #expect(other.platform.applied.isEmpty && other.store.trials.isEmpty)
        }
    }

    @Test func `what cannot be weighted says why`() async throws {
        let fixture = try fixture([route(obstacle: "its next hops are those of the nexthop object 10")])
        try await send([200_000, 200_000], for: 11, fixture)
        func error(_ target: OperationTarget, _ argument: String) -> ManagementError.Code? {
            do {
                try fixture.ask(.memberWeight, target, argument: argument)
            } catch { return (error as? ManagementError)?.code }
            return nil
        }
        let number = try group(fixture).number
        #expect(error(.member(1, of: number), "2") == .inconsistent)
        fixture.platform.setRoutes([route()])
        try await send([200_000, 200_000], for: 10, fixture)
        for argument in ["", "0", "257", "x", "-1"] {
            #expect(error(.member(1, of: number), argument) == .invalidValue, "\(argument)")
        }
        for target in [OperationTarget.member(3, of: number), .member(1, of: number - 1), .finding(1), .system] {
            #expect(error(target, "2") == .notFound, "\(target)")
        }
        // It is the host's, whoever may configure the interfaces.
        let order = OperationOrder(.memberWeight, .member(1, of: number), argument: "2")
        #expect(try fixture.manager.access(order) == AccessRequest(.configure, .system))
        #expect(error(.member(1, of: number), "2") == nil)
        try await send([200_000, 200_000], for: 1, fixture)
        #expect(error(.member(2, of: number), "2") == .inconsistent, "another one is on trial on the same interfaces")
        let finding = try #require(fixture.finding(.balance)).identifier
        let again = OperationOrder(.findingApply, .finding(finding))
        #expect(try fixture.manager.access(again) == AccessRequest(.configure, .system))
    }

    @Test func `a route's number follows from it, and two routes never have the same one`() throws {
        var numbers = RouteNumbers()
        numbers.update([key])
        let number = try #require(numbers.number(of: key))
        #expect(number == RouteNumbers.first(for: key) && number >= 1 << 31)
        // Two that come to the same number.
        var seen: [UInt32: RouteKey] = [:]
        var pair: (RouteKey, RouteKey)?
        for metric in 0..<1_000_000 where pair == nil {
            let key = RouteKey(octets: [10, 0, 0, 0], prefixLength: 8, metric: UInt32(metric) &* 2_654_435_761)
            if let other = seen.updateValue(key, forKey: RouteNumbers.first(for: key)) { pair = (other, key) }
        }
        let (one, other) = try #require(pair)
        numbers.update([one, other])
        let given = [one, other].map { numbers.number(of: $0) }
        #expect(given[0] == RouteNumbers.first(for: one) && given[1] != given[0] && given[1] != nil)
        #expect(numbers.number(of: key) == nil, "a route that is gone has none")
        numbers.update([other, one])
        #expect([one, other].map { numbers.number(of: $0) } == given, "they keep what they have")
    }

    @Test func `routes are called what ip(8) calls them`() {
        #expect("\(RouteKey(octets: Array(repeating: 0, count: 4), prefixLength: 0))" == "0.0.0.0/0")
        let six = RouteKey(
            octets: [0x20, 1, 0xD, 0xB8] + Array(repeating: 0, count: 12), prefixLength: 32, typeOfService: 4, metric: 1
        )
        #expect("\(six)" == "2001:db8::/32 tos 4 metric 1")
    }
}
