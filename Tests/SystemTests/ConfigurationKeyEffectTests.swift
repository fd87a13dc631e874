import Foundation
import Glibc
import SMI
import Testing

/// What further keys of `[network_manager]` do, changed by SNMP and by file: what is measured, watched, tuned, bounded.
@Suite(.serialized, .enabled(if: Host.canRunSandboxes, Comment(rawValue: Host.whyNot)))
struct ConfigurationKeyEffectTests {
    private static let links = [
        "link add d0 type veth peer name d0p", "link add d1 type veth peer name d1p",
    ]
    private static let monitoring: OID = [1, 3, 6, 1, 4, 1, 32473, 77, 2, 6, 1]
    private static let sampleAge = monitoring + [1, 3, 0]
    private static let samples = monitoring + [1, 4, 0]
    private static let descriptors = monitoring + [2, 4, 0]
    /// orionAlarmActiveEntry.
    private static let alarm: OID = [1, 3, 6, 1, 4, 1, 32473, 77, 2, 10, 1, 2, 1]

    /// What is raised, each as the number of its kind, the interface or whatever it is raised on, and the detail.
    private func alarms(_ console: ConfigurationConsole) async throws -> Set<String> {
        func texts(_ column: UInt32) async throws -> [UInt32: String] {
            var texts: [UInt32: String] = [:]
            for row in try await console.snmp.walk(Self.alarm.appending(column)) {
                switch row.value {
                case .integer(let number): texts[row.name.words.last ?? 0] = "\(number)"
                case .octetString(let octets): texts[row.name.words.last ?? 0] = octets.text
                default: break
                }
            }
            return texts
        }
        let (kinds, objects, details) = try await (texts(2), texts(4), texts(6))
        return Set(kinds.map { "\($0.value) \(objects[$0.key] ?? "") \(details[$0.key] ?? "")" })
    }

    @Test(arguments: ConfigurationWay.allCases)
    func `performance_monitoring_interval says how often is sampled`(way: ConfigurationWay) async throws {
        try await ConfigurationConsole.with { console async throws in
            func number(_ name: OID) async throws -> UInt32 {
                switch try await console.snmp.get(name).first?.value {
                case .gauge32(let number)?, .counter32(let number)?: return number
                default: throw Unreadable(text: "\(name)")
                }
            }
            try await console.change("performance_monitoring_interval", "100", way)
            let before = try await number(Self.samples)
            // By the second they would take half a minute.
            try await eventually("thirty samples") { try await number(Self.samples) >= before + 30 }
            try await console.change("performance_monitoring_interval", "3600000", way)
            try await eventually("the last sample grows old") { try await number(Self.sampleAge) > 3000 }
        }
    }

    @Test(arguments: ConfigurationWay.allCases)
    func `manager_timeout takes back what is not in force in time`(way: ConfigurationWay) async throws {
        let links = (0..<500).map { "link add d\($0) type veth peer name p\($0)" }
        try await ConfigurationConsole.with(links: links) { console async throws in
            let namespace = console.sandbox.namespace
            let settings: [(String, String)] = [
                ("match_kind", "veth"), ("mtu", "1400"), ("alias", "all"), ("queue_length", "500"), ("admin", "up"),
            ]
            let edits = settings.map { ConfigurationNames.edit("interfaces.all.\($0.0)", $0.1) }
            try await console.change("manager_timeout", "100", way)
            #expect(try await console.snmp.set(edits) == .done)
            #expect(try await console.perform(3) == .integer(4))
            let result = ConfigurationNames.sessionResult + ConfigurationNames.owner
            guard case .octetString(let octets)? = try await console.snmp.get(result).first?.value else {
                Issue.record("no result")
                return
            }
            #expect(octets.text?.contains("manager_timeout (100 ms)") == true, "\(octets.text ?? "")")
            let untouched = try await KernelLink.all(in: namespace).filter { $0.kind == "veth" }
            #expect(untouched.allSatisfy { $0.mtu == 1500 && $0.ifalias == nil && !$0.flags.contains("UP") })
            #expect(try await console.perform(7) == .integer(3))
            try await console.change("manager_timeout", "60000", way)
            try await console.commit(settings.map { ("interfaces.all.\($0.0)", $0.1) })
            let changed = try await KernelLink.all(in: namespace).filter { $0.kind == "veth" }
            #expect(changed.count == 1000 && changed.allSatisfy { $0.mtu == 1400 && $0.txqlen == 500 })
        }
    }

    @Test(arguments: ConfigurationWay.allCases)
    func `interface_optimization_enabled says whether interfaces are tuned`(way: ConfigurationWay) async throws {
        try await ConfigurationConsole.with(links: Self.links) { console async throws in
            func configure(_ isTuning: Bool) async throws {
                try await console.change(
                    "interface_optimization_enabled", "\(isTuning)", way,
                    interfaces: [
                        ("d0", "mtu", "1400"), ("d0", "queue_length", "500"),
                        ("d0", "offloads_off", "[\"tx-tcp-segmentation\"]"),
                    ])
            }
            func expect(_ queue: UInt32, segmentation: String) async throws {
                let namespace = console.sandbox.namespace
                let link = try await KernelLink.named("d0", in: namespace)
                #expect(link.mtu == 1400 && link.txqlen == queue)
                let features = try await succeed(namespace.inside(["ethtool", "-k", "d0"]))
                #expect(features.contains("tx-tcp-segmentation: \(segmentation)"), "\(features)")
            }
            try await configure(true)
            try await expect(500, segmentation: "off")
            // What they were before.
            try await configure(false)
            try await expect(1000, segmentation: "on")
            try await configure(true)
            try await expect(500, segmentation: "off")
        }
    }

    @Test(arguments: ConfigurationWay.allCases)
    func `interface_security_enabled says whether interfaces that are opened are told of`(
        way: ConfigurationWay
    ) async throws {
        try await ConfigurationConsole.with(links: Self.links) { console async throws in
            let namespace = console.sandbox.namespace
            let exposed: Set<String> = ["16 d0 promiscuous", "16 d1 address"]
            func raised() async throws -> Set<String> { try await alarms(console).filter { $0.hasPrefix("16 ") } }
            // Each interface has been seen as it was.
            _ = try await (console.index("d0"), console.index("d1"))
            try await console.change("interface_security_enabled", "true", way, interfaces: [("d0", "alias", "\"x\"")])
            try await namespace.ip("link set d0 promisc on")
            // By then the other was seen with the address it was made with.
            try await eventually("it is told of") { try await raised() == ["16 d0 promiscuous"] }
            try await namespace.ip("link set d1 address 02:00:5e:10:00:99")
            try await eventually("both are told of") { try await raised() == exposed }
            try await console.change("interface_security_enabled", "false", way)
            try await eventually("nobody asks any more") { try await raised() == [] }
            try await console.change("interface_security_enabled", "true", way)
            try await eventually("it is told of again") { try await raised() == ["16 d0 promiscuous"] }
            try await namespace.ip("link set d0 promisc off")
            try await eventually("it is over") { try await raised() == [] }
            // What is configured is nobody else's doing.
            try await console.commit([("interfaces.d1.mac", "02:00:5e:10:00:77")])
            try await namespace.ip("link set d0 promisc on")
            try await eventually("the other is told of alone") { try await raised() == ["16 d0 promiscuous"] }
            let records = try await console.sandbox.audit().filter { $0.event == "interface-exposure" }
            #expect(Set(records.compactMap { $0.objects?.first?.target }) == ["d0", "d1"])
            #expect(records.filter { $0.objects?.first?.target == "d0" }.count >= 3)
        }
    }

    @Test(arguments: ConfigurationWay.allCases)
    func `resource_management_enabled says whether oriond keeps to a budget`(way: ConfigurationWay) async throws {
        try await ConfigurationConsole.with { console async throws in
            let path = console.sandbox.directory.appending(path: "state/control").path
            func isRaised() async throws -> Bool {
                // A connection that says nothing is closed after a while.
                let connections = Connections(path)
                defer { connections.close() }
                try await eventually("there are more than the budget") {
                    if case .gauge32(let number)? = try await console.snmp.get(Self.descriptors).first?.value {
                        return number > 256
                    }
                    return false
                }
                return try await alarms(console).contains("14  descriptors")
            }
            try await eventually("it is told") { try await isRaised() }
            try await console.change("resource_management_enabled", "false", way)
            try await eventually("nobody asks any more") { try await !isRaised() }
            try await console.change("resource_management_enabled", "true", way)
            try await eventually("it is told again") { try await isRaised() }
        }
    }
}

/// Connections to a unix socket that say nothing.
private final class Connections {
    private var descriptors: [Int32] = []

    init(_ path: String) {
        for _ in 0..<300 {
            let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
            _ = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            descriptors.append(descriptor)
        }
    }

    func close() { for descriptor in descriptors { Glibc.close(descriptor) } }
}
