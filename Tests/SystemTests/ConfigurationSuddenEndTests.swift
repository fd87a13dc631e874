import Foundation
import SMI
import Testing

/// Commits while oriond is killed: at each new start the kernel, the store and the MIB agree.
@Suite(.serialized, .enabled(if: Host.canRunSandboxes, Comment(rawValue: Host.whyNot)))
struct ConfigurationSuddenEndTests {
    private typealias Names = ConfigurationNames

    private static let ports = 12
    private static let kills = 30

    /// Two configurations that differ in every setting of every port, in what is made, and in a rule.
    private static func text(_ letter: String) -> String {
        let isFirst = letter == "a"
        var text = ConfigurationConsole.base
        for number in 0..<ports {
            text += """
                [interfaces.d\(number)]
                mtu = \(isFirst ? 1400 : 1300)
                alias = "\(letter)"
                addresses = ["192.0.2.\(number + (isFirst ? 1 : 101))/32"]
                admin = "\(isFirst ? "up" : "down")"

                """
        }
        text += "[interfaces.made-\(letter)]\nkind = \"bridge\"\nalias = \"\(letter)\"\n"
        return text + "[[policy]]\nname = \"rule-\(letter)\"\neffect = \"permit\"\n"
    }

    /// Which of the two the kernel has: its letter, or everything it has when that is a mix.
    private func kernel(_ console: ConfigurationConsole) async throws -> String {
        let namespace = console.sandbox.namespace
        let links = try await KernelLink.all(in: namespace)
        let addresses = try await succeed(["ip", "-n", namespace.name, "-4", "-o", "addr"])
        var seen: [String] = []
        for link in links where link.ifname.hasPrefix("made-") {
            seen.append(link.ifname == "made-\(link.ifalias ?? "")" ? link.ifalias ?? "" : "\(link.ifname) half made")
        }
        for number in 0..<Self.ports {
            guard let link = links.first(where: { $0.ifname == "d\(number)" }) else {
                seen.append("no d\(number)")
                continue
            }
            let isUp = link.flags.contains("UP")
            let first = addresses.contains(" 192.0.2.\(number + 1)/32 ")
            let second = addresses.contains(" 192.0.2.\(number + 101)/32 ")
            switch (link.mtu, link.ifalias, isUp, first, second) {
            case (1400, "a", true, true, false): seen.append("a")
            case (1300, "b", false, false, true): seen.append("b")
            default:
                seen.append("d\(number): \(link.mtu) \(link.ifalias ?? "-") \(isUp) \(first) \(second)")
            }
        }
        return Set(seen).count == 1 && seen.count == Self.ports + 1 ? seen[0] : seen.joined(separator: "; ")
    }

    /// Which of the two the MIB shows.
    private func shown(_ console: ConfigurationConsole) async throws -> String {
        var seen: Set<String> = []
        for binding in try await console.snmp.walk(Names.settingValue) {
            guard case .octetString(let value) = binding.value, let text = value.text else { continue }
            let name = binding.name.words.dropFirst(Names.settingValue.count + 1).map { UInt8(truncatingIfNeeded: $0) }
            let path = String(decoding: name, as: UTF8.self)
            if path.hasPrefix("interfaces."), path.hasSuffix(".alias") { seen.insert(text) }
            if path.hasPrefix("policy.rule-") { seen.insert(String(path.dropFirst(12).prefix(1))) }
        }
        return seen.sorted().joined(separator: "; ")
    }

    /// Which of the two the stored revision in force holds.
    private func stored(_ console: ConfigurationConsole, _ files: [String: URL]) async throws -> String {
        for (letter, file) in files {
            if try await console.command("diff", "--file", file.path).output == "no difference\n" { return letter }
        }
        return "another"
    }

    @Test func `oriond killed at random moments of commits leaves the old revision or the new one`() async throws {
        let links = (0..<Self.ports).map { "link add d\($0) type veth peer name p\($0)" }
        try await ConfigurationConsole.with(links: links) { console async throws in
            let sandbox = console.sandbox
            var files: [String: URL] = [:]
            for letter in ["a", "b"] {
                files[letter] = sandbox.directory.appending(path: "\(letter).toml")
                try Self.text(letter).write(
                    to: try #require(files[letter]), atomically: false, encoding: .utf8)
            }
            let oriond = try MortalDaemon(sandbox.processIdentifier("ORIOND_PID"), in: sandbox.namespace)
            defer { oriond.end() }
            func apply(_ letter: String, _ options: [String]) throws -> BackgroundProcess {
                try BackgroundProcess(
                    [Host.oriond, "config", "apply", files[letter]?.path ?? ""] + options + console.stateDirectory)
            }
            // How long a commit takes here says among which moments to choose.
            var longest = Duration.zero
            for letter in ["a", "b", "a"] {
                let began = ContinuousClock.now
                let commit = try apply(letter, [])
                #expect(await commit.exitStatus() == 0, "\(commit.error)")
                commit.removeOutput()
                longest = ContinuousClock.now - began
            }
            #expect(try await kernel(console) == "a")
            var old = "a"
            var outcomes: [String: Int] = [:]
            for kill in 0..<Self.kills {
                let new = old == "a" ? "b" : "a"
                let mustReturn = kill % 3 == 2
                let commit = try apply(new, mustReturn ? ["--confirm-within", "600"] : [])
                let moment = Double.random(in: 0.1...1.1)
                try await Task.sleep(for: longest * moment)
                await oriond.die()
                let wasAnswered = await commit.exitStatus() == 0
                commit.removeOutput()
                try await oriond.rise()
                try await console.awaitStart()

                let found = try await kernel(console)
                let comment: Comment = "kill \(kill) at \(moment) of a commit, from \(old) to \(new): \(found)"
                #expect([old, new].contains(found), comment)
                if mustReturn { #expect(found == old, comment) }
                if wasAnswered, !mustReturn { #expect(found == new, comment) }
                #expect(try await shown(console) == found, comment)
                #expect(try await stored(console, files) == found, comment)
                #expect(try await console.snmp.get(Names.state).first?.value == .integer(1), comment)
                // No revision is half way, and the newest confirmed one is in force.
                let states = try await console.snmp.walk(Names.revisionState)
                #expect(states.allSatisfy { ![.integer(1), .integer(2)].contains($0.value) }, comment)
                let newest = states.last { $0.value == .integer(3) }?.name.words.last
                #expect(
                    try await console.snmp.get(Names.revision).first?.value == newest.map { Value.gauge32($0) }, comment
                )
                let last = states.last?.value == .integer(4) ? "taken back" : "no trace of it"
                outcomes[found == new ? "new" : "old, \(last)", default: 0] += 1
                guard found.count == 1 else { return }
                old = found
            }
            print("\(Self.kills) kills within \(longest): \(outcomes)")
            #expect(try await sandbox.verifyAudit().status == 0)
        }
    }
}
