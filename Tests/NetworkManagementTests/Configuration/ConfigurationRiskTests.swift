import NetworkManagement
import NetworkModel
import PlatformTesting
import Testing

/// What would cut off whoever manages the host is flagged, and done.
struct ConfigurationRiskTests {
    private static let address = SourceAddress.ipv4(0xC000_0201, port: 161)

    private let console = Principal(
        name: Array("ops".utf8), model: .usm, level: .authPriv, source: Self.address)

    /// A console behind a bridge of three ports, of which two are up.
    private func bridged() async throws -> ConfigurationFixture {
        let host = ConfigurationFixture()
        host.platform.put("br0") { link in
            link.kind = "bridge"
            link.isUp = true
        }
        // As small as they can be: validation refuses a bridge whose MTU is below its ports'.
        for number in 0..<3 {
            host.platform.put("eth\(number)") { link in
                link.master = "br0"
                link.mtu = 68
            }
        }
        host.platform.put("eth2") { $0.isUp = false }
        host.platform.setWay("br0")
        try await host.restart()
        return host
    }

    private func risks(
        _ settings: [String: SettingValue], on host: ConfigurationFixture, by principal: Principal? = nil
    ) -> [ConfigurationFinding] {
        let request = ConfigurationRequest(principal ?? console, .snmp)
        let outcome = host.manager.validate(configuration(settings), request)
        #expect(outcome.failure == nil, "\(outcome)")
        return outcome.findings.filter { $0.severity == .risk }
    }

    @Test func `what would cut the way to whoever asks is flagged`() async throws {
        let host = ConfigurationFixture()
        try await host.restart()
        host.platform.setWay("eth0")
        let found = risks(
            ["interfaces.eth0.admin": .text("down"), "interfaces.eth1.admin": .text("down")], on: host)
        #expect(found.map(\.setting) == ["interfaces.eth0.admin"])
        #expect(found.first?.text.contains("that is the way by which you talk to this host") == true)
    }

    @Test(
        arguments: [
            ("interfaces.br0.mtu", .integer(68), true), ("interfaces.br0.mtu", .integer(1400), false),
            ("interfaces.br0.mac", .text("02:00:00:00:99:99"), true), ("interfaces.br0.alias", .text("x"), false),
            ("interfaces.br0.admin", .text("down"), true), ("interfaces.eth3.admin", .text("down"), false),
            ("interfaces.eth3.mac", .text("02:00:00:00:99:99"), false),
        ] as [(String, SettingValue, Bool)])
    func `what makes a bridge unreachable is flagged, and nothing else`(
        _ path: String, _ value: SettingValue, _ isRisk: Bool
    ) async throws {
        let host = try await bridged()
        let found = risks([path: value], on: host).map(\.setting)
        #expect(found == (isRisk ? [path] : []))
    }

    @Test func `a port of a bridge may be the one that is used, and the last ones are`() async throws {
        let host = try await bridged()
        let one = risks(["interfaces.eth0.admin": .text("down")], on: host)
        #expect(one.map(\.setting) == ["interfaces.eth0.admin"])
        #expect(one.first?.text.contains("that may be the way") == true)
        let removed = risks(["interfaces.eth1.master": .text("")], on: host)
        #expect(removed.map(\.setting) == ["interfaces.eth1.master"])
        // One that is down carries nothing.
        #expect(risks(["interfaces.eth2.master": .text("")], on: host).isEmpty)
        let all = risks(
            ["interfaces.eth0.admin": .text("down"), "interfaces.eth1.master": .text("")], on: host)
        #expect(Set(all.map(\.setting)) == ["interfaces.eth0.admin", "interfaces.eth1.master"])
        #expect(all.allSatisfy { $0.text.contains("that is the way") })
    }

    @Test func `of a bond the last port that is up is needed`() async throws {
        let host = ConfigurationFixture()
        host.platform.put("bond0") { link in
            link.kind = "bond"
            link.isUp = true
        }
        for number in 0..<2 { host.platform.put("eth\(number)") { $0.master = "bond0" } }
        host.platform.put("v0") { link in
            link.kind = "vlan"
            link.lower = "bond0"
        }
        host.platform.setWay("v0")
        try await host.restart()
        #expect(risks(["interfaces.eth0.admin": .text("down")], on: host).isEmpty)
        let both = ["interfaces.eth0.admin": SettingValue.text("down"), "interfaces.eth1.admin": .text("down")]
        #expect(risks(both, on: host).count == 2)
    }

    @Test func `a command on the host that cuts off who managed it lately is flagged`() async throws {
        let host = ConfigurationFixture()
        try await host.restart()
        host.platform.setWay("eth0")
        let down: [String: SettingValue] = ["interfaces.eth0.admin": .text("down")]
        #expect(risks(down, on: host, by: .host).isEmpty)
        host.target.setManagers([Self.address])
        let found = risks(down, on: host, by: .host)
        #expect(found.first?.text.contains("the way by which 192.0.2.1 manages this host") == true, "\(found)")
    }

    @Test func `a policy that would leave nobody to confirm it is flagged`() async throws {
        let host = ConfigurationFixture()
        try await host.restart()
        let closed: [String: SettingValue] = [
            "policy.closed.effect": .text("deny"), "policy.closed.principal": .text("name:ops"),
        ]
        let found = risks(closed, on: host)
        #expect(found.map(\.setting) == ["policy.closed.effect"])
        #expect(found.first?.text.contains("denies ops to configure the system") == true)
        // Somebody else, one interface, and what is not judged.
        #expect(risks(closed.merging(["policy.closed.principal": .text("name:x")]) { $1 }, on: host).isEmpty)
        #expect(risks(closed.merging(["policy.closed.target": .text("interface:eth0")]) { $1 }, on: host).isEmpty)
        let open: [String: SettingValue] = ["network_manager.access_control_enabled": .boolean(false)]
        #expect(risks(closed.merging(open) { $1 }, on: host).isEmpty)
        #expect(risks(closed, on: host, by: .host).isEmpty)
    }
}
