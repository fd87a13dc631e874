import NetworkManagement
import NetworkModel
import PlatformTesting
import Testing

@testable import LinuxPlatform

/// What every implementation of the optimisation port fulfils, that of a kernel as well as a fake.
struct OptimisationPlatformConformance {
    let platform: any OptimisationPlatform
    /// A port that has everything in `changes`.
    let index: InterfaceIndex
    let changes: [OptimisationChange]

    func check() throws {
        for change in changes {
            let before = try platform.current(change, of: index)
            #expect(before.name == change.name && before != change)
            try platform.apply(change, to: index)
            #expect(try platform.current(change, of: index) == change)
            try platform.apply(before, to: index)
            #expect(try platform.current(change, of: index) == before)
        }
        let gone = try #require(InterfaceIndex(999_999))
        for change in changes {
            #expect(throws: PlatformError(.noSuchInterface, "")) { try platform.current(change, of: gone) }
            #expect(throws: PlatformError(.noSuchInterface, "")) { try platform.apply(change, to: gone) }
        }
        let missing: [OptimisationChange] = [
            .hashPolicy(1), .property(.feature("no-such-feature", true)), .receiveSteering(queue: 99, .none),
            .property(.parameter(.ringReceive, 64)),
        ]
        for change in missing {
            #expect(throws: PlatformError(.notSupported, "")) { try platform.current(change, of: index) }
        }
    }
}

@Suite(.enabled(if: NetworkNamespace.isAvailable, "needs root and iproute2 to make network namespaces"))
struct OptimisationPlatformTests {
    private static let changes: [OptimisationChange] = [
        .property(.feature("tx-tcp-segmentation", false)), .property(.queueLength(77)), .property(.mtu(1400)),
    ]

    @Test func `the kernel fulfils the port`() throws {
        let namespace = try NetworkNamespace()
        let (interfaces, platform) = try namespace.inside {
            let interfaces = try LinuxInterfacePlatform()
            return (
                interfaces,
                try LinuxOptimisationPlatform(interfaces, try LinuxConfigurationPlatform(interfaces))
            )
        }
        try namespace.ip("link add v0 numtxqueues 2 numrxqueues 2 type veth peer name v1")
        let link = try #require(try interfaces.links().first { $0.name == "v0" })
        try OptimisationPlatformConformance(platform: platform, index: link.index, changes: Self.changes).check()
        // A link that is down has no discipline.
        #expect(try platform.queueDrops()[link.index] == nil)
        try namespace.ip("link set v0 up")
        #expect(try platform.queueDrops()[link.index] == 0)
        #expect(platform.interrupts(of: [link]).isEmpty)
        #expect(!platform.processors().isEmpty)
    }

    @Test func `the fake fulfils the port`() throws {
        let fake = FakeOptimisationPlatform()
        let index = try #require(InterfaceIndex(2))
        fake.put(
            [.property(.feature("tx-tcp-segmentation", true)), .property(.queueLength(1000)), .property(.mtu(1500))],
            of: index)
        try OptimisationPlatformConformance(platform: fake, index: index, changes: Self.changes).check()
    }

    @Test func `interrupts are summed over processors, whatever else stands in the file`() {
        let text = """
                       CPU0       CPU1
              24:          1         20   IO-APIC   5-edge      ACPI:Ged
            1005:  4294967296          1   PCI-MSIX-0000:00:03.0 3-edge eth0-rx-0
             NMI:          7          8   Non-maskable interrupts
              99
              98: x
            """
        #expect(InterruptCounts(text).counts == [24: 21, 1005: 4_294_967_297, 98: 0])
    }

    @Test func `the load of processors is read with and without their numbers`() {
        let new = (0..<12).map { _ in "00000000" }.joined(separator: " ")
        let text = "0000000a \(new.dropFirst(9)) 00000004 00000000\nzz\n00000010"
        #expect(
            ProcessorLoad.read(softnet: text) == [
                ProcessorLoad(number: 4, packets: 10), ProcessorLoad(number: 2, packets: 16),
            ])
    }
}
