import Foundation
import Testing

@testable import MIBGeneration

@Suite("Generated Swift")
struct SchemaWriterTests {
    /// Constructs of SMIv2 that the modules of today do not all have.
    static let module = """
        TEST-MIB DEFINITIONS ::= BEGIN

        IMPORTS
            MODULE-IDENTITY, OBJECT-TYPE, NOTIFICATION-TYPE, Integer32, Unsigned32, IpAddress, enterprises
                FROM SNMPv2-SMI
            MacAddress, RowStatus
                FROM SNMPv2-TC
            MODULE-COMPLIANCE, OBJECT-GROUP, NOTIFICATION-GROUP
                FROM SNMPv2-CONF;

        testMIB MODULE-IDENTITY
            LAST-UPDATED "202501010000Z"
            ORGANIZATION "Test"
            CONTACT-INFO "Test"
            DESCRIPTION "A test, e.g. of
                         two lines. It is one."
            REVISION "202501010000Z"
            DESCRIPTION "First."
            ::= { testArc 1 }

        testArc           OBJECT IDENTIFIER ::= { enterprises 4242 }
        testNotifications OBJECT IDENTIFIER ::= { testMIB 0 }
        testObjects       OBJECT IDENTIFIER ::= { testMIB 1 }
        testConformance   OBJECT IDENTIFIER ::= { testMIB 2 }

        testSwitch OBJECT-TYPE
            SYNTAX INTEGER { default(1), in(2), plain(3) }
            MAX-ACCESS read-write STATUS current DESCRIPTION "Words of the language."
            ::= { testObjects 1 }

        testRange OBJECT-TYPE
            SYNTAX Integer32 (-2147483648..-5 | 0 | 7..1000000)
            MAX-ACCESS read-only STATUS current DESCRIPTION "Several ranges."
            ::= { testObjects 2 }

        testBits OBJECT-TYPE
            SYNTAX BITS { first(0), second(1) }
            MAX-ACCESS accessible-for-notify STATUS current DESCRIPTION "Bits."
            ::= { testObjects 3 }

        testOld OBJECT-TYPE
            SYNTAX Integer32 (0..1)
            MAX-ACCESS read-only STATUS obsolete DESCRIPTION "Nobody asks for it."
            ::= { testObjects 4 }

        testTable OBJECT-TYPE
            SYNTAX SEQUENCE OF TestEntry
            MAX-ACCESS not-accessible STATUS current DESCRIPTION "Rows."
            ::= { testObjects 5 }

        testEntry OBJECT-TYPE
            SYNTAX TestEntry
            MAX-ACCESS not-accessible STATUS current DESCRIPTION "A row."
            INDEX { testHardware, testAddress, testText, IMPLIED testName }
            ::= { testTable 1 }

        TestEntry ::= SEQUENCE {
            testHardware MacAddress, testAddress IpAddress, testText OCTET STRING, testName OCTET STRING,
            testLevel Unsigned32, testGone Integer32, testStatus RowStatus
        }

        testHardware OBJECT-TYPE
            SYNTAX MacAddress
            MAX-ACCESS not-accessible STATUS current DESCRIPTION "Six octets."
            ::= { testEntry 1 }
        testAddress OBJECT-TYPE
            SYNTAX IpAddress
            MAX-ACCESS not-accessible STATUS current DESCRIPTION "Four octets."
            ::= { testEntry 2 }
        testText OBJECT-TYPE
            SYNTAX OCTET STRING (SIZE (0..20))
            MAX-ACCESS not-accessible STATUS current DESCRIPTION "A length and octets."
            ::= { testEntry 3 }
        testName OBJECT-TYPE
            SYNTAX OCTET STRING (SIZE (1..20))
            MAX-ACCESS not-accessible STATUS current DESCRIPTION "Octets to the end."
            ::= { testEntry 4 }
        testLevel OBJECT-TYPE
            SYNTAX Unsigned32 (0..4294967295)
            UNITS "metres"
            MAX-ACCESS read-create STATUS current DESCRIPTION "As far as it | goes."
            DEFVAL { 7 }
            ::= { testEntry 7 }
        testGone OBJECT-TYPE
            SYNTAX Integer32 (0..1)
            MAX-ACCESS read-only STATUS deprecated DESCRIPTION "No longer."
            ::= { testEntry 8 }
        testStatus OBJECT-TYPE
            SYNTAX RowStatus { active(1), destroy(6) }
            MAX-ACCESS read-create STATUS current DESCRIPTION "A part of an enumeration."
            ::= { testEntry 9 }

        testHappened NOTIFICATION-TYPE
            OBJECTS { testSwitch, testBits, testLevel }
            STATUS current DESCRIPTION "It did."
            ::= { testNotifications 1 }

        testGroup OBJECT-GROUP
            OBJECTS { testSwitch, testRange, testBits, testLevel, testStatus }
            STATUS current DESCRIPTION "All."
            ::= { testConformance 1 }
        testOldGroup OBJECT-GROUP
            OBJECTS { testOld, testGone }
            STATUS obsolete DESCRIPTION "No longer."
            ::= { testConformance 2 }
        testNotificationGroup NOTIFICATION-GROUP
            NOTIFICATIONS { testHappened }
            STATUS current DESCRIPTION "All."
            ::= { testConformance 3 }
        testCompliance MODULE-COMPLIANCE
            STATUS current DESCRIPTION "All."
            MODULE MANDATORY-GROUPS { testGroup, testNotificationGroup }
            GROUP testOldGroup DESCRIPTION "For nobody."
            ::= { testConformance 4 }

        END
        """

    static func source() throws -> String {
        try Modules.withRoot(["TEST-MIB": module]) { root in
            let module = try Modules.read("TEST-MIB", in: [root + "/MIBs", Modules.standard])
            return SchemaWriter(module: module, origin: "MIBs/TEST-MIB.txt", modules: [module.name: module]).source()
        }
    }

    @Test(arguments: [
        "// Generated by mibgen from MIBs/TEST-MIB.txt; do not edit.\n\npackage import SMI\n",
        "/// A test, e.g. of two lines.\npackage enum TESTMIB {",
        "case `default` = 1\n        case `in` = 2\n        case plain = 3\n",
        "Syntax(.integer, ranges: [-2_147_483_648...-5, 0...0, 7...1_000_000]), .readOnly",
        "/// The bits of a string, counted from the most significant one.\n    package enum TestBits: Int32",
        "\"testBits\", [1, 3, 6, 1, 4, 1, 4242, 1, 1, 3], Syntax(.octetString), .accessibleForNotify",
        "enum Scalar: Int, CaseIterable, Sendable {\n        case testSwitch = 0\n        case testRange = 1\n\n",
        "enum WritableScalar: Int, CaseIterable, Sendable {\n        case testSwitch = 0\n    }",
        "IndexSchema(\"testHardware\", .fixed(6)), IndexSchema(\"testAddress\", .fixed(4))",
        "IndexSchema(\"testText\", .counted),",
        "IndexSchema(\"testName\", .implied)",
        "columns: [testLevel, testStatus],",
        "entry.appending(7), Syntax(.gauge32), .readCreate",
        "entry.appending(9), Syntax(.integer, enumeration: [1, 6]), .readCreate",
        "enum Column: Int, CaseIterable, Sendable {\n            case testLevel = 0\n            case testStatus = 1\n",
        "objects: [testSwitch.oid, testBits.oid, TestEntry.testLevel.oid]",
        "/// Left out, being deprecated: testGone.",
    ])
    func `says what the module says`(fragment: String) throws {
        let source = try Self.source()
        #expect(source.contains(fragment), "\(source)")
    }

    @Test(arguments: [
        "| [TEST-MIB](#test-mib) | 1.3.6.1.4.1.4242.1 | A test, e.g. of two lines. |",
        "| testSwitch | .1.1 | read-write | default(1), in(2), plain(3) | Words of the language. |",
        "| testRange | .1.2 | read-only | Integer32 (-2147483648..-5, 0, 7..1000000) | Several ranges. |",
        "| testBits | .1.3 | accessible-for-notify | BITS first(0), second(1) | Bits. |",
        "### testTable\n\nRows. A row.\n\nIndex: testHardware, testAddress, testText, testName.",
        "| testLevel | .1.5.1.7 | read-create | Unsigned32; metres; default `7` | As far as it \\| goes. |",
        "| testStatus | .1.5.1.9 | read-create | RowStatus active(1), destroy(6) | A part of an enumeration. |",
        "| testHappened | .0.1 | testSwitch, testBits, testLevel | It did. |",
    ])
    func `has a reference that says the same`(fragment: String) throws {
        let source = try Modules.withRoot(["TEST-MIB": Self.module]) { root in
            let module = try Modules.read("TEST-MIB", in: [root + "/MIBs", Modules.standard])
            return ReferenceWriter(modules: [module]).source()
        }
        #expect(source.contains(fragment), "\(source)")
    }

    @Test func `leaves out what is withdrawn`() throws {
        let source = try Self.source()
        #expect(!source.contains("static let testOld") && !source.contains("static let testGone"))
    }

    @Test(arguments: [
        ("IF-MIB", "IFMIB"), ("IF-INVERTED-STACK-MIB", "IFInvertedStackMIB"), ("SNMPv2-MIB", "SNMPv2MIB"),
        ("EtherLike-MIB", "EtherLikeMIB"), ("ORION-INTERFACE-MIB", "OrionInterfaceMIB"),
        ("INET-ADDRESS-MIB", "INETAddressMIB"), ("IANAifType-MIB", "IANAifTypeMIB"),
    ])
    func `names a module as Swift does`(module: String, namespace: String) {
        #expect(SwiftName.module(module) == namespace)
    }

    @Test(arguments: [("ifGsn", "ifGsn"), ("if-gsn", "ifGsn"), ("true", "`true`"), ("a-b-c", "aBC"), ("in", "`in`")])
    func `names a member as Swift does`(name: String, member: String) {
        #expect(SwiftName.declared(name) == member)
    }

    @Test(
        arguments: [
            (0, "0"), (999_999, "999999"), (1_000_000, "1_000_000"), (-2_147_483_648, "-2_147_483_648"),
            (4_294_967_295, "4_294_967_295"), (Int64.max, "9_223_372_036_854_775_807"),
            (Int64.min, "-9_223_372_036_854_775_808"),
        ] as [(Int64, String)])
    func `groups the digits of long numbers`(value: Int64, text: String) {
        #expect(SwiftText.number(value) == text)
    }
}
