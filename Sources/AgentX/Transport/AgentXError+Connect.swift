import Glibc

extension AgentXError {
    /// What connect(2) on the master agent's socket failed with, and what to do about it.
    init(connecting path: String, errno code: Int32) {
        let message =
            switch code {
            case EACCES, EPERM:
                """
                no permission for \(path): put "agentXPerms 0770 0770 root GROUP" with a group of this process into \
                snmpd.conf, and see that the process may search the directory
                """
            case ENOENT, ENOTDIR:
                """
                there is no \(path): put "master agentx" and "agentXSocket unix:\(path)" into snmpd.conf, and start \
                snmpd
                """
            case ECONNREFUSED: "nobody listens at \(path): start snmpd"
            case EAGAIN: "too many connections wait at \(path)"
            case ENOTSOCK, EPROTOTYPE: "\(path) is no stream socket: set agentXSocket to the one of snmpd"
            default: "cannot connect to \(path)"
            }
        self.init(.socket, message, errno: code)
    }
}
