import EventLoop
import LinuxPlatform
import Logging
import NetworkManagement
import OrionMIB
import ServiceLifecycle

/// Listens to what snmpd's module tells of snmpd's own access control.
struct RefusalService: Service {
    let loop: EventLoop
    let path: String
    /// The users as whom snmpd may run.
    let trusted: Set<UInt32>
    let security: SecurityManager
    let objects: SecurityObjects

    /// How many are taken in before others have their turn.
    private static let most = 64

    func run() async throws {
        let socket: AttributedDatagramSocket
        do {
            socket = try AttributedDatagramSocket(path: path, maximumLength: RefusalReport.maximumLength)
        } catch {
            Logger(label: "oriond.security").notice(
                "what snmpd itself refuses is not heard of", metadata: ["reason": "\(error)"])
            try? await gracefulShutdown()
            return
        }
        loop.perform { [self] in
            loop.watch(socket.descriptor, for: .read) { _ in drain(socket) }
        }
        try? await gracefulShutdown()
        socket.remove()
        loop.perform { [self] in loop.unwatch(socket.descriptor) }
    }

    private func drain(_ socket: AttributedDatagramSocket) {
        for _ in 0..<Self.most {
            switch socket.receive() {
            case .none: return
            case .unusable(let reason): security.disbelieved(report: "a report \(reason)")
            case .datagram(let octets, let user):
                guard trusted.contains(user) else {
                    security.disbelieved(report: "a report by user \(user), who is not snmpd's")
                    continue
                }
                take(octets)
            }
        }
    }

    private func take(_ octets: [UInt8]) {
        do {
            if AgentAccess.isClaimed(by: octets) {
                security.learn(try AgentAccess(parsing: octets))
            } else {
                let report = try RefusalReport(parsing: octets)
                security.agentRefused(report, object: objects.name(ofObject: report.object))
            }
        } catch {
            security.disbelieved(report: "\(error)")
        }
    }
}
