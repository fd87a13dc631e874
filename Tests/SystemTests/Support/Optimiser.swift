import Foundation
import SMI
import Testing

/// Somebody who looks at findings over SNMP and has them applied.
struct Optimiser: Sendable {
    static let performance: OID = [1, 3, 6, 1, 4, 1, 32473, 77, 2, 7]
    static let findings = performance.appending([1, 10, 1])
    static let groups = performance.appending([1, 11, 1])

    /// orionPerformanceFindingRule.
    enum Rule: Int32 {
        case offload = 1
        case steering = 4
        case queueLength = 5
        case mtu = 6
    }

    /// orionPerformanceFindingState.
    enum State: Int32 {
        case open = 1
        case baseline, trial, confirmed, reverted, failed
    }

    /// Columns of orionPerformanceFindingTable.
    enum Column: UInt32 {
        case rule = 2
        case name = 4
        case change = 10
        case state = 12
        case result = 13
        case beforeLoss = 16
        case afterLoss = 19
        case action = 23
    }

    /// Notifications.
    static let applied = performance.appending([0, 1])
    static let confirmed = performance.appending([0, 2])
    static let reverted = performance.appending([0, 3])

    let sandbox: Sandbox
    let snmp: SNMPTools

    init(_ sandbox: Sandbox) throws {
        self.sandbox = sandbox
        snmp = try sandbox.snmp(as: .admin)
    }

    /// What the file of the sandbox says: samples come quickly, so that trials do not last.
    static let configuration = "[network_manager]\nperformance_monitoring_interval = 200\n"

    func column(_ column: Column) -> OID { Self.findings.appending(column.rawValue) }

    /// Waits for a finding of `rule` about an interface.
    func finding(_ rule: Rule, of name: String) async throws -> UInt32 {
        var found: UInt32?
        try await eventually("a finding about \(name)", within: .seconds(40)) {
            let rules = try await snmp.walk(column(.rule))
            let names = try await snmp.walk(column(.name))
            found =
                rules.first { entry in
                    entry.value == .integer(rule.rawValue)
                        && names.contains { $0.name.words.last == entry.name.words.last && $0.value == .text(name) }
                }?.name.words.last
            return found != nil
        }
        return try #require(found)
    }

    func apply(_ finding: UInt32) async throws -> SetOutcome {
        try await snmp.set(column(.action).appending(finding), "i", "2")
    }

    func await(_ state: State, of finding: UInt32) async throws {
        let name = column(.state).appending(finding)
        try await eventually("finding \(finding) is \(state)", within: .seconds(40)) {
            try await snmp.get(name).first?.value == .integer(state.rawValue)
        }
    }

    /// What the audit says of changes that findings proposed.
    func audited() async throws -> [AuditLine] { try await sandbox.audit().filter { $0.event == "optimisation" } }

    /// The value of a feature as ethtool(8) shows it.
    func feature(_ label: String, of interface: String) async throws -> String? {
        let text = try await succeed(sandbox.namespace.inside(["ethtool", "-k", interface]))
        return text.split(separator: "\n").first { $0.contains("\(label):") }?.split(separator: " ")[1...].first
            .map(String.init)
    }

    /// Sends datagrams of these sizes to a port that discards them, for as long as `body` runs.
    func sending(
        _ sizes: [Int], to address: String, every pause: Double = 0.005, _ body: () async throws -> Void
    ) async throws {
        let script = """
            import socket, time
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            while True:
                for size in \(sizes):
                    try:
                        s.sendto(b'x' * size, ('\(address)', 9))
                    except OSError:
                        pass
                time.sleep(\(pause))
            """
        let sender = try BackgroundProcess(sandbox.namespace.inside(["python3", "-c", script]))
        defer {
            sender.send(SIGKILL)
            sender.removeOutput()
        }
        try await body()
    }
}
