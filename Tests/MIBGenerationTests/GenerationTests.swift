import Foundation
import Testing

@testable import MIBGeneration

@Suite("mibgen")
struct GenerationTests {
    @Test func `the checked-in files are what the modules say`() throws {
        let command = try #require(GenerationCommand(["--check", "--root", Modules.root]))
        #expect(try command.run() == [])
    }

    @Test func `the same modules give the same files`() throws {
        let generator = MIBGenerator(root: Modules.root)
        #expect(try generator.files() == generator.files())
    }

    @Test(arguments: [["--chek"], ["--root"], ["IF-MIB"], ["--check", "--root"]])
    func `arguments that are not understood are refused`(arguments: [String]) {
        #expect(GenerationCommand(arguments) == nil)
    }

    @Test func `a check names a file that differs, one that is missing and one that comes from no module`() throws {
        try Modules.withRoot(["TEST-MIB": Self.module("")]) { root in
            let write = try #require(GenerationCommand(["--root", root]))
            let check = try #require(GenerationCommand(["--check", "--root", root]))
            #expect(try write.run() == [])
            #expect(try check.run() == [])
            let folder = root + "/Sources/OrionSchema/"
            try "edited".write(toFile: folder + "IFMIB.swift", atomically: true, encoding: .utf8)
            try FileManager.default.removeItem(atPath: folder + "TESTMIB.swift")
            try "stray".write(toFile: folder + "Stray.swift", atomically: true, encoding: .utf8)
            #expect(
                try check.run() == [
                    "Sources/OrionSchema/IFMIB.swift: is not what MIBs says; run mibgen",
                    "Sources/OrionSchema/TESTMIB.swift: is not what MIBs says; run mibgen",
                    "Sources/OrionSchema/Stray.swift: comes from no module; run mibgen",
                ]
            )
            #expect(try write.run() == [])
            #expect(try check.run() == [])
        }
    }

    @Test func `a root without modules is refused with its path`() throws {
        let error = #expect(throws: FileError.self) { try MIBGenerator(root: "/nonexistent").files() }
        #expect(error?.path == "/nonexistent/MIBs")
        #expect(error?.errno == ENOENT)
    }

    /// Faults, what is imported for them, their line in the body and libsmi's tag for them.
    @Test(arguments: [
        (
            "testValue OBJECT-TYPE\n    SYNTAX Integer32\n    STATUS current", "OBJECT-TYPE, Integer32", 5,
            "internal-other"
        ),
        (object("Gauge32 (0..1)"), "OBJECT-TYPE", 2, "basetype-not-imported"),
        (object("NoSuchType"), "OBJECT-TYPE", 3, "type-unknown"),
        (object("Counter32", access: "read-write"), "OBJECT-TYPE, Counter32", 1, "access-counter-illegal"),
        (object("INTEGER (0..10)"), "OBJECT-TYPE", 2, "integer-misuse"),
        (object("Integer32 (5..1)"), "OBJECT-TYPE, Integer32", 2, "range-exchanged"),
        (object("Integer32"), "OBJECT-TYPE, Integer32", 1, "group-membership"),
        ("testLost OBJECT IDENTIFIER ::= { nowhere 1 }", "mgmt", 1, "object-identifier-unknown"),
        (
            "testOther OBJECT IDENTIFIER ::= { testMIB 1 }\ntestOther OBJECT IDENTIFIER ::= { testMIB 2 }", "mgmt", 2,
            "identifier-redefined"
        ),
    ])
    func `a fault is reported with file and line`(body: String, imports: String, line: Int, tag: String) throws {
        try Modules.withRoot(["TEST-MIB": Self.module(body, imports: ", " + imports)]) { root in
            let error = #expect(throws: MIBReadError.self) { try MIBGenerator(root: root).files() }
            let found = error?.diagnostics.map { "\($0.path):\($0.line - Self.linesBeforeBody) \($0.tag)" } ?? []
            #expect(found.contains("\(root)/MIBs/TEST-MIB.txt:\(line) \(tag)"), "\(found)")
        }
    }

    @Test func `a module that is not there is reported`() {
        let error = #expect(throws: MIBReadError.self) {
            try MIBReader(folders: [Modules.standard]).read(["NO-SUCH-MIB"])
        }
        #expect(error?.diagnostics.map(\.tag) == ["module-not-found"])
        #expect(error?.diagnostics.first?.message.contains("NO-SUCH-MIB") == true)
    }

    static func object(_ syntax: String, access: String = "read-only") -> String {
        """
        testValue OBJECT-TYPE
            SYNTAX \(syntax)
            MAX-ACCESS \(access)
            STATUS current
            DESCRIPTION "x"
            ::= { testMIB 1 }
        """
    }

    static let linesBeforeBody = 18

    /// A module with `body` behind `linesBeforeBody` lines.
    static func module(_ body: String, imports: String = "") -> String {
        """
        TEST-MIB DEFINITIONS ::= BEGIN

        IMPORTS
            MODULE-IDENTITY, enterprises\(imports)
                FROM SNMPv2-SMI;

        testMIB MODULE-IDENTITY
            LAST-UPDATED "202501010000Z"
            ORGANIZATION "Test"
            CONTACT-INFO "Test"
            DESCRIPTION "A test. It is one."
            REVISION "202501010000Z"
            DESCRIPTION "First."
            ::= { testArc 1 }

        testArc OBJECT IDENTIFIER ::= { enterprises 4242 }


        \(body)

        END
        """
    }
}
