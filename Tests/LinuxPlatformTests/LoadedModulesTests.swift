import NetworkModel
import Testing

@testable import LinuxPlatform

@Suite struct `Loaded modules and uevents` {
    @Test func `a line of /proc/modules is taken apart`() throws {
        let modules = LoadedModules.parse(
            """
            9pnet 114688 2 9p,9pnet_virtio, Live 0x0000000000000000
            e1000 176128 0 - Loading 0xffffffffc0425000 (OE+)
            damaged
            """)
        let net = try #require(DriverName("9pnet").flatMap { modules[$0] })
        #expect(net.references == 2)
        #expect(net.holders == ["9p", "9pnet_virtio"])
        #expect(net.isLive && net.taints.isEmpty)
        let card = try #require(DriverName("e1000").flatMap { modules[$0] })
        #expect(!card.isLive && card.holders.isEmpty && card.taints == "OE+")
        #expect(modules.count == 2)
    }

    @Test func `only what is about drivers wakes anybody`() {
        func concerns(_ text: String) -> Bool { UeventMonitor.concernsDrivers(ArraySlice(Array(text.utf8))) }
        #expect(concerns("add@/devices/pci0000:00/0000:00:03.0\0ACTION=add\0SUBSYSTEM=pci\0"))
        #expect(!concerns("add@/devices/x\0ACTION=add\0SUBSYSTEM=block\0"))
        #expect(!concerns(""))
        #expect(!concerns("\0\0="))
    }
}
