import NetworkModel
import Testing

@Suite struct `Patterns, prefixes and windows` {
    @Test(arguments: [
        ("*", "", true), ("*", "anything", true), ("eth0", "eth0", true), ("eth0", "eth00", false),
        ("eth0", "eth", false), ("eth?", "eth1", true), ("eth?", "eth", false), ("up*", "uplink1", true),
        ("up*", "down", false), ("*link", "uplink", true), ("*link", "uplinks", false), ("a*b*c", "aXXbYYc", true),
        ("a*b*c", "aXXcYYb", false), ("**", "x", true), ("\\*", "*", true), ("\\*", "x", false), ("\\\\", "\\", true),
        ("*a*a*b", "aaaaaaaaaab", true), ("*a*a*b", "aaaaaaaaaaa", false), ("?*", "", false), ("?*?", "ab", true),
        ("UP*", "uplink", false),
    ])
    func `a glob matches the whole subject`(pattern: String, subject: String, expected: Bool) throws {
        let glob = try #require(GlobPattern(pattern))
        #expect(glob.matches(Array(subject.utf8)) == expected)
    }

    @Test func `a glob agrees with the plain definition on random subjects`() throws {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Array("ab*?".utf8)
        for _ in 0..<20_000 {
            let pattern = (0..<Int.random(in: 1...7, using: &generator)).map { _ in alphabet.randomElement() ?? 0 }
            let subject = (0..<Int.random(in: 0...8, using: &generator)).map { _ in alphabet[Int.random(in: 0...1)] }
            let glob = try #require(GlobPattern(pattern))
            #expect(
                glob.matches(subject) == Self.plain(pattern[...], subject[...]),
                "\(glob) on \(String(decoding: subject, as: UTF8.self))")
        }
    }

    static func plain(_ pattern: ArraySlice<UInt8>, _ subject: ArraySlice<UInt8>) -> Bool {
        guard let first = pattern.first else { return subject.isEmpty }
        if first == UInt8(ascii: "*") {
            return plain(pattern.dropFirst(), subject) || (!subject.isEmpty && plain(pattern, subject.dropFirst()))
        }
        guard let octet = subject.first, first == UInt8(ascii: "?") || first == octet else { return false }
        return plain(pattern.dropFirst(), subject.dropFirst())
    }

    @Test func `what is no pattern is refused`() {
        #expect(GlobPattern("") == nil)
        #expect(GlobPattern("abc\\") == nil)
        #expect(GlobPattern(String(repeating: "a", count: 256)) == nil)
        #expect(GlobPattern(String(repeating: "a", count: 255)) != nil)
        #expect(GlobPattern(literal: Array("a*b?\\".utf8))?.literal == Array("a*b?\\".utf8))
    }

    @Test(arguments: [
        ("*", "x", true), ("up*", "uplink*", true), ("up*", "uplink1", true), ("uplink*", "up*", false),
        ("a?", "ab", true), ("a?", "a*", false), ("a", "a", true),
    ])
    func `a glob that covers another is known`(general: String, special: String, expected: Bool) throws {
        let general = try #require(GlobPattern(general))
        #expect(general.covers(try #require(GlobPattern(special))) == expected)
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false), ("0.0.0.0/0", "1.2.3.4", true),
        ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false), ("::/0", "::1", true),
        ("2001:db8::/33", "2001:db8:7fff::1", true), ("2001:db8::/33", "2001:db8:8000::1", false),
        ("fe80::/10", "febf::1", true), ("fe80::/10", "fec0::1", false), ("10.0.0.0/8", "::ffff:10.1.2.3", true),
        ("2001:db8::1/128", "2001:db8::1", true), ("2001:db8::1/128", "2001:db8::2", false), ("::/0", "1.2.3.4", false),
    ])
    func `a source prefix contains what lies in it`(prefix: String, address: String, expected: Bool) throws {
        let prefix = try #require(AddressPrefix(prefix))
        let source: SourceAddress
        if let number = IPAddressText.parseIPv4(address) {
            source = .ipv4(number, port: 9)
        } else {
            let (high, low) = try #require(IPAddressText.parseIPv6(address))
            source = .ipv6(high: high, low: low, zone: "", port: 9)
        }
        #expect(prefix.contains(source) == expected)
        #expect(!prefix.contains(.unix(path: [])))
        #expect(!prefix.contains(.other(Array(address.utf8))))
    }

    @Test(arguments: [
        "", "10.0.0.0/33", "10.0.0.1/8", "10.0.0/8", "10.0.0.0/", "10.0.0.0/8/8", "010.0.0.0/8", "10.0.0.0/+8", ":::/0",
        "::/129", "2001:db8::1/64", "1::2::3", "12345::", "g::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "::1.2.3",
        ":1::",
        "1::2:", "fe80::1%eth0", "::-1", "1:2:3:4:5:6:7::8",
    ])
    func `what is no prefix is refused`(text: String) {
        #expect(AddressPrefix(text) == nil)
    }

    @Test(arguments: [
        "0.0.0.0/0", "192.0.2.1/32", "::/0", "2001:db8::/32", "1:0:0:2::/64", "1:2:3:4:5:6:7:8/128", "unix",
        "2001:db8:0:1:1:1:1:1/128", "::ffff:0:0/96", "0:1::/32",
    ])
    func `a prefix is written as it is read`(text: String) throws {
        #expect(try #require(AddressPrefix(text)).description == text)
    }

    /// 2024-01-01 was a Monday.
    static let monday: Int64 = 1_704_067_200

    @Test(arguments: [
        (1, 480, 1020, 0, 480, true), (1, 480, 1020, 0, 479, false), (1, 480, 1020, 0, 1020, false),
        (1, 480, 1020, 1, 600, false), (1, 1320, 360, 0, 1439, true), (1, 1320, 360, 1, 359, true),
        (1, 1320, 360, 1, 360, false), (1, 1320, 360, 0, 100, false), (64, 1320, 360, 0, 100, true),
        (127, 0, 1440, 6, 1439, true), (2, 60, 60, 1, 60, true), (2, 60, 60, 2, 59, true), (2, 60, 60, 2, 60, false),
    ])
    func `a window is open on its days and minutes`(
        days: UInt8, start: UInt16, end: UInt16, day: Int64, minute: Int64, expected: Bool
    ) throws {
        let window = try #require(
            TimeWindow(days: TimeWindow.Days(rawValue: days), start: start, end: end, zone: .utc))
        let time = WallTime(seconds: Self.monday + day * 86_400 + minute * 60 + 59)
        #expect(window.contains(minuteOfWeek: TimeWindow.minuteOfWeek(at: time, offset: 0)) == expected)
    }

    @Test func `minutes of the week are sane for every clock`() {
        for seconds in [Int64.min, .max, -1, 0, 1, Self.monday] {
            for offset: Int64 in [-50_400, 0, 50_400] {
                let minute = TimeWindow.minuteOfWeek(at: WallTime(seconds: seconds), offset: offset)
                #expect((0..<10_080).contains(minute))
            }
        }
        #expect(TimeWindow.minuteOfWeek(at: WallTime(seconds: Self.monday - 1), offset: 0) == 10_079)
        #expect(TimeWindow.minuteOfWeek(at: WallTime(seconds: Self.monday - 1), offset: 1) == 0)
        #expect(TimeWindow(days: [], start: 0, end: 1, zone: .utc) == nil)
        #expect(TimeWindow(days: .all, start: 1440, end: 1, zone: .utc) == nil)
        #expect(TimeWindow(days: .all, start: 0, end: 0, zone: .utc) == nil)
        #expect(TimeWindow(days: .all, start: 0, end: 1441, zone: .utc) == nil)
    }

    @Test func `octets are printable and come back`() {
        let samples: [[UInt8]] = [
            Array(0...255), Array("Jürgen \u{202E}\u{0}\n\\x41".utf8), [0xC3], [0xE2, 0x82],
            [0xF0, 0x9F, 0x98, 0x80, 0x80],
            Array(repeating: 0xFF, count: 100_000),
        ]
        for octets in samples {
            let text = PrintableOctets.text(of: octets)
            #expect(PrintableOctets.octets(from: text) == octets)
            #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F && $0.value != 0x202E })
        }
        #expect(PrintableOctets.text(of: Array("Jürgen".utf8)) == "Jürgen")
        #expect(PrintableOctets.octets(from: "\\x4") == nil)
        #expect(PrintableOctets.octets(from: "\\q") == nil)
        #expect(PrintableOctets.octets(from: "\\") == nil)
    }
}
