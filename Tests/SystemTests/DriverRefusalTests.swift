import Foundation
import SMI
import Testing

/// Drivers on a kernel that takes none. Where it does, `Tests/Lab` has the real ones.
@Suite(.serialized, .enabled(if: Host.canRunSandboxes, Comment(rawValue: Host.whyNot)))
struct DriverRefusalTests {
    /// orionDriverModuleSupport and the reason that the audit has to give; nil where modules can be loaded.
    private static let obstacle: (support: Int32, reason: String)? = {
        guard FileManager.default.fileExists(atPath: "/proc/modules") else {
            return (2, "the kernel is built without modules")
        }
        let release = (try? String(contentsOfFile: "/proc/sys/kernel/osrelease", encoding: .utf8)) ?? ""
        let folder = "/lib/modules/\(release.trimmingCharacters(in: .whitespacesAndNewlines))"
        guard FileManager.default.fileExists(atPath: "\(folder)/modules.dep.bin") else {
            return (3, "there are no modules for the running kernel")
        }
        return nil
    }()

    @Test(.enabled(if: obstacle != nil, "modules can be loaded here"))
    func `where no module can be loaded, that is shown, and the audit says why one was not`() async throws {
        let obstacle = try #require(Self.obstacle)
        try await Sandbox.with { sandbox async throws in
            let snmp = try sandbox.snmp(as: .admin)
            let support: OID = [1, 3, 6, 1, 4, 1, 32473, 77, 2, 3, 1, 1, 1, 0]
            #expect(try await snmp.get(support).first?.value == .integer(obstacle.support))

            // orionOperationEntry; the row "lab", 1.
            let entry: OID = [1, 3, 6, 1, 4, 1, 32473, 77, 2, 2, 1, 2, 1]
            func cell(_ column: UInt32) -> OID { entry.appending([column, 3, 108, 97, 98, 1]) }
            let outcome = try await snmp.set([
                (cell(3), type: "o", value: "1.3.6.1.4.1.32473.77.2.3.3.1"), (cell(4), type: "o", value: "0.0"),
                (cell(5), type: "s", value: "e1000"), (cell(17), type: "i", value: "4"),
            ])
            #expect(outcome == .refused("inconsistentValue", cell(17)))
            #expect(try await snmp.get(cell(6)).first?.value == .noSuchInstance)
            let refusal = try await sandbox.audit().last { $0.phase == "refused" }
            #expect(refusal?.user == "admin")
            #expect(refusal?.reason?.contains(obstacle.reason) == true, "\(refusal?.reason ?? "no record")")
        }
    }
}
