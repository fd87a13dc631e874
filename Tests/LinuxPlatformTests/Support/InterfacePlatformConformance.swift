import NetworkManagement
import NetworkModel
import Testing

/// What every implementation of the interface ports fulfils, that of a kernel as well as a fake.
struct InterfacePlatformConformance {
    let platform: any InterfacePlatform & CounterPlatform & InterfaceEventPlatform
    /// An interface that may be changed, is down, and knows the limits of its MTU; it ends as it was.
    let index: InterfaceIndex
    /// No interface has it.
    let absent: InterfaceIndex

    /// Runs everything.
    func check() throws {
        try checkReading()
        try checkAbsence()
        try checkAlias()
        try checkMTU()
        try checkQueueLength()
        try checkFlags()
        try checkSample()
        try checkEvents()
    }

    /// A dump and the single answers agree.
    func checkReading() throws {
        let links = try platform.links()
        #expect(zip(links, links.dropFirst()).allSatisfy { $0.index < $1.index })
        #expect(links.contains { $0.index == index })
        for link in links {
            #expect(try platform.link(link.index) == link)
            #expect(!link.name.isEmpty && link.name.utf8.count <= 15)
            _ = try platform.settings(of: link.index)
            _ = try platform.ethernetCounters(of: link.index)
            _ = try platform.driverStatistics(of: link)
            _ = platform.device(of: link)
        }
        let indexes = Set(links.map(\.index))
        #expect(try indexes.isSuperset(of: platform.addresses().keys))
        #expect(try indexes.isSuperset(of: platform.multicastAddresses().keys))
        for address in try platform.addresses().values.joined() {
            #expect([4, 16].contains(address.octets.count))
            #expect(Int(address.prefixLength) <= address.octets.count * 8)
        }
    }

    /// What is asked of an absent interface fails as that, whatever it is.
    func checkAbsence() throws {
        let gone = PlatformError(.noSuchInterface, "")
        #expect(throws: gone) { try platform.link(absent) }
        #expect(throws: gone) { try platform.settings(of: absent) }
        #expect(throws: gone) { try platform.ethernetCounters(of: absent) }
        #expect(throws: gone) { try platform.driverStatistics(of: Link(index: absent, name: "none")) }
        #expect(platform.device(of: Link(index: absent, name: "none")) == nil)
        let changes: [InterfaceChange] = [
            .setAdminState(up: true), .setAlias("a"), .setMTU(1400), .setPromiscuous(true), .setQueueLength(10),
        ]
        for change in changes {
            #expect(throws: gone) { try platform.apply(change, to: absent) }
        }
    }

    func checkAlias() throws {
        let before = try platform.link(index)
        for alias in ["a", "naïve ünicode 线", String(repeating: "x", count: 255), "last", ""] {
            try platform.apply(.setAlias(alias), to: index)
            var expected = before
            expected.alias = alias
            #expect(try platform.link(index) == expected)
        }
        try platform.apply(.setAlias("kept"), to: index)
        for alias in [String(repeating: "x", count: 256), String(repeating: "ü", count: 128), "a\0b", "\0"] {
            #expect(throws: PlatformError(.invalidValue, "")) { try platform.apply(.setAlias(alias), to: index) }
        }
        #expect(try platform.link(index).alias == "kept")
        try platform.apply(.setAlias(before.alias), to: index)
    }

    func checkMTU() throws {
        let before = try platform.link(index)
        let minimum = try #require(before.minimumMTU)
        let maximum = try #require(before.maximumMTU)
        for mtu in [minimum, maximum, maximum] {
            try platform.apply(.setMTU(mtu), to: index)
            #expect(try platform.link(index).mtu == mtu)
        }
        for mtu in [minimum - 1, maximum + 1, .max] {
            #expect(throws: PlatformError(.invalidValue, "")) { try platform.apply(.setMTU(mtu), to: index) }
        }
        #expect(try platform.link(index).mtu == maximum)
        try platform.apply(.setMTU(before.mtu), to: index)
    }

    func checkQueueLength() throws {
        let before = try platform.link(index)
        for length: UInt32 in [0, 1, 5000] {
            try platform.apply(.setQueueLength(length), to: index)
            #expect(try platform.link(index).queueLength == length)
        }
        try platform.apply(.setQueueLength(before.queueLength), to: index)
        #expect(try platform.link(index) == before)
    }

    /// Each flag on its own, and twice: the second time changes nothing.
    func checkFlags() throws {
        let before = try platform.link(index)
        for isOn in [true, true, false, false] {
            try platform.apply(.setPromiscuous(isOn), to: index)
            let link = try platform.link(index)
            #expect(link.flags.contains(.promiscuous) == isOn)
            #expect(link.promiscuity == before.promiscuity + (isOn ? 1 : 0))
            #expect(!link.flags.contains(.up))
        }
        for isUp in [true, true, false, false] {
            try platform.apply(.setAdminState(up: isUp), to: index)
            let link = try platform.link(index)
            #expect(link.flags.contains(.up) == isUp)
            #expect(!link.flags.contains(.promiscuous))
        }
    }

    /// A sample has every link, and is the same whatever the sample held before.
    func checkSample() throws {
        var first = CounterSample(time: MonotonicTime(nanoseconds: 0))
        try platform.sample(into: &first)
        #expect(first.time > MonotonicTime(nanoseconds: 0))
        #expect(try first.indexes == platform.links().map(\.index))
        #expect(first.counters.count == first.indexes.count)
        var other = CounterSample(
            time: MonotonicTime(nanoseconds: 0), indexes: [absent], counters: [LinkCounters(), LinkCounters()])
        try platform.sample(into: &other)
        #expect(other.time >= first.time)
        #expect(other.indexes == first.indexes)
        #expect(other.counters.count == first.counters.count)
    }

    func checkEvents() throws {
        let recorder = EventRecorder()
        try platform.start { recorder.record($0) }
        #expect(throws: PlatformError(.busy, "")) { try platform.start { _ in } }
        #expect(recorder.wait { !$0.isEmpty })
        #expect(recorder.batches.first == [.resynchronise(overrun: false)])
        // A change of the MTU is told even while the interface is down; that of the alias is not.
        let before = try platform.link(index)
        try platform.apply(.setMTU(before.mtu - 1), to: index)
        #expect(recorder.wait { $0.contains { $0.link?.mtu == before.mtu - 1 } })
        let told = recorder.events.last { $0.link != nil }?.link
        #expect(try told == platform.link(index))
        platform.stop()
        platform.stop()
        let count = recorder.events.count
        try platform.apply(.setMTU(before.mtu), to: index)
        #expect(recorder.events.count == count)

        // A second time, nothing of the first is left.
        recorder.clear()
        try platform.start { recorder.record($0) }
        #expect(recorder.wait { !$0.isEmpty })
        platform.stop()
        #expect(recorder.events == [.resynchronise(overrun: false)])
    }
}

extension InterfacePlatformEvent {
    /// The link of a `.link`.
    var link: Link? {
        if case .link(let link) = self { link } else { nil }
    }
}
