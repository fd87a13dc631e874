import Glibc
import NetworkManagement
import NetworkModel
import SecurityTesting
import StateStore

/// Writes to the state in a directory until somebody kills it, and says on standard output, one line each, what is
/// durable: `begun N` when record N of the audit announces a change, `touched N` when the change is made, `policy N` when
/// the policy of N rules is kept.
@main struct Main {
    static func main() async throws {
        let clock = ManualClock()
        var options = StateDirectory.Options(path: CommandLine.arguments[1])
        options.audit?.maximumFileSize = 20_000
        let state = try StateDirectory(options, clock: clock, wallClock: clock, auditHealth: { _ in })
        let store = state.audit
        let audit = AuditTrail(store: store, clock: clock)
        say("open")
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<4 {
                group.addTask {
                    for number in 0... {
                        do throws(StoreError) {
                            var record = AuditRecord(.set, principal: .host, phase: .begun)
                            record.objects = [AuditObject(name: "\(task)", new: .integer(Int64(number)))]
                            let ticket = try await audit.begin(record, started: clock.now())
                            say("begun \(ticket.announcement ?? 0)")
                            ticket.end(.committed, result: "noError")
                        } catch {
                            say("failed \(error)")
                        }
                    }
                }
            }
            group.addTask {
                for count in 1... {
                    var policy = SecurityPolicy()
                    policy.rules = (0..<count % 50).map { SecurityRule(name: "rule \($0)", effect: .permit) }
                    policy.groups = [PrincipalGroup(name: "group \(count % 50)", members: [])]
                    do throws(StoreError) {
                        try await state.database.savePolicy(policy)
                        say("policy \(count % 50)")
                    } catch {
                        say("failed \(error)")
                    }
                }
            }
        }
    }

    /// One write, so that lines of several threads do not mix and none is held back.
    static func say(_ line: String) {
        let octets = Array((line + "\n").utf8)
        _ = write(1, octets, octets.count)
    }
}
