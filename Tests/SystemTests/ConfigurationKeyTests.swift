import Foundation
import SMI
import Testing

/// What the keys of `[network_manager]` do, changed by SNMP and by file.
@Suite(.serialized, .enabled(if: Host.canRunSandboxes, Comment(rawValue: Host.whyNot)))
struct ConfigurationKeyTests {
    private typealias Names = ConfigurationNames

    private static let links = [
        "link add d0 type veth peer name d0p", "link add d1 type veth peer name d1p",
    ]

    @Test(arguments: ConfigurationWay.allCases)
    func `manager_max_interfaces bounds what may be changed`(way: ConfigurationWay) async throws {
        try await ConfigurationConsole.with(links: Self.links) { console async throws in
            // What is managed already stays so.
            let known = InterfaceNames.ifAlias.appending(try await console.index("d1"))
            try await console.change("manager_max_interfaces", "2", way)
            #expect(try await console.snmp.set(known, "s", "one") == .done)
            try await console.sandbox.namespace.ip("link add d2 type bridge")
            let alias = InterfaceNames.ifAlias.appending(try await console.index("d2"))
            #expect(try await console.snmp.set(alias, "s", "two") == .refused("inconsistentValue", alias))
            try await console.change("manager_max_interfaces", "200", way)
            #expect(try await console.snmp.set(alias, "s", "two") == .done)
            #expect(try await KernelLink.named("d2", in: console.sandbox.namespace).ifalias == "two")
        }
    }

    @Test(arguments: ConfigurationWay.allCases)
    func `manager_auto_discovery says whether what appears is managed`(way: ConfigurationWay) async throws {
        try await ConfigurationConsole.with(links: Self.links) { console async throws in
            try await console.change("manager_auto_discovery", "false", way)
            try await console.sandbox.namespace.ip("link add d2 type bridge")
            let alias = InterfaceNames.ifAlias.appending(try await console.index("d2"))
            let known = InterfaceNames.ifAlias.appending(try await console.index("d1"))
            #expect(try await console.snmp.set(alias, "s", "new") == .refused("inconsistentValue", alias))
            #expect(try await console.snmp.set(known, "s", "old") == .done)
            try await console.change("manager_auto_discovery", "true", way)
            #expect(try await console.snmp.set(alias, "s", "new") == .done)
        }
    }

    @Test(arguments: ConfigurationWay.allCases)
    func `interface_absent says whether an interface may be awaited`(way: ConfigurationWay) async throws {
        try await ConfigurationConsole.with { console async throws in
            try await console.change("interface_absent", "\"error\"", way)
            let edit = Names.edit("interfaces.nowhere.mtu", "1400")
            #expect(try await console.snmp.set([edit]) == .done)
            #expect(try await console.perform(3) == .integer(4))
            #expect(try await console.perform(7) == .integer(3))
            try await console.change("interface_absent", "\"warning\"", way)
            try await console.commit([("interfaces.nowhere.mtu", "1400")])
        }
    }

    @Test(arguments: ConfigurationWay.allCases)
    func `interface_auto_config says whether a difference is mended or told alone`(way: ConfigurationWay) async throws {
        try await ConfigurationConsole.with(links: Self.links) { console async throws in
            let namespace = console.sandbox.namespace
            func configure(_ isMending: Bool) async throws {
                // What a file does not say is no longer configured.
                try await console.change(
                    "interface_auto_config", "\(isMending)", way, interfaces: [("d0", "mtu", "1400")])
            }
            try await configure(false)
            try await namespace.ip("link set d0 mtu 1300")
            try await eventually("the difference is told") {
                try await console.snmp.get(Names.driftCount).first?.value == .gauge32(1)
            }
            #expect(try await KernelLink.named("d0", in: namespace).mtu == 1300)
            try await configure(true)
            #expect(try await KernelLink.named("d0", in: namespace).mtu == 1400)
            try await namespace.ip("link set d0 mtu 1300")
            try await eventually("it is mended") { try await KernelLink.named("d0", in: namespace).mtu == 1400 }
        }
    }

    @Test(arguments: ConfigurationWay.allCases)
    func `interface_monitoring_enabled says whether links are told of`(way: ConfigurationWay) async throws {
        try await ConfigurationConsole.with(links: Self.links) { console async throws in
            try await TrapReceiver.with(console.sandbox) { receiver async throws in
                func count() throws -> Int {
                    try receiver.received().filter {
                        [ReceivedNotification.linkDown, ReceivedNotification.linkUp].contains($0.kind) && !$0.isInform
                    }.count
                }
                try await console.change("interface_monitoring_enabled", "false", way)
                let before = try count()
                try await console.sandbox.namespace.ip("link set d0p up")
                try await console.sandbox.namespace.ip("link set d0 up")
                let status = InterfaceNames.ifOperStatus.appending(try await console.index("d0"))
                try await eventually("the change is seen") {
                    try await console.snmp.get(status).first?.value == .integer(1)
                }
                // Notifications keep their order: that of this commit comes behind any of the link.
                try await console.change("interface_monitoring_enabled", "true", way)
                try await eventually("both commits are told") {
                    try receiver.received().filter { $0.kind == Names.changed && !$0.isInform }.count >= 2
                }
                #expect(try count() == before)
                try await console.sandbox.namespace.ip("link set d1 up")
                try await console.sandbox.namespace.ip("link set d1p up")
                _ = try await receiver.next(
                    "linkUp", matching: { $0.kind == ReceivedNotification.linkUp })
            }
        }
    }

    /// A rule that nobody may set the alias of d0 by.
    private static let rule: [(path: String, value: String)] = [
        ("policy.closed.effect", "deny"), ("policy.closed.target", "interface:d0"),
    ]

    @Test(arguments: ["security_policy_enforcement", "access_control_enabled"], ConfigurationWay.allCases)
    func `what the policy denies is refused only when it is asked and enforced`(key: String, way: ConfigurationWay)
        async throws
    {
        try await ConfigurationConsole.with(links: Self.links) { console async throws in
            let alias = InterfaceNames.ifAlias.appending(try await console.index("d0"))
            func configure(_ isOn: Bool) async throws {
                switch way {
                case .snmp: try await console.commit(Self.rule + [("network_manager.\(key)", "\(isOn)")])
                case .file:
                    let text = ConfigurationConsole.base.replacing(
                        "[network_manager]\n", with: "[network_manager]\n\(key) = \(isOn)\n")
                    let rule = "[[policy]]\nname = \"closed\"\neffect = \"deny\"\ntarget = \"interface:d0\"\n"
                    let result = try await console.apply(text + rule)
                    #expect(result.status == 0, "\(result.error)")
                }
            }
            try await configure(true)
            #expect(try await console.snmp.set(alias, "s", "x") == .refused("noAccess", alias))
            try await configure(false)
            #expect(try await console.snmp.set(alias, "s", "x") == .done)
            #expect(try await KernelLink.named("d0", in: console.sandbox.namespace).ifalias == "x")
        }
    }

    @Test(arguments: ConfigurationWay.allCases)
    func `audit_logging_enabled and encryption_enabled hold from the next start`(way: ConfigurationWay) async throws {
        try await ConfigurationConsole.with(links: Self.links) { console async throws in
            let daemon = try MortalDaemon(
                console.sandbox.processIdentifier("ORIOND_PID"), in: console.sandbox.namespace)
            defer { daemon.end() }
            func restart() async throws {
                await daemon.die()
                try await daemon.rise()
                try await console.awaitStart()
                try await console.open()
            }
            func sets() async throws -> Int { try await console.sandbox.audit().filter { $0.event == "set" }.count }
            func isReadable(_ text: String) throws -> Bool {
                let directory = console.sandbox.directory.appending(path: "state")
                let files = try FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)
                return try files.contains { file in
                    guard file.lastPathComponent.contains(".sqlite") || file.lastPathComponent.contains(".db") else {
                        return false
                    }
                    return try Data(contentsOf: file).range(of: Data(text.utf8)) != nil
                }
            }
            let alias = InterfaceNames.ifAlias.appending(try await console.index("d0"))
            #expect(try await console.snmp.set(alias, "s", "one") == .done)
            let before = try await sets()
            #expect(before > 0)
            try await console.commit([("interfaces.d1.alias", "sealed-text")])
            #expect(try !isReadable("sealed-text"))
            switch way {
            case .snmp:
                try await console.commit([
                    ("network_manager.audit_logging_enabled", "false"), ("network_manager.encryption_enabled", "false"),
                ])
            case .file:
                let keys = "[network_manager]\naudit_logging_enabled = false\nencryption_enabled = false\n"
                let result = try await console.apply(
                    ConfigurationConsole.base.replacing("[network_manager]\n", with: keys))
                #expect(result.status == 0, "\(result.error)")
            }
            try await restart()
            let recorded = try await sets()
            #expect(try await console.snmp.set(alias, "s", "two") == .done)
            #expect(try await sets() == recorded)
            try await console.commit([("interfaces.d1.alias", "plain-text")])
            #expect(try isReadable("plain-text"))
        }
    }
}
