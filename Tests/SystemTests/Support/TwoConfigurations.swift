import Foundation
import SMI
import Testing

/// Two configurations that differ in every setting of every port, in what is made, and in a rule: whatever ends a commit
/// of one in the place of the other, one of them has to be in force, and whole.
struct TwoConfigurations: Sendable {
    private typealias Names = ConfigurationNames

    let console: ConfigurationConsole
    let ports: Int

    static func links(_ ports: Int) -> [String] {
        (0..<ports).map { "link add d\($0) type veth peer name p\($0)" }
    }

    /// Writes the two files.
    init(_ console: ConfigurationConsole, ports: Int) throws {
        self.console = console
        self.ports = ports
        for letter in ["a", "b"] {
            try text(letter).write(to: file(letter), atomically: false, encoding: .utf8)
        }
    }

    private func file(_ letter: String) -> URL { console.sandbox.directory.appending(path: "\(letter).toml") }

    private func text(_ letter: String) -> String {
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

    static func other(than letter: String) -> String { letter == "a" ? "b" : "a" }

    /// Begins a commit of one.
    func apply(_ letter: String, _ options: [String] = []) throws -> BackgroundProcess {
        try BackgroundProcess(
            [Host.oriond, "config", "apply", file(letter).path] + options + console.stateDirectory)
    }

    // MARK: which of the two is there

    /// What the kernel has: a letter, or everything it has when that is a mix.
    func kernel() async throws -> String {
        let links = try await KernelLink.all(in: console.sandbox.namespace)
        var seen: [String] = []
        for link in links where link.ifname.hasPrefix("made-") {
            seen.append(link.ifname == "made-\(link.ifalias ?? "")" ? link.ifalias ?? "" : "\(link.ifname) half made")
        }
        for number in 0..<ports {
            guard let link = links.first(where: { $0.ifname == "d\(number)" }) else {
                seen.append("no d\(number)")
                continue
            }
            let isUp = link.flags.contains("UP")
            switch (link.mtu, link.ifalias, isUp, link.addresses.filter { !$0.contains(":") }) {
            case (1400, "a", true, ["192.0.2.\(number + 1)/32"]): seen.append("a")
            case (1300, "b", false, ["192.0.2.\(number + 101)/32"]): seen.append("b")
            default: seen.append("d\(number): \(link.mtu) \(link.ifalias ?? "-") \(isUp) \(link.addresses)")
            }
        }
        return Set(seen).count == 1 && seen.count == ports + 1 ? seen[0] : seen.joined(separator: "; ")
    }

    /// What the MIB shows.
    private func shown() async throws -> String {
        var seen: Set<String> = []
        for binding in try await console.snmp.walk(Names.settingValue) {
            guard case .octetString(let value) = binding.value, let text = value.text else { continue }
            let path = Names.name(binding.name.words.dropFirst(Names.settingValue.count))
            if path.hasPrefix("interfaces."), path.hasSuffix(".alias") { seen.insert(text) }
            if path.hasPrefix("policy.rule-") { seen.insert(String(path.dropFirst(12).prefix(1))) }
        }
        return seen.sorted().joined(separator: "; ")
    }

    /// What the stored revision in force holds.
    private func stored() async throws -> String {
        for letter in ["a", "b"] {
            let difference = try await console.command("diff", "--file", file(letter).path)
            if difference.output == "no difference\n" { return letter }
        }
        return "another"
    }

    /// The kernel, the MIB and the store have one and the same of the two, and no revision is half way.
    ///
    /// - Returns: which.
    func expectOne(_ comment: Comment) async throws -> String {
        let found = try await kernel()
        #expect(["a", "b"].contains(found), comment)
        #expect(try await shown() == found, comment)
        #expect(try await stored() == found, comment)
        #expect(try await console.snmp.get(Names.state).first?.value == .integer(1), comment)
        let states = try await console.snmp.walk(Names.revisionState)
        #expect(states.allSatisfy { ![.integer(1), .integer(2)].contains($0.value) }, comment)
        // The newest confirmed one is in force.
        let newest = states.last { $0.value == .integer(3) }?.name.words.last
        #expect(try await console.snmp.get(Names.revision).first?.value == newest.map { Value.gauge32($0) }, comment)
        return found
    }
}
