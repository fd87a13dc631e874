import Glibc
import NetworkManagement
import NetworkModel

extension ConfigurationChange {
    /// What would leave the daemon without snmpd from its next start on, and every console without the daemon.
    static func risks(of wanted: NetworkConfiguration, from current: NetworkConfiguration) -> [ConfigurationFinding] {
        var findings: [ConfigurationFinding] = []
        let socket = wanted.agentX.socket
        if socket != current.agentX.socket, !isSocket(socket) {
            findings.append(
                .init(
                    .risk, "agentx.socket",
                    "\(socket) is no socket: from the next start on, snmpd is not reached by it and nobody is answered over "
                        + "SNMP; name what agentXSocket of snmpd.conf says"))
        }
        let user = wanted.security.snmpdUser
        if user != current.security.snmpdUser, userIdentifier(user) == nil {
            findings.append(
                .init(
                    .risk, "security.snmpd_user",
                    "there is no user \(user): from the next start on, snmpd is not talked to unless it runs as root or as "
                        + "our own user; name whom snmpd runs as"))
        }
        return findings
    }

    private static func isSocket(_ path: String) -> Bool {
        var information = stat()
        return stat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFSOCK
    }
}
