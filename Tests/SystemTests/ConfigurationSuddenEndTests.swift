import Foundation
import SMI
import Testing

/// Commits while oriond is killed: at each new start the kernel, the store and the MIB agree.
@Suite(.serialized, .enabled(if: Host.canRunSandboxes, Comment(rawValue: Host.whyNot)))
struct ConfigurationSuddenEndTests {
    private static let kills = 30

    @Test func `oriond killed at random moments of commits leaves the old revision or the new one`() async throws {
        let ports = 12
        try await ConfigurationConsole.with(links: TwoConfigurations.links(ports)) { console async throws in
            let sandbox = console.sandbox
            let two = try TwoConfigurations(console, ports: ports)
            let oriond = try MortalDaemon(sandbox.processIdentifier("ORIOND_PID"), in: sandbox.namespace)
            defer { oriond.end() }
            // How long a commit takes here says among which moments to choose.
            var longest = Duration.zero
            for letter in ["a", "b", "a"] {
                let began = ContinuousClock.now
                let commit = try two.apply(letter)
                #expect(await commit.exitStatus() == 0, "\(commit.error)")
                commit.removeOutput()
                longest = ContinuousClock.now - began
            }
            var old = try await two.expectOne("three commits")
            var outcomes: [String: Int] = [:]
            for kill in 0..<Self.kills {
                let new = TwoConfigurations.other(than: old)
                let mustReturn = kill % 3 == 2
                let commit = try two.apply(new, mustReturn ? ["--confirm-within", "600"] : [])
                let moment = Double.random(in: 0.1...1.1)
                try await Task.sleep(for: longest * moment)
                await oriond.die()
                let wasAnswered = await commit.exitStatus() == 0
                commit.removeOutput()
                try await oriond.rise()
                try await console.awaitStart()

                let comment: Comment = "kill \(kill) at \(moment) of a commit, from \(old) to \(new)"
                let found = try await two.expectOne(comment)
                if mustReturn { #expect(found == old, comment) }
                if wasAnswered, !mustReturn { #expect(found == new, comment) }
                outcomes[found == new ? "new" : "old", default: 0] += 1
                guard found.count == 1 else { return }
                old = found
            }
            print("\(Self.kills) kills within \(longest): \(outcomes)")
            #expect(try await sandbox.verifyAudit().status == 0)
        }
    }

    /// By default, commits end before every third of their calls, beginning with another one each time; ORION_INSTANTS
    /// = all has them end before each.
    @Test(arguments: [false, true])
    func `oriond killed before each step of a commit leaves the old revision or the new one`(
        mustReturn: Bool
    ) async throws {
        let ports = 2
        let stride: Int64 = ProcessInfo.processInfo.environment["ORION_INSTANTS"] == "all" ? 1 : 3
        try await ConfigurationConsole.with(links: TwoConfigurations.links(ports)) { console async throws in
            let sandbox = console.sandbox
            let two = try TwoConfigurations(console, ports: ports)
            let instants = try await Instants(in: sandbox.directory)
            let oriond = try MortalDaemon(sandbox.processIdentifier("ORIOND_PID"), in: sandbox.namespace)
            defer { oriond.end() }
            func restart() async throws {
                try instants.arm(0)
                try await oriond.rise(instants.environment)
                try await console.awaitStart()
            }
            await oriond.die()
            try await restart()
            let first = try two.apply("a")
            #expect(await first.exitStatus() == 0, "\(first.error)")
            first.removeOutput()
            var old = try await two.expectOne("the first")
            var instant = Int64.random(in: 1...stride)
            var ends: [String] = []
            while true {
                let new = TwoConfigurations.other(than: old)
                try instants.arm(instant)
                let commit = try two.apply(new, mustReturn ? ["--confirm-within", "600"] : [])
                let wasAnswered = await commit.exitStatus() == 0
                commit.removeOutput()
                let (count, last) = try instants.state()
                // All of its calls have been seen.
                if count < instant {
                    #expect(wasAnswered)
                    break
                }
                await oriond.die()
                try await restart()
                let comment: Comment = "ended before call \(instant), \(last), from \(old) to \(new)"
                let found = try await two.expectOne(comment)
                if mustReturn { #expect(found == old, comment) }
                if wasAnswered, !mustReturn { #expect(found == new, comment) }
                ends.append("\(last): \(found == new ? "new" : "old")")
                guard found.count == 1 else { return }
                old = found
                instant += stride
            }
            print("ended before \(ends.count) of \(instant) calls: \(ends.joined(separator: ", "))")
            #expect(ends.contains { $0.hasPrefix("set link") || $0.hasPrefix("new link") }, "\(ends)")
            #expect(try await sandbox.verifyAudit().status == 0)
        }
    }
}
