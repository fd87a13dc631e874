import NetworkModel
import Testing

@testable import OrionDaemon

/// A document that must be refused: the line that is named (nil: none), and a part of the message.
struct BadDocument: Sendable, CustomTestStringConvertible {
    let text: String
    let line: Int?
    let message: String

    init(_ text: String, line: Int?, _ message: String) {
        self.text = text
        self.line = line
        self.message = message
    }

    var testDescription: String { String(text.prefix(60)).debugDescription }
}

@Suite struct ConfigurationReaderTests {
    static let badDocuments: [BadDocument] = [
        // Values.
        BadDocument(
            "[network_manager]\nmanager_timeout = \"30\"", line: 2,
            "[network_manager] manager_timeout: expected an integer from 100 to 3600000 (milliseconds), found the string \"30\""
        ),
        BadDocument(
            "[network_manager]\nmanager_timeout = 99", line: 2,
            "expected an integer from 100 to 3600000 (milliseconds), found the integer 99"),
        BadDocument("[network_manager]\nmanager_timeout = 3600001", line: 2, "found the integer 3600001"),
        BadDocument("[network_manager]\nmanager_timeout = -1", line: 2, "found the integer -1"),
        BadDocument("[network_manager]\nmanager_timeout = 30000.0", line: 2, "found the number 30000.0"),
        BadDocument("[network_manager]\nmanager_timeout = nan", line: 2, "found the number nan"),
        BadDocument("[network_manager]\nmanager_timeout = 9223372036854775807", line: 2, "integer 9223372036854775807"),
        BadDocument("[network_manager]\nmanager_timeout = 2025-01-01", line: 2, "found a date or time"),
        BadDocument("[network_manager]\nmanager_timeout = 12:00:00", line: 2, "found a date or time"),
        BadDocument("[network_manager]\nmanager_timeout = [30000]", line: 2, "found an array"),
        BadDocument("[network_manager]\nmanager_timeout = { value = 30000 }", line: 2, "found a table"),
        BadDocument("[network_manager]\nmanager_max_drivers = 0", line: 2, "from 1 to 65535, found the integer 0"),
        BadDocument("[network_manager]\nmanager_max_drivers = 65536", line: 2, "found the integer 65536"),
        BadDocument("[network_manager]\nmanager_max_interfaces = true", line: 2, "found the boolean true"),
        BadDocument("[network_manager]\ndriver_auto_load = 1", line: 2, "expected true or false, found the integer 1"),
        BadDocument("[network_manager]\ndriver_auto_load = \"true\"", line: 2, "found the string \"true\""),
        BadDocument(
            "[network_manager]\nperformance_monitoring_interval = 10", line: 2,
            "[network_manager] performance_monitoring_interval: expected an integer from 100"),
        BadDocument("[agentx]\npriority = 127", line: 2, "[agentx] priority: expected an integer from 1 to 126"),
        BadDocument("[agentx]\nsocket = \"var/agentx\"", line: 2, "expected an absolute path of at most 107 octets"),
        BadDocument("[agentx]\nsocket = \"\"", line: 2, "found the string \"\""),
        BadDocument("[agentx]\nsocket = \"/\(String(repeating: "x", count: 107))\"", line: 2, "at most 107 octets"),
        BadDocument("[agentx]\nsocket = \"a\\nb\\u001b[31m\"", line: 2, "found the string \"a\\nb\\u{1b}[31m\""),
        BadDocument(
            "[log]\nlevel = \"verbose\"", line: 2,
            "[log] level: expected one of \"trace\", \"debug\", \"info\", \"notice\", \"warning\", \"error\", \"critical\""
        ),
        BadDocument("[log]\nlevel = \"INFO\"", line: 2, "found the string \"INFO\""),
        BadDocument("[log]\ndestination = \"syslog\"", line: 2, "expected one of \"auto\", \"stderr\", \"journald\""),
        // Names.
        BadDocument(
            "[network_manager]\n\nmanager_timeot = 1", line: 3,
            "[network_manager] manager_timeot: expected a key of this section (did you mean manager_timeout?), found an unknown key"
        ),
        BadDocument("[network_manager]\nMANAGER_TIMEOUT = 30000", line: 2, "found an unknown key"),
        BadDocument("[network_manager]\n\"\" = 1", line: 2, "found an unknown key"),
        BadDocument("[network_manager]\n\"manager_timeout \" = 1", line: 2, "found an unknown key"),
        BadDocument(
            "# nothing\n\n[networkmanager]\n", line: 3,
            "[networkmanager]: expected one of the sections [network_manager]"),
        BadDocument("manager_timeout = 30000", line: 1, "manager_timeout: expected a section"),
        BadDocument("network_manager = 5", line: 1, "[network_manager]: expected a table, found the integer 5"),
        BadDocument("[[agentx]]\npriority = 100", line: 1, "expected a table, found an array"),
        BadDocument(
            "[log.deep]\nlevel = 1", line: 1, "[log] deep: expected a key of this section, found an unknown key"),
        BadDocument("[log]\nlevel.of = \"info\"", line: 2, "[log] level: expected one of"),
        BadDocument("[\"log\\u001b\"]\n", line: 1, "[log\\u{1b}]: expected one of the sections"),
        // Where a key can hide.
        BadDocument("network_manager.manager_timeout = 1", line: 1, "[network_manager] manager_timeout: expected"),
        BadDocument("\nlog = { level = \"x\" }", line: 2, "[log] level: expected one of"),
        BadDocument("[log]\n'level' = 5", line: 2, "[log] level: expected one of"),
        BadDocument("[log]\n\"le\\u0076el\" = 5", line: 2, "[log] level: expected one of"),
        BadDocument("[ log ] # a comment\n\t level\t=\t5 # [agentx]\n", line: 2, "[log] level: expected one of"),
        BadDocument("[agentx]\nsocket = '''/x\n[log]\nlevel = 5\n'''\npriority = 0\n", line: 6, "[agentx] priority"),
        BadDocument("[agentx]\nsocket = \"\"\"/x\\\"\"\"\n\\\\\"\"\"\npriority = 0\n", line: 4, "[agentx] priority"),
        BadDocument("[log]\r\nlevel = \"info\"\r\n\r\n[agentx]\r\npriority = 0\r\n", line: 5, "[agentx] priority"),
        BadDocument("\u{FEFF}[agentx]\npriority = 0\n", line: 2, "[agentx] priority"),
        // What is not TOML.
        BadDocument("[network_manager", line: 1, "expected TOML: "),
        BadDocument("[network_manager]\nmanager_timeout = ", line: 2, "expected a value, found none"),
        BadDocument("[network_manager]\nmanager_timeout 5", line: 2, "expected TOML: "),
        BadDocument("[log]\nlevel = \"info\nx = 1", line: 2, "expected TOML: "),
        BadDocument("[log]\nlevel = info", line: 2, "expected TOML: "),
        BadDocument("[log]\n\n\nlevel = \"\\q\"", line: 4, "expected TOML: "),
        BadDocument("[log]\nlevel = \"info\"\nlevel = \"debug\"", line: 3, "expected TOML: "),
        BadDocument("[log]\nlevel = \"info\"\n[agentx]\n[log]\n", line: 4, "expected TOML: "),
        BadDocument("log.level = \"info\"\n[log]\n", line: 2, "expected TOML: "),
        BadDocument("[network_manager]\nmanager_timeout = 99999999999999999999", line: 2, "expected TOML: "),
        BadDocument("[network_manager]\nmanager_timeout = 0123", line: 2, "expected TOML: "),
        BadDocument("{\"log\": {}}", line: 1, "expected TOML: "),
        BadDocument("<log/>", line: 1, "expected TOML: "),
        BadDocument("level: info", line: 1, "expected TOML: "),
        BadDocument("[log]\n\u{1}\n", line: 2, "expected TOML: "),
        BadDocument("[agentx]\nsocket = \"/a\\u0000b\"", line: 2, "expected text, found an escaped NUL"),
        BadDocument("[agentx]\n\"a\\U00000000b\" = 1", line: 2, "expected text, found an escaped NUL"),
        // What the parser would crash on.
        BadDocument("[=]\n", line: 1, "expected the name of a table after [, found none"),
        BadDocument("\n[ #log ]\n", line: 2, "expected the name of a table after [, found none"),
        BadDocument("[[\n", line: 1, "expected the name of a table after [, found none"),
        BadDocument("[", line: 1, "expected the name of a table after [, found none"),
        BadDocument("[]", line: 1, "expected the name of a table after [, found none"),
        BadDocument("a = [1, }", line: 1, "expected a value, found none"),
        BadDocument("a = [\u{2028}]", line: 1, "expected a value, found none"),
        BadDocument("a = 1\u{A0}", line: 1, "found something else"),
        BadDocument(
            "a = " + String(repeating: "1", count: 65), line: 1, "of at most 64 characters, found a longer one"),
        BadDocument("[é]", line: 1, "expected the name of a table after [, found none"),
        BadDocument("\na" + String(repeating: ".a", count: 400_000) + " = 1", line: 2, "at most 16 levels of nesting"),
        BadDocument("[" + String(repeating: "a.", count: 400_000) + "a]", line: 1, "at most 16 levels of nesting"),
        BadDocument("a = " + String(repeating: "[", count: 400_000), line: 1, "at most 16 levels of nesting"),
        BadDocument("a = " + String(repeating: "{a=", count: 600_000), line: 1, "at most 16 levels of nesting"),
        BadDocument(
            "a = [\n" + String(repeating: "{a.a.a.a.a.a=[\n", count: 9000), line: 4, "at most 16 levels of nesting"),
    ]

    @Test(arguments: badDocuments)
    func `a bad document is refused with its line and the reason`(bad: BadDocument) throws {
        let error = try #require(throws: ConfigurationError.self) {
            try ConfigurationReader.read(bad.text, file: "oriond.toml")
        }
        let problem = try #require(error.problems.first)
        let place = bad.line.map { "oriond.toml:\($0): " } ?? "oriond.toml: "
        #expect(problem.line == bad.line)
        #expect(problem.description.hasPrefix(place))
        #expect(problem.description.contains(bad.message))
        #expect(!problem.description.unicodeScalars.contains { $0.properties.generalCategory == .control })
    }

    @Test func `every problem is told, in the order of the lines`() throws {
        let error = try #require(throws: ConfigurationError.self) {
            try ConfigurationReader.read("[log]\nlevel = 1\n[agentx]\npriority = 0\nx = 1\n[y]\n", file: "f")
        }
        #expect(error.problems.map(\.line) == [2, 4, 5, 6])
    }

    @Test func `of very many problems the first twenty are told, and how many there are`() throws {
        let keys = (0..<5000).map { "key\($0) = 1\n" }.joined()
        let error = try #require(throws: ConfigurationError.self) {
            try ConfigurationReader.read("[log]\n" + keys, file: "f")
        }
        #expect(error.problems.map(\.line) == Array(2...21))
        #expect(error.description.hasSuffix("\nand 4980 more"))
    }

    @Test(arguments: ["", "\n\n# nothing\n", "[network_manager]\n", "network_manager = {}\n", "\u{FEFF}"])
    func `a document that sets nothing means the defaults`(text: String) throws {
        #expect(try ConfigurationReader.read(text, file: "f") == NetworkConfiguration())
    }

    @Test func `the ends of each range are taken, and what is one beyond is not`() throws {
        for setting in Setting.all {
            guard case .integer(let range, _) = setting.syntax else { continue }
            for (value, isAccepted) in [
                (range.lowerBound, true), (range.upperBound, true), (range.lowerBound - 1, false),
                (range.upperBound + 1, false),
            ] {
                let text = "[\(setting.section)]\n\(setting.key) = \(value)\n"
                let configuration = try? ConfigurationReader.read(text, file: "f")
                #expect((configuration != nil) == isAccepted, "\(text)")
                if let configuration { #expect(setting.value(in: configuration) == .integer(value)) }
            }
        }
    }

    @Test func `each key changes its own setting and no other`() throws {
        for setting in Setting.all {
            let changed: SettingValue =
                switch (setting.syntax, setting.defaultValue) {
                case (.boolean, let value): .boolean(value == .boolean(false))
                case (.integer(let range, _), _): .integer(range.lowerBound)
                case (.choice(let choices), let value): .text(choices.first { .text($0) != value } ?? "")
                case (.absolutePath, _): .text("/elsewhere")
                case (.userName, _): .text("somebody")
                // Of items alone.
                case (_, let value): value
                }
            let text = "[\(setting.section)]\n\(setting.key) = \(changed)\n"
            let configuration = try ConfigurationReader.read(text, file: "f")
            for other in Setting.all {
                let isSame = other.section == setting.section && other.key == setting.key
                #expect(other.value(in: configuration) == (isSame ? changed : other.defaultValue), "\(text)")
            }
        }
    }

    @Test func `nothing that resembles a number or a date stops the reader`() {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Array("00112233456789+-._:eExXoObBpPtTzZ truefalsinfnaABCDEF")
        for _ in 0..<2000 {
            let token = String(
                (0...Int.random(in: 0..<24, using: &generator)).map { _ in
                    alphabet.randomElement(using: &generator) ?? "0"
                })
            for text in ["[log]\nlevel = \(token)", "log.level = [\(token),\(token)]", "log = {level=\(token)}"] {
                _ = try? ConfigurationReader.read(text, file: "f")
            }
        }
    }

    @Test func `no mangled document stops the reader`() {
        var generator = SystemRandomNumberGenerator()
        let seeds =
            [ConfigurationDocument.defaultFile] + Self.badDocuments.map(\.text).filter { $0.utf8.count < 1000 }
        let alphabet = Array("[]{}=.,\"'#\\\n\r\t u0aA_-1:TZ+e\u{A0}\u{FEFF}\u{2028}é\u{301}網\u{1F4A5}".unicodeScalars)
        for _ in 0..<2000 {
            let seed = Array((seeds.randomElement(using: &generator) ?? "").unicodeScalars)
            let start = Int.random(in: 0...max(0, seed.count - 300), using: &generator)
            var scalars = Array(seed.dropFirst(start).prefix(300))
            for _ in 0..<Int.random(in: 1...12, using: &generator) {
                let position = Int.random(in: 0...scalars.count, using: &generator)
                let scalar = alphabet.randomElement(using: &generator) ?? " "
                switch Int.random(in: 0..<3, using: &generator) {
                case 1 where position < scalars.count: scalars.remove(at: position)
                case 2 where position < scalars.count: scalars[position] = scalar
                default: scalars.insert(scalar, at: position)
                }
            }
            var text = ""
            text.unicodeScalars.append(contentsOf: scalars)
            do {
                _ = try ConfigurationReader.read(text, file: "f")
            } catch {
                #expect(!error.problems.isEmpty && error.problems.allSatisfy { $0.line != nil }, "\(error) in \(text)")
            }
        }
    }
}
