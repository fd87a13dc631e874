import Foundation
import Testing

/// Random sequences of everything that can happen to a configuration, on the real kernel.
@Suite(.serialized, .enabled(if: Host.canRunSandboxes, Comment(rawValue: Host.whyNot)))
struct ConfigurationPropertyTests {
    /// ORION_PROPERTY_STEPS makes the walk longer, and ORION_PROPERTY_SEED repeats one.
    @Test func `edits, commits, failures, kills and roll-backs: kernel, store and MIB agree at every rest`()
        async throws
    {
        let environment = ProcessInfo.processInfo.environment
        let steps = environment["ORION_PROPERTY_STEPS"].flatMap { Int($0) } ?? 150
        let seed = environment["ORION_PROPERTY_SEED"].flatMap { UInt64($0) } ?? .random(in: 0..<1 << 32)
        print("ORION_PROPERTY_SEED=\(seed) ORION_PROPERTY_STEPS=\(steps)")
        try await ConfigurationConsole.with(base: ConfigurationModel.base, links: ConfigurationWalk.links) {
            console async throws in
            let sandbox = console.sandbox
            let oriond = try MortalDaemon(sandbox.processIdentifier("ORIOND_PID"), in: sandbox.namespace)
            defer { oriond.end() }
            let walk = try await ConfigurationWalk(console, oriond, seed: seed)
            var trail: [String] = []
            for step in 1...steps {
                trail.append(try await walk.next())
                try await walk.expectAgreement(
                    "seed \(seed), step \(step): \(trail.suffix(4).joined(separator: "; "))")
            }
            print(walk.made.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", "))
            #expect(try await sandbox.verifyAudit().status == 0)
        }
    }
}
