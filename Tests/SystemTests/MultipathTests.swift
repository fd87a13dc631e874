import Foundation
import SMI
import Testing

/// Routes with several next hops, watched and weighted by SNMP, on the real kernel.
@Suite(.serialized, .enabled(if: Host.canRunSandboxes, Comment(rawValue: Host.whyNot)))
struct MultipathTests {
    private static let members = Optimiser.performance.appending([1, 12, 1])
    private static let destination = "203.0.113.0/24"

    /// Two ways to `destination`, whose far ends take everything.
    private func withWays(_ body: (Optimiser, UInt32) async throws -> Void) async throws {
        try await Sandbox.with(configuration: Optimiser.configuration) { sandbox async throws in
            let namespace = sandbox.namespace
            for way in 0...1 {
                try await namespace.ip("link add m\(way) type veth peer name f\(way)")
                for name in ["m\(way)", "f\(way)"] { try await namespace.ip("link set \(name) up") }
                try await namespace.ip("addr add 192.0.\(way).1/24 dev m\(way)")
                try await namespace.ip("neigh replace 192.0.\(way).2 lladdr 02:00:00:00:00:0\(way) dev m\(way)")
            }
            // Ports count when the kernel chooses.
            try await succeed(namespace.inside(["sysctl", "-qw", "net.ipv4.fib_multipath_hash_policy=1"]))
            try await namespace.ip(
                "route add \(Self.destination) nexthop via 192.0.0.2 dev m0 nexthop via 192.0.1.2 dev m1")
            let optimiser = try Optimiser(sandbox)
            var group: UInt32?
            try await eventually("the route is a group", within: .seconds(40)) {
                group = try await optimiser.snmp.walk(Optimiser.groups.appending(3))
                    .first { $0.value == .integer(4) }?.name.words.last
                return group != nil
            }
            try await body(optimiser, try #require(group))
        }
    }

    /// Sends to many ports for as long as `body` runs.
    ///
    /// - Parameter isBound: whether half goes by each way, whatever the route says.
    private func sending(
        _ optimiser: Optimiser, isBound: Bool, _ body: () async throws -> Void
    ) async throws {
        let script = """
            import socket, time
            ways = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
            if \(isBound ? "True" : "False"):
                for number, way in enumerate(ways):
                    way.setsockopt(socket.SOL_SOCKET, 25, b'm%d' % number)
            port = 0
            while True:
                for _ in range(100):
                    port = port % 60000 + 1
                    try:
                        ways[port % 2].sendto(b'x' * 400, ('203.0.113.9', port))
                    except OSError:
                        pass
                time.sleep(0.02)
            """
        let sender = try BackgroundProcess(optimiser.sandbox.namespace.inside(["python3", "-c", script]))
        defer {
            sender.send(SIGKILL)
            sender.removeOutput()
        }
        try await body()
    }

    private func weigh(
        _ member: UInt32, of group: UInt32, _ weight: Int, _ optimiser: Optimiser
    ) async throws -> SetOutcome {
        try await optimiser.snmp.set(Self.members.appending([8, group, member]), "u", "\(weight)")
    }

    private func value(_ column: UInt32, _ member: UInt32, _ group: UInt32, _ optimiser: Optimiser) async throws
        -> Value?
    {
        try await optimiser.snmp.get(Self.members.appending([column, group, member])).first?.value
    }

    /// As ip(8) shows them.
    private func weights(_ optimiser: Optimiser) async throws -> [String] {
        let text = try await optimiser.sandbox.namespace.ip("route show \(Self.destination)")
        let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
        return words.indices.dropLast().filter { words[$0] == "weight" }.map { words[$0 + 1] }
    }

    private func finding(_ optimiser: Optimiser) async throws -> UInt32 {
        var found: UInt32?
        try await eventually("there is a finding", within: .seconds(20)) {
            found = try await optimiser.snmp.walk(optimiser.column(.rule)).first { $0.value == .integer(9) }?
                .name.words.last
            return found != nil
        }
        return try #require(found)
    }

    @Test func `a weight that a SET gives a next hop moves its share, and is kept`() async throws {
        try await withWays { optimiser, group async throws in
            let name = Optimiser.groups.appending([2, group])
            #expect(try await optimiser.snmp.get(name).first?.value == .text(Self.destination))
            #expect(group >= 1 << 31)
            #expect(try await value(7, 2, group, optimiser) == .text("192.0.1.2"))
            #expect(try await value(5, 2, group, optimiser) == .gauge32(500_000))
            try await sending(optimiser, isBound: false) {
                #expect(try await weigh(2, of: group, 3, optimiser) == .done)
                let finding = try await finding(optimiser)
                try await optimiser.await(.confirmed, of: finding)
                #expect(try await weights(optimiser) == ["1", "3"])
                try await eventually("it has three quarters", within: .seconds(40)) {
                    guard case .gauge32(let share) = try await value(4, 2, group, optimiser),
                        (700_000...800_000).contains(share)
                    else { return false }
                    let weight = try await value(8, 2, group, optimiser)
                    let fair = try await value(5, 2, group, optimiser)
                    return weight == .gauge32(3) && fair == .gauge32(750_000)
                }
            }
            let records = try await optimiser.audited()
            #expect(records.map(\.phase) == ["begun", "committed", "done"])
            let object = try #require(records.first?.objects?.first { $0.name == "weights of \(Self.destination)" })
            #expect(object.old?.text == "192.0.0.2 1, 192.0.1.2 1" && object.new?.text == "192.0.0.2 1, 192.0.1.2 3")
        }
    }

    @Test func `a weight that no packet follows is taken back by itself`() async throws {
        try await withWays { optimiser, group async throws in
            try await sending(optimiser, isBound: true) {
                #expect(try await weigh(1, of: group, 9, optimiser) == .done)
                try await eventually("it is on trial", within: .seconds(30)) {
                    try await weights(optimiser) == ["9", "1"]
                }
                try await optimiser.await(.reverted, of: try await finding(optimiser))
                #expect(try await weights(optimiser) == ["1", "1"])
            }
        }
    }

    @Test func `a weight on trial that a sudden end interrupts is taken back by the next start`() async throws {
        try await withWays { optimiser, group async throws in
            let daemon = try MortalDaemon(
                optimiser.sandbox.processIdentifier("ORIOND_PID"), in: optimiser.sandbox.namespace)
            defer { daemon.end() }
            #expect(try await weigh(2, of: group, 256, optimiser) == .done)
            try await eventually("it is on trial", within: .seconds(30)) {
                try await weights(optimiser) == ["1", "256"]
            }
            await daemon.die()
            #expect(try await weights(optimiser) == ["1", "256"])
            try await daemon.rise()
            try await eventually("it is taken back", within: .seconds(30)) {
                try await weights(optimiser) == ["1", "1"]
            }
            try await eventually("the route has its number again", within: .seconds(40)) {
                try await value(8, 2, group, optimiser) == .gauge32(1)
            }
        }
    }
}
