import NetworkModel
import Testing

@testable import LinuxPlatform

@Suite struct MulticastAddressTableTests {
    @Test func `lines are read by interface in their order, and others are passed over`() throws {
        let content = """
            2    eth0            1     0     01005e000001
            2    eth0            1     0     333300000001
            12   ib0             1     0     00ffffffff12401bffff000000000000ffffffff
            3    short           1     0
            0    zero            1     0     01005e000001
            99999999999 large    1     0     01005e000001
            4    odd             1     0     01005e00000
            5    text            1     0     01005e00000g

            -1   minus           1     0     01005e000001
            """
        let table = MulticastAddressTable.parse(Array(content.utf8))
        let second = try #require(InterfaceIndex(2))
        let twelfth = try #require(InterfaceIndex(12))
        #expect(table.count == 2)
        #expect(table[second]?.map(\.description) == ["01:00:5e:00:00:01", "33:33:00:00:00:01"])
        #expect(table[twelfth]?.first?.octets.count == 20)
    }

    @Test func `every truncation is survived`() {
        let content = Array("2    eth0            1     0     01005e000001\n3    eth1 1 0 333300000001\n".utf8)
        for length in content.indices {
            #expect(MulticastAddressTable.parse(Array(content[..<length])).count <= 2)
        }
    }
}
