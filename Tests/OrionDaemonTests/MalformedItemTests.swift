import NetworkModel
import OrionDaemon
import Testing

/// Files that say something wrong of drivers, interfaces, rules or thresholds: each is refused with its file, line, key
/// and reason.
struct MalformedItemTests {
    struct BadFile: Sendable, CustomTestStringConvertible {
        let text: String
        /// `FILE:LINE: [section] key: reason` has to begin so.
        let message: String
        var testDescription: String { text }

        init(_ text: String, _ message: String) {
            self.text = text
            self.message = message
        }
    }

    private static let interface = "[interfaces.eth0]\n"

    static let files: [BadFile] = [
        // What stands where.
        BadFile("interfaces = 5", "f:1: [interfaces]: expected a table, found the integer 5"),
        BadFile("[[interfaces]]\nmtu = 5", "f:1: [interfaces]: expected a table, found an array"),
        BadFile(
            "[interfaces]\neth0 = 5", "f:2: [interfaces] eth0: expected a table [interfaces.NAME], found the integer 5"),
        BadFile("[interfaces.eth0]\n[interfaces.eth0]\n", "f:2: expected TOML"),
        BadFile("[interfaces.\"a/b\"]\nmtu = 1500", "f:1: [interfaces.a/b]: expected the name of an interface"),
        BadFile("[interfaces.\"\"]\nmtu = 1500", "f:1: [interfaces.]: expected the name of an interface"),
        BadFile("[interfaces.sixteen-octets-x]\nmtu = 1500", "f:1: [interfaces.sixteen-octets-x]: expected the name"),
        BadFile("[interfaces.\"..\"]\nmtu = 1500", "f:1: [interfaces...]: expected the name of an interface"),
        BadFile("[interfaces.\"a b\"]\nmtu = 1500", "f:1: [interfaces.a b]: expected the name of an interface"),
        BadFile("[drivers.\"a.b\"]\nautoload = true", "f:1: [drivers.a.b]: expected the name of a driver"),
        BadFile("[drivers]\nautoload = true", "f:2: [drivers] autoload: expected a table [drivers.NAME]"),
        BadFile("[policy]\neffect = \"deny\"", "f:1: [policy]: expected [[policy]], found a table"),
        BadFile("policy = [5]", "f:1: [policy]: expected [[policy]], found the integer 5"),
        BadFile("threshold = \"x\"", "f:1: [threshold]: expected [[threshold]], found the string"),
        // Keys.
        BadFile(
            interface + "mtv = 1500", "f:2: [interfaces.eth0] mtv: expected a key of this section (did you mean mtu?)"),
        BadFile(interface + "\nMTU = 1500", "f:3: [interfaces.eth0] MTU: expected a key of this section"),
        BadFile("[interfaces.eth0]\nname = \"x\"", "f:2: [interfaces.eth0] name: expected a key of this section"),
        BadFile(
            "[interfaces]\n[interfaces.a]\nmtu = 1500\n[interfaces.b]\nmtv = 1", "f:5: [interfaces.b] mtv: expected"),
        BadFile("interfaces.eth0.mtv = 1", "f:1: [interfaces.eth0] mtv: expected a key"),
        BadFile("[interfaces]\neth0 = { mtv = 1 }", "f:2: [interfaces.eth0] mtv: expected a key"),
        // Types and ranges.
        BadFile(
            interface + "mtu = \"1500\"", "f:2: [interfaces.eth0] mtu: expected an integer from 68 to 65536 (octets)"),
        BadFile(interface + "mtu = 67", "f:2: [interfaces.eth0] mtu: expected an integer from 68"),
        BadFile(interface + "mtu = 65537", "f:2: [interfaces.eth0] mtu: expected an integer"),
        BadFile(interface + "mtu = 1500.0", "f:2: [interfaces.eth0] mtu: expected an integer"),
        BadFile(
            interface + "mtu = [1500]",
            "f:2: [interfaces.eth0] mtu: expected an integer from 68 to 65536 (octets), found an array"),
        BadFile(interface + "queue_length = -1", "f:2: [interfaces.eth0] queue_length: expected an integer from 0"),
        BadFile(interface + "queue_length = 4294967296", "f:2: [interfaces.eth0] queue_length: expected an integer"),
        BadFile(
            interface + "admin = true",
            "f:2: [interfaces.eth0] admin: expected one of \"up\", \"down\", found the boolean true"),
        BadFile(interface + "admin = \"UP\"", "f:2: [interfaces.eth0] admin: expected one of \"up\", \"down\""),
        BadFile(
            interface + "autonegotiation = \"on\"", "f:2: [interfaces.eth0] autonegotiation: expected true or false"),
        BadFile(interface + "duplex = \"both\"", "f:2: [interfaces.eth0] duplex: expected one of \"half\", \"full\""),
        BadFile(interface + "speed = 0", "f:2: [interfaces.eth0] speed: expected an integer from 1 to 1000000 (Mb/s)"),
        BadFile(
            interface + "alias = \"a\\u0007b\"", "f:2: [interfaces.eth0] alias: expected text of at most 255 octets"),
        BadFile(
            interface + "alias = \"\(String(repeating: "x", count: 256))\"",
            "f:2: [interfaces.eth0] alias: expected text"),
        BadFile(
            interface + "mac = \"02:00:5e:10:00\"", "f:2: [interfaces.eth0] mac: expected a unicast Ethernet address"),
        BadFile(
            interface + "mac = \"01:00:5e:10:00:01\"", "f:2: [interfaces.eth0] mac: expected a unicast Ethernet address"
        ),
        BadFile(
            interface + "mac = \"00:00:00:00:00:00\"", "f:2: [interfaces.eth0] mac: expected a unicast Ethernet address"
        ),
        BadFile(interface + "mac = \"0x:00:5e:10:00:01\"", "f:2: [interfaces.eth0] mac: expected a unicast"),
        BadFile(interface + "match_mac = \"none\"", "f:2: [interfaces.eth0] match_mac: expected a unicast"),
        BadFile(
            interface + "master = \"a/b\"", "f:2: [interfaces.eth0] master: expected the name of an interface, or \"\""),
        BadFile(interface + "lower = \"\"", "f:2: [interfaces.eth0] lower: expected the name of an interface"),
        BadFile(
            interface + "addresses = \"192.0.2.1/24\"",
            "f:2: [interfaces.eth0] addresses: expected an array of at most 256"),
        BadFile(interface + "addresses = [\"192.0.2.1\"]", "f:2: [interfaces.eth0] addresses: expected an array"),
        BadFile(interface + "addresses = [\"192.0.2.256/24\"]", "f:2: [interfaces.eth0] addresses: expected an array"),
        BadFile(interface + "addresses = [\"192.0.2.1/33\"]", "f:2: [interfaces.eth0] addresses: expected an array"),
        BadFile(interface + "addresses = [\"2001:db8::1/129\"]", "f:2: [interfaces.eth0] addresses: expected an array"),
        BadFile(interface + "addresses = [1]", "f:2: [interfaces.eth0] addresses: expected an array"),
        BadFile(
            interface + "addresses = [\"192.0.2.1/24\", \"192.0.2.1/24\"]",
            "f:2: [interfaces.eth0] addresses: expected an array"),
        BadFile(interface + "offloads_on = [\"two words\"]", "f:2: [interfaces.eth0] offloads_on: expected an array"),
        BadFile(interface + "offloads_off = [\"\"]", "f:2: [interfaces.eth0] offloads_off: expected an array"),
        BadFile(interface + "ring_receive = true", "f:2: [interfaces.eth0] ring_receive: expected an integer"),
        BadFile(
            interface + "coalesce_receive_adaptive = 1",
            "f:2: [interfaces.eth0] coalesce_receive_adaptive: expected true"),
        BadFile(interface + "kind = \"tunnel\"", "f:2: [interfaces.eth0] kind: expected one of \"bridge\", \"bond\""),
        BadFile(interface + "vlan_id = 0", "f:2: [interfaces.eth0] vlan_id: expected an integer from 1 to 4094"),
        BadFile(interface + "vlan_id = 4095", "f:2: [interfaces.eth0] vlan_id: expected an integer from 1 to 4094"),
        BadFile(interface + "vxlan_id = 16777216", "f:2: [interfaces.eth0] vxlan_id: expected an integer"),
        BadFile(interface + "vxlan_remote = \"here\"", "f:2: [interfaces.eth0] vxlan_remote: expected an IP address"),
        BadFile(interface + "macvlan_mode = \"public\"", "f:2: [interfaces.eth0] macvlan_mode: expected one of"),
        BadFile(interface + "bond_mode = \"1\"", "f:2: [interfaces.eth0] bond_mode: expected one of"),
        BadFile("[drivers.e1000e]\nparameters = [\"=1\"]", "f:2: [drivers.e1000e] parameters: expected an array"),
        // Rules and thresholds.
        BadFile("[[policy]]\neffect = \"deny\"", "f:1: [policy] name: expected a name of 1 to 32 octets"),
        BadFile("[[policy]]\nname = \"\"\neffect = \"deny\"", "f:2: [policy] name: expected a name of 1 to 32 octets"),
        BadFile("[[policy]]\nname = \"a\"", "f:1: [policy] effect: expected one of \"permit\", \"deny\", found none"),
        BadFile(
            "[[policy]]\nname = \"a\"\neffect = \"deny\"\n[[policy]]\nname = \"a\"\neffect = \"deny\"",
            "f:5: [policy] name: expected a name that no other has, found the string \"a\" again"),
        BadFile("[[policy]]\nname = \"a\"\neffect = \"allow\"", "f:3: [policy] effect: expected one of"),
        BadFile(
            "[[policy]]\nname = \"a\"\neffect = \"deny\"\n\n[[policy]]\nname = \"b\"\neffect = \"deny\"\npriority = 0",
            "f:8: [policy] priority: expected an integer from 1 to 65535"),
        BadFile(
            "[[policy]]\nname = \"a\"\neffect = \"deny\"\nprincipal = \"ops\"",
            "f:4: [policy] principal: expected \"name:PATTERN\""),
        BadFile(
            "[[policy]]\nname = \"a\"\neffect = \"deny\"\nsource = \"192.0.2.1/24\"",
            "f:4: [policy] source: expected an address"),
        BadFile(
            "[[policy]]\nname = \"a\"\neffect = \"deny\"\nactions = [\"write\"]",
            "f:4: [policy] actions: expected an array"),
        BadFile("[[threshold]]\nname = \"a\"\nmetric = \"inBits\"", "f:1: [threshold] rising: expected an integer"),
        BadFile(
            "[[threshold]]\nname = \"a\"\nmetric = \"inBits\"\nrising = -1",
            "f:4: [threshold] rising: expected an integer"),
    ]

    @Test(arguments: files)
    func `it is refused with file, line, key and reason`(_ file: BadFile) {
        do {
            _ = try ConfigurationReader.read(file.text, file: "f")
            Issue.record("it was taken")
        } catch {
            #expect(error.description.hasPrefix(file.message), "\(error)")
        }
    }

    @Test func `there are enough of them`() {
        #expect(Self.files.count >= 60)
    }

    @Test func `what is exported reads back identically`() throws {
        let text = """
            [network_manager]
            manager_max_interfaces = 5
            [interfaces."eth0.7"]
            kind = "vlan"
            lower = "eth0"
            vlan_id = 7
            alias = "quotes \\" and \\\\ and ü"
            addresses = ["192.0.2.1/24", "2001:db8::1/64"]
            admin = "up"
            coalesce_receive_adaptive = true
            [drivers.e1000e]
            parameters = ["debug=1", "IntMode=1,1"]
            [[policy]]
            name = "no \\"guests\\""
            effect = "deny"
            principal = "name:guest*"
            actions = ["configure", "operate"]
            [[threshold]]
            name = "inErrors"
            metric = "inErrors"
            rising = 10
            """
        let configuration = try ConfigurationReader.read(text, file: "f")
        #expect(configuration.items.count == 4)
        let exported = configuration.toml
        let again = try ConfigurationReader.read(exported, file: "exported")
        #expect(again == configuration)
        #expect(again.toml == exported)
    }
}
