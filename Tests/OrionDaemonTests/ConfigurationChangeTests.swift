import NetworkManagement
import NetworkModel
import Testing

@testable import OrionDaemon

@Suite struct ConfigurationChangeTests {
    @Test func `a socket that is none, and a user that is nobody, are risks when they are new`() {
        var wanted = NetworkConfiguration()
        #expect(ConfigurationChange.risks(of: wanted, from: NetworkConfiguration()).isEmpty)
        wanted.agentX.socket = "/nowhere/at/all"
        wanted.security.snmpdUser = "no-such-user"
        let risks = ConfigurationChange.risks(of: wanted, from: NetworkConfiguration())
        #expect(risks.map(\.setting) == ["agentx.socket", "security.snmpd_user"])
        #expect(risks.allSatisfy { $0.severity == .risk })
        #expect(ConfigurationChange.risks(of: wanted, from: wanted).isEmpty)
    }

    @Test func `nothing changed means nothing to do`() {
        let change = ConfigurationChange(from: NetworkConfiguration(), to: NetworkConfiguration())
        #expect(change.applied.isEmpty && change.waiting.isEmpty)
        #expect(change.effective == NetworkConfiguration())
    }

    @Test func `what needs a restart keeps its value, the rest is taken over`() {
        var wanted = NetworkConfiguration()
        wanted.networkManager.managerMaxInterfaces = 100
        wanted.log.level = .debug
        wanted.agentX.socket = "/elsewhere"
        let change = ConfigurationChange(from: NetworkConfiguration(), to: wanted)
        #expect(change.applied == ["network_manager.manager_max_interfaces", "log.level"])
        #expect(change.waiting == ["agentx.socket"])
        #expect(change.effective.networkManager.managerMaxInterfaces == 100)
        #expect(change.effective.log.level == .debug)
        #expect(change.effective.agentX.socket == "/var/agentx/master")
    }
}
