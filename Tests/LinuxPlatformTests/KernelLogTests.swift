import LinuxPlatform
import NetworkManagement
import NetworkModel
import Testing

@Suite struct `The kernel's log` {
    private func entry(_ text: String) -> KernelLogEntry? { KernelLogEntry(kmsg: Array(text.utf8)[...]) }

    /// Records of /dev/kmsg of Linux 6.12, as `cat /dev/kmsg` shows them.
    @Test func `a record is its level, its text and what it is about`() {
        #expect(
            entry(
                "6,817,4313254,-;e1000 0000:00:03.0 eth0: (PCI:33MHz:32-bit) 52:54:00:00:00:00\n SUBSYSTEM=pci\n"
                    + " DEVICE=+pci:0000:00:03.0\n")
                == KernelLogEntry(
                    level: 6, text: "e1000 0000:00:03.0 eth0: (PCI:33MHz:32-bit) 52:54:00:00:00:00",
                    device: DeviceAddress(bus: "pci", name: "0000:00:03.0")))
        #expect(
            entry("3,1,5,-,caller=T1;dummy0: failed\n SUBSYSTEM=net\n DEVICE=n7\n")
                == KernelLogEntry(level: 3, text: "dummy0: failed", interface: InterfaceIndex(7)))
        #expect(
            entry("4,2,6,c;NETDEV WATCHDOG: eth0 (e1000): transmit queue 0 timed out\n")?.text
                == "NETDEV WATCHDOG: eth0 (e1000): transmit queue 0 timed out")
    }

    @Test(arguments: [
        "", ";", "6", "x,1,2,-;text\n", "-1,1,2,-;text\n", "4294967296,1,2,-;text\n", "6,1,2,-;", "6,1,2,-;\n",
        // What a process writes has another facility.
        "10,1,2,-;NETDEV WATCHDOG: eth0 (e1000): transmit queue 0 timed out\n",
    ])
    func `what is damaged, or not the kernel's own, is none`(text: String) {
        #expect(entry(text) == nil)
    }

    @Test(arguments: ["+pci", "+", "n", "nx", "n0", "n-1", "c1:3", ""])
    func `a device that says nothing to us is left out`(device: String) {
        let found = entry("6,1,2,-;text\n DEVICE=\(device)\n")
        #expect(found == KernelLogEntry(level: 6, text: "text"))
    }
}
