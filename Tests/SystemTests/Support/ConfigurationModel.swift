import RandomTesting

/// What somebody who knows the rules expects of the configuration after each step: kept apart from the code under test.
///
/// Six ports that are there, d0 to d5; two bridges and a MACVLAN that the configuration makes. A value is as the MIB shows
/// it: text, a list with commas.
struct ConfigurationModel {
    typealias Settings = [String: String]

    /// The daemon's own setting that is changed among those of interfaces.
    static let interval = "network_manager.performance_monitoring_interval"
    /// What every file of the model says besides: that a port waits for no bridge.
    static let base = ConfigurationConsole.base.replacing(
        "[network_manager]\n", with: "[network_manager]\ninterface_absent = \"error\"\n")
    static let ports = (0..<6).map { "d\($0)" }
    static let made = ["br0", "br1", "mv0"]
    /// The port that the kernel gives no address of IPv6.
    static let withoutIPv6 = "d3"

    private(set) var running: Settings = [:]
    private(set) var revision: UInt32 = 1
    /// What each revision held.
    private(set) var contents: [UInt32: Settings] = [1: [:]]
    /// What an unconfirmed revision came from.
    private(set) var earlier: UInt32?
    /// nil: nothing is to be said of it any more.
    private(set) var edits: [String: String?] = [:]
    private(set) var base: UInt32 = 1
    /// How often each port was changed by something else since the last commit: what fights back is left alone.
    private(set) var strayed: [String: Int] = [:]

    var isUnconfirmed: Bool { earlier != nil }

    var candidate: Settings { Self.settings(running, with: edits) }

    static func settings(_ settings: Settings, with edits: [String: String?]) -> Settings {
        edits.reduce(into: settings) { $0[$1.key] = $1.value }
    }

    // MARK: what is done

    mutating func openSession() {
        edits = [:]
        base = revision
    }

    mutating func edit(_ changes: [String: String?]) {
        if edits.isEmpty { base = revision }
        edits.merge(changes) { $1 }
    }

    mutating func forgetEdit(of path: String) {
        edits[path] = nil
    }

    /// An operation of the session has ended.
    mutating func endOperation(clearing: Bool = false) {
        if clearing { edits = [:] }
        if edits.isEmpty { base = revision }
    }

    mutating func commit(_ settings: Settings, as number: UInt32, isUnconfirmed: Bool) {
        earlier = isUnconfirmed ? revision : nil
        running = settings
        revision = number
        contents[number] = settings
        strayed = [:]
    }

    mutating func confirm() { earlier = nil }

    /// The unconfirmed revision is taken back.
    mutating func takeBack() {
        guard let earlier else { return }
        revision = earlier
        running = contents[earlier] ?? [:]
        self.earlier = nil
    }

    /// The daemon was killed and has started again.
    mutating func restart() {
        takeBack()
        strayed = [:]
    }

    mutating func stray(_ port: String) { strayed[port, default: 0] += 1 }

    // MARK: what becomes of it

    /// Whether validation refuses a candidate: a port of a bridge that neither is there nor will be, or something else that
    /// is said of one.
    func isInvalid(_ candidate: Settings) -> Bool {
        func isThere(_ name: String) -> Bool { Self.exists(name, candidate) || Self.exists(name, running) }
        let isMissing = Self.made.contains { name in
            !isThere(name) && candidate.keys.contains { $0.hasPrefix("interfaces.\(name).") }
        }
        return isMissing || Self.masters(candidate, of: isThere).contains { !isThere($0) }
    }

    /// Whether the kernel refuses a step: a port of a bridge that goes, a bridge that is to be the port of a bridge, an
    /// address of IPv6 where there is no IPv6.
    func isRefusedByKernel(_ candidate: Settings) -> Bool {
        func willBe(_ name: String) -> Bool { Self.exists(name, candidate) }
        if Self.masters(candidate, of: willBe).contains(where: { !willBe($0) }) { return true }
        if willBe("br0"), candidate["interfaces.br0.master"] ?? "" != "" { return true }
        let port = "interfaces.\(Self.withoutIPv6)"
        return candidate["\(port).admin"] == "up" && candidate["\(port).addresses"]?.contains("::") == true
    }

    /// Whether an interface is there where these settings are in force.
    static func exists(_ name: String, _ settings: Settings) -> Bool {
        ports.contains(name) || settings["interfaces.\(name).kind"] != nil
    }

    /// The masters that are wanted of certain interfaces.
    private static func masters(_ candidate: Settings, of isMeant: (String) -> Bool) -> [String] {
        (ports + made).filter(isMeant).compactMap { candidate["interfaces.\($0).master"] }.filter { !$0.isEmpty }
    }

    // MARK: at random

    /// Changes of a few settings.
    static func changes(_ random: inout SeededGenerator) -> [String: String?] {
        var changes: [String: String?] = [:]
        for _ in 0..<Int.random(in: 1...5, using: &random) {
            changes.merge(change(&random)) { $1 }
        }
        return changes
    }

    private static func change(_ random: inout SeededGenerator) -> [String: String?] {
        let port = Int.random(in: 0..<ports.count, using: &random)
        let path = "interfaces.d\(port)"
        func maybe(_ value: String) -> String? { Int.random(in: 0..<4, using: &random) == 0 ? nil : value }
        switch Int.random(in: 0..<13, using: &random) {
        case 0, 1: return ["\(path).mtu": maybe("\(Int.random(in: 1280...1500, using: &random))")]
        case 2: return ["\(path).alias": maybe("port \(Int.random(in: 0..<9, using: &random))")]
        case 3: return ["\(path).admin": maybe(Bool.random(using: &random) ? "up" : "down")]
        case 4:
            let one = "10.\(port).\(Int.random(in: 0..<200, using: &random)).1/24"
            return ["\(path).addresses": maybe(Bool.random(using: &random) ? one : "\(one),192.0.2.\(port)/32")]
        case 5: return ["\(path).queue_length": maybe("\(Int.random(in: 100...999, using: &random))")]
        case 6: return ["\(path).mac": maybe("02:00:00:00:00:\(10 + Int.random(in: 0..<80, using: &random))")]
        case 7, 8:
            let master = ["br0", "br0", "br1", ""].randomElement(using: &random) ?? ""
            return ["interfaces.d\(port % 3).master": maybe(master)]
        case 9: return ["interfaces.br\(Int.random(in: 0...1, using: &random)).kind": maybe("bridge")]
        case 10:
            let key = ["alias", "admin", "addresses"].randomElement(using: &random) ?? "alias"
            let value = ["alias": "made", "admin": "up", "addresses": "198.51.100.1/24"][key] ?? ""
            return ["interfaces.br0.\(key)": maybe(value)]
        case 11:
            let isMade = Bool.random(using: &random)
            return ["interfaces.mv0.kind": isMade ? "macvlan" : nil, "interfaces.mv0.lower": isMade ? "d5" : nil]
        // Not the default, which nothing shows as said.
        default: return [interval: maybe("\(Int.random(in: 11...50, using: &random) * 100)")]
        }
    }

    /// What the kernel refuses, or may.
    static func poison(_ random: inout SeededGenerator) -> [String: String?] {
        if Bool.random(using: &random) {
            return [
                "interfaces.br0.kind": "bridge", "interfaces.br1.kind": "bridge", "interfaces.br0.master": "br1",
            ]
        }
        let port = "interfaces.\(withoutIPv6)"
        return ["\(port).addresses": "2001:db8::1/64", "\(port).admin": "up"]
    }

    /// A file that says the same.
    static func file(_ settings: Settings) -> String {
        var sections: [String: [String]] = [:]
        var text = base
        for (path, value) in settings.sorted(by: { $0.key < $1.key }) {
            let parts = path.split(separator: ".", maxSplits: 2)
            if path == interval {
                text = text.replacing("[network_manager]\n", with: "[network_manager]\n\(parts[1]) = \(value)\n")
                continue
            }
            let written =
                switch parts[2] {
                case "mtu", "queue_length": value
                case "addresses": "[" + value.split(separator: ",").map { "\"\($0)\"" }.joined(separator: ", ") + "]"
                default: "\"\(value)\""
                }
            sections[String(parts[1]), default: []].append("\(parts[2]) = \(written)")
        }
        for (name, lines) in sections.sorted(by: { $0.key < $1.key }) {
            text += "[interfaces.\(name)]\n" + lines.joined(separator: "\n") + "\n"
        }
        return text
    }
}
