import NetworkManagement
import NetworkModel
import Testing

@Suite struct `Principal records` {
    static let good = "orion1;r=42;t=7;v=3;u=alice;m=3;l=3;c=;a=udp:192.0.2.1:4711"

    static func octets(_ text: String) -> [UInt8] { [0xFF] + Array(text.utf8) }

    @Test func `a record of the module is read whole`() throws {
        let record = try PrincipalRecord(parsing: Self.octets(Self.good))
        #expect(record.request == 42)
        #expect(record.transaction == 7)
        #expect(record.version == .v3)
        #expect(
            record.principal
                == Principal(
                    name: Array("alice".utf8), model: .usm, level: .authPriv, context: [],
                    source: .ipv4(0xC000_0201, port: 4711)))
    }

    @Test func `names of 255 octets of any kind survive`() throws {
        let names: [[UInt8]] = [
            Array(1...255), Array(repeating: 0, count: 255), Array("\"'\n\r;%=\u{1B}".utf8), [], [0xFF],
        ]
        for name in names {
            let text = name.map { octet in
                let isPlain =
                    (0x30...0x39).contains(octet) || (0x41...0x5A).contains(octet)
                    || (0x61...0x7A).contains(octet) || "-._~:@/".utf8.contains(octet)
                let digits = String(octet, radix: 16, uppercase: true)
                return isPlain ? String(UnicodeScalar(octet)) : "%" + (octet < 16 ? "0" : "") + digits
            }.joined()
            let record = try PrincipalRecord(
                parsing: Self.octets("orion1;r=-2147483648;t=4294967295;v=3;u=\(text);m=3;l=2;c=\(text);a="))
            #expect(record.principal.name == name)
            #expect(record.principal.context == name)
            #expect(record.principal.source == .other([]))
            #expect(record.request == .min)
            #expect(record.transaction == .max)
            #expect(PrintableOctets.octets(from: record.principal.printableName) == name)
        }
    }

    @Test(arguments: [
        ("udp:127.0.0.1:1", "127.0.0.1:1"), ("tcp:10.0.0.1:65535", "10.0.0.1:65535"),
        ("udp6:[%3A%3A1]:161", "other:udp6:[::1]:161"), ("udp6:%5B::1%5D:161", "[::1]:161"),
        ("udp6:%5Bfe80::1%25eth0%5D:161", "[fe80::1%eth0]:161"), ("tcp6:%5B2001:db8::5%5D:0", "[2001:db8::5]:0"),
        ("unix:", "unix:"), ("unix:/run/snmpd.sock", "unix:/run/snmpd.sock"), ("", "other:"),
        ("udp:256.0.0.1:1", "other:udp:256.0.0.1:1"), ("udp:1.2.3.4:65536", "other:udp:1.2.3.4:65536"),
        ("udp:1.2.3.4:", "other:udp:1.2.3.4:"), ("ssh:somewhere", "other:ssh:somewhere"),
        ("udp6:%5B::1:161", "other:udp6:[::1:161"), ("udp6:%5D%5B:1", "other:udp6:][:1"),
    ])
    func `a peer address is typed, or kept as it is`(encoded: String, expected: String) throws {
        let encoded = encoded.replacing("[", with: "%5B").replacing("]", with: "%5D").replacing("%3A", with: ":")
        let isOddity = expected == "other:udp6:[::1]:161"
        let record = try PrincipalRecord(
            parsing: Self.octets("orion1;r=0;t=0;v=3;u=x;m=3;l=1;c=;a=\(encoded)"))
        #expect(record.principal.source.description == (isOddity ? "[::1]:161" : expected))
    }

    @Test(arguments: [
        ("", "record"), ("orion2;r=1", "record"), ("orion1;", "r"), ("orion1;r=1;t=2", "t"),
        ("orion1;t=7;r=42;v=3;u=a;m=3;l=3;c=;a=", "r"), ("orion1;r=;t=7;v=3;u=a;m=3;l=3;c=;a=", "r"),
        ("orion1;r=01;t=7;v=3;u=a;m=3;l=3;c=;a=", "r"), ("orion1;r=-0;t=7;v=3;u=a;m=3;l=3;c=;a=", "r"),
        ("orion1;r=2147483648;t=7;v=3;u=a;m=3;l=3;c=;a=", "r"),
        ("orion1;r=99999999999999999999999;t=7;v=3;u=a;m=3;l=3;c=;a=", "r"),
        ("orion1;r=1;t=-1;v=3;u=a;m=3;l=3;c=;a=", "t"), ("orion1;r=1;t=4294967296;v=3;u=a;m=3;l=3;c=;a=", "t"),
        ("orion1;r=1;t=1;v=2;u=a;m=3;l=3;c=;a=", "v"), ("orion1;r=1;t=1;v=4;u=a;m=3;l=3;c=;a=", "v"),
        ("orion1;r=1;t=1;v=3;u=a b;m=3;l=3;c=;a=", "u"), ("orion1;r=1;t=1;v=3;u=%;m=3;l=3;c=;a=", "u"),
        ("orion1;r=1;t=1;v=3;u=%4;m=3;l=3;c=;a=", "u"), ("orion1;r=1;t=1;v=3;u=%0a;m=3;l=3;c=;a=", "u"),
        ("orion1;r=1;t=1;v=3;u=%41;m=3;l=3;c=;a=", "u"), ("orion1;r=1;t=1;v=3;u=a;m=0;l=3;c=;a=", "m"),
        ("orion1;r=1;t=1;v=3;u=a;m=1;l=3;c=;a=", "m"), ("orion1;r=1;t=1;v=1;u=a;m=3;l=1;c=;a=", "m"),
        ("orion1;r=1;t=1;v=1;u=a;m=2;l=3;c=;a=", "l"), ("orion1;r=1;t=1;v=3;u=a;m=3;l=0;c=;a=", "l"),
        ("orion1;r=1;t=1;v=3;u=a;m=3;l=4;c=;a=", "l"), ("orion1;r=1;t=1;v=3;u=a;m=3;l=3;c=", "c"),
        ("orion1;r=1;t=1;v=3;u=a;m=3;l=3;c=;a=x;", "record"), ("orion1;r=1;t=1;v=3;u=a;m=3;l=3;c=;a=;a=", "record"),
        ("orion1;r=1;t=1;v=3;u=a;u=b;m=3;l=3;c=;a=", "m"),
    ])
    func `a malformed record is refused at the field at fault`(text: String, field: String) {
        let error = #expect(throws: PrincipalRecordError.self) {
            try PrincipalRecord(parsing: Self.octets(text))
        }
        #expect(error?.field == field)
    }

    @Test func `a record without the marker, too long, or with a name of 256 octets is refused`() {
        #expect(throws: PrincipalRecordError.self) { try PrincipalRecord(parsing: Array(Self.good.utf8)) }
        let long = Self.good.replacing("alice", with: String(repeating: "a", count: 256))
        #expect(throws: PrincipalRecordError.self) { try PrincipalRecord(parsing: Self.octets(long)) }
        let longer = Self.good + String(repeating: "a", count: 3000)
        #expect(throws: PrincipalRecordError.self) { try PrincipalRecord(parsing: Self.octets(longer)) }
    }

    @Test func `every truncation and every changed octet is refused or read, never trapped on`() {
        let record = Self.octets(Self.good)
        for end in 0..<record.count {
            let cut = Array(record[..<end])
            if let parsed = try? PrincipalRecord(parsing: cut) {
                // Only the address, which comes last, can be shortened.
                #expect(parsed.principal.name == Array("alice".utf8))
            }
        }
        for position in record.indices {
            for octet: UInt8 in [0, 0x25, 0x3B, 0x3D, 0x2D, 0x39, 0xFF] {
                var changed = record
                changed[position] = octet
                _ = try? PrincipalRecord(parsing: changed)
            }
        }
    }

    @Test func `a refusal by the agent's access control is read`() throws {
        let report = try RefusalReport(
            parsing: Self.octets(Self.good + ";k=set;e=4;o=1.3.6.1.2.1.2.2.1.7.3;n=12"))
        #expect(report.record.principal.name == Array("alice".utf8))
        #expect(report.operation == .set)
        #expect(report.code == 4)
        #expect(report.object == "1.3.6.1.2.1.2.2.1.7.3")
        #expect(report.lost == 12)
    }

    @Test(arguments: [
        "", ";k=set", ";k=put;e=4;o=1.3;n=0", ";k=set;e=0;o=1.3;n=0", ";k=set;e=4;o=1..3;n=0", ";k=set;e=4;o=;n=0",
        ";k=set;e=4;o=1.4294967296;n=0", ";k=set;e=4;o=1.03;n=0", ";k=set;e=4;o=1.3;n=-1", ";k=set;e=4;o=1.3;n=0;",
    ])
    func `a malformed refusal is refused`(tail: String) {
        #expect(throws: PrincipalRecordError.self) { try RefusalReport(parsing: Self.octets(Self.good + tail)) }
    }
}
