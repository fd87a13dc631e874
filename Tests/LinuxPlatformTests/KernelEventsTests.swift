import Foundation
import NetworkManagement
import NetworkModel
import Testing

@testable import LinuxPlatform

@Suite(.serialized, .enabled(if: NetworkNamespace.isAvailable, "needs root and iproute2 to make network namespaces"))
struct KernelEventsTests {
    private let namespace: NetworkNamespace
    private let platform: LinuxInterfacePlatform
    private let recorder = EventRecorder()

    init() throws {
        let namespace = try NetworkNamespace()
        self.namespace = namespace
        platform = try namespace.inside { try LinuxInterfacePlatform() }
    }

    private func start(_ platform: LinuxInterfacePlatform? = nil) throws {
        let recorder = recorder
        try (platform ?? self.platform).start { recorder.record($0) }
        #expect(recorder.wait { $0 == [.resynchronise(overrun: false)] })
        recorder.clear()
    }

    private func index(of name: String) throws -> InterfaceIndex {
        try #require(platform.links().first { $0.name == name }).index
    }

    @Test func `a link is told of when it appears, is renamed, changes and goes`() throws {
        try start()
        try namespace.ip("link add index 50 v0 type ifb")
        try namespace.ip("link set v0 name w0")
        try namespace.ip("link set w0 up")
        try namespace.ip("link set w0 alias hello")
        try namespace.ip("link delete w0")
        let index = try #require(InterfaceIndex(50))
        #expect(recorder.wait { $0.contains(.gone(index)) })
        platform.stop()
        let links = recorder.events.compactMap(\.link)
        #expect(links.allSatisfy { $0.index == index })
        #expect(links.first?.name == "v0")
        #expect(links.contains { $0.name == "w0" && !$0.flags.contains(.up) })
        #expect(links.contains { $0.name == "w0" && $0.flags.contains(.up) })
        #expect(links.contains { $0.alias == "hello" })
        #expect(recorder.events.last { $0.link == nil } == .gone(index))
    }

    @Test func `an index that is used again is told of as gone and then as new`() throws {
        try start()
        let index = try #require(InterfaceIndex(60))
        try namespace.ip("link add index 60 v0 type ifb")
        try namespace.ip("link delete v0")
        try namespace.ip("link add index 60 w0 type bridge")
        #expect(recorder.wait { $0.last { $0.link != nil }?.link?.kind == "bridge" })
        platform.stop()
        let gone = try #require(recorder.events.firstIndex(of: .gone(index)))
        #expect(recorder.events[..<gone].compactMap(\.link).allSatisfy { $0.name == "v0" })
        #expect(recorder.events[gone...].compactMap(\.link).allSatisfy { $0.name == "w0" })
    }

    @Test func `a link that moves to another namespace is gone from here and new there`() throws {
        let other = try NetworkNamespace()
        let there = try other.inside { try LinuxInterfacePlatform() }
        let arrivals = EventRecorder()
        try there.start { arrivals.record($0) }
        try start()
        try namespace.ip("link add v0 type ifb")
        let index = try index(of: "v0")
        try namespace.ip("link set v0 netns \(other.name)")
        #expect(recorder.wait { $0.contains(.gone(index)) })
        #expect(arrivals.wait { $0.contains { $0.link?.name == "v0" } })
        there.stop()
        platform.stop()
    }

    @Test func `a port that leaves its bridge is told of as changed, never as gone`() throws {
        try namespace.ip("link add br0 type bridge")
        try namespace.ip("link add v0 type ifb")
        try namespace.ip("link set v0 up")
        try start()
        let index = try index(of: "v0")
        try namespace.ip("link set v0 master br0")
        try namespace.ip("link set v0 nomaster")
        try namespace.ip("link set v0 alias end")
        #expect(recorder.wait { $0.contains { $0.link?.alias == "end" } })
        platform.stop()
        #expect(!recorder.events.contains(.gone(index)))
        #expect(recorder.events.contains { $0.link?.master != nil })
        #expect(recorder.events.last { $0.link?.index == index }?.link?.master == nil)
    }

    @Test func `addresses are told of when they come and go`() throws {
        try namespace.ip("link add v0 type ifb")
        try start()
        let index = try index(of: "v0")
        try namespace.ip("addr add 192.0.2.1/24 dev v0")
        try namespace.ip("addr add 2001:db8::1/64 dev v0 nodad")
        try namespace.ip("addr del 192.0.2.1/24 dev v0")
        let first = InterfaceAddress(octets: [192, 0, 2, 1], prefixLength: 24)
        #expect(recorder.wait { $0.contains(.addressRemoved(index, first)) })
        platform.stop()
        #expect(recorder.events.contains(.addressAdded(index, first)))
        let second = InterfaceAddress(
            octets: [0x20, 0x01, 0x0d, 0xb8] + [UInt8](repeating: 0, count: 11) + [1], prefixLength: 64)
        #expect(recorder.events.contains(.addressAdded(index, second)))
    }

    @Test func `a setting that ethtool changes is told of`() throws {
        try namespace.ip("link add v0 type veth peer name v1")
        try start()
        let index = try index(of: "v0")
        #expect(try platform.settings(of: index)?.features.first { $0.name == "tx-scatter-gather" }?.isActive == true)
        try namespace.execute("ethtool -K v0 tx-scatter-gather off")
        #expect(recorder.wait { $0.contains(.settingsChanged(index)) })
        platform.stop()
        #expect(try platform.settings(of: index)?.features.first { $0.name == "tx-scatter-gather" }?.isActive == false)
    }

    /// `ip` commands that make `count` pairs.
    private func burst(_ count: Int) -> String {
        (0..<count).map { "link add a\($0) type veth peer name b\($0)\n" }.joined()
    }

    @Test func `two thousand links made in a burst are all told of, and dumps meanwhile miss none that stay`() throws {
        try namespace.ip(batch: burst(50))
        let before = Set(try platform.links())
        try start()
        let namespace = namespace
        let more = (0..<1000).map { "link add c\($0) type veth peer name d\($0)\n" }.joined()
        // In another thread, so that dumps meet a table in motion.
        let maker = Thread { _ = try? namespace.ip(batch: more) }
        maker.start()
        var dumps = 0
        while !maker.isFinished {
            let names = Set(try platform.links().map(\.name))
            #expect(before.allSatisfy { names.contains($0.name) })
            dumps += 1
        }
        #expect(dumps > 0)
        let links = try platform.links()
        let new = Set(links.map(\.index)).subtracting(before.map(\.index))
        #expect(new.count == 2000)
        #expect(recorder.wait { Set($0.compactMap { $0.link?.index }).isSuperset(of: new) })
        platform.stop()
        #expect(!recorder.events.contains(.resynchronise(overrun: true)))
        let last = Dictionary(recorder.events.compactMap(\.link).map { ($0.index, $0.name) }, uniquingKeysWith: { $1 })
        #expect(links.allSatisfy { last[$0.index] == nil || last[$0.index] == $0.name })
    }

    @Test func `an overrun asks once to read anew, and what comes after it is told`() throws {
        let small = try namespace.inside { try LinuxInterfacePlatform(eventBuffer: 4096) }
        let gate = Gate()
        let recorder = recorder
        try small.start { batch in
            recorder.record(batch)
            // A handler that is slow, until the burst is over.
            gate.pass()
        }
        #expect(recorder.wait { $0 == [.resynchronise(overrun: false)] })
        try namespace.ip(batch: burst(100))
        gate.open()
        #expect(recorder.wait { $0.contains(.resynchronise(overrun: true)) })
        let index = try index(of: "a0")
        try namespace.ip("link set a0 mtu 1234")
        #expect(recorder.wait { $0.last { $0.link?.index == index }?.link?.mtu == 1234 })
        small.stop()
        // Nothing older than the loss comes after it.
        #expect(recorder.events.filter { $0 == .resynchronise(overrun: true) }.count == 1)
        let rest = recorder.events.drop { $0 != .resynchronise(overrun: true) }
        #expect(rest.compactMap(\.link).allSatisfy { $0.index == index || $0.lower == index || $0.mtu == 1500 })
    }
}
