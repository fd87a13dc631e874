import NetworkManagement
import NetworkModel
import PlatformTesting
import RandomTesting
import Testing

/// Values of settings as consoles write them.
struct SettingTextTests {
    private let assignments = SettingSyntax.list(.assignment, maximum: 64)

    @Test(
        arguments: [
            ("IntMode=1,Debug=2", ["IntMode=1", "Debug=2"]),
            (" IntMode=1 , Debug=2 ", ["IntMode=1", "Debug=2"]),
            (#""IntMode=1,1""#, ["IntMode=1,1"]),
            (#""IntMode=1,1" , Debug=2"#, ["IntMode=1,1", "Debug=2"]),
            (#"name="x""#, [#"name="x""#]),
            (#""a=\"\\,""#, [#"a="\,"#]),
            (#""a= ""#, ["a= "]),
            ("", []),
        ])
    func `the elements of a list stand between commas, in quotes where they must`(
        _ text: String, _ elements: [String]
    ) {
        #expect(assignments.value(plainText: text) == .list(elements))
    }

    @Test(arguments: [#""a=1"#, #""a=1"b"#, #""a=\n""#, #""a=1\"#])
    func `quotes that are not closed, or are followed by something, are no value`(_ text: String) {
        #expect(assignments.value(plainText: text) == nil)
    }

    @Test func `what is not in need of quotes has none`() {
        #expect(SettingValue.list(["192.0.2.1/24", "2001:db8::1/64"]).plainText == "192.0.2.1/24,2001:db8::1/64")
        #expect(SettingValue.list(["IntMode=1,1", "a=b c"]).plainText == #""IntMode=1,1",a=b c"#)
    }

    @Test(arguments: 0..<200)
    func `every list reads back as it was written`(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let letters = Array(#"a=", \b"#)
        let elements = Set(
            (0..<Int.random(in: 0..<6, using: &random)).map { _ in
                "x=" + String((0..<8).map { _ in letters.randomElement(using: &random) ?? "a" })
            })
        let value = SettingValue.list(elements.sorted())
        #expect(assignments.value(plainText: value.plainText) == value, "\(value.plainText)")
    }

    @Test func `as many addresses as an interface may have fit a value`() {
        let addresses = (0..<256).map { "2001:db8:ffff:ffff:ffff:ffff:ffff:f\(String($0 + 256, radix: 16))/128" }
        #expect(SettingValue.list(addresses).plainText.utf8.count < SettingValue.maximumTextOctets)
    }

    @Test func `what could not be shown whole is refused, and why`() async throws {
        let host = ConfigurationFixture()
        try await host.restart()
        let long = (0..<64).map { number in
            "p\(number)=" + String(repeating: "\"", count: 127) + "," + String(repeating: "\"", count: 120)
        }
        let value = await host.commit(configuration(["drivers.e1000e.parameters": .list(long)]))
        #expect(
            value.findings.contains {
                $0.setting == "drivers.e1000e.parameters" && $0.text.contains("16384 at most can be shown")
            }, "\(value.failure?.message ?? "")")
        let driver = String(repeating: "d", count: 55)
        let name = await host.commit(configuration(["drivers.\(driver).coalesce_transmit_usecs": .integer(5)]))
        #expect(
            name.findings.contains { $0.text.contains("octets, and 80 at most can be shown") },
            "\(name.failure?.message ?? "")")
    }
}
