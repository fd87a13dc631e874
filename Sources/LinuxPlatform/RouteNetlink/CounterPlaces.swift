import NetworkModel

/// Puts the counters of a dump into a sample that is ascending by interface.
///
/// The kernel gives the links in the same order until one comes or goes, ascending or not. So the place of each is
/// remembered, and as long as the order holds the counters go straight to their places: no allocation, no sorting.
struct CounterPlaces {
    /// The links of the last dump, in the kernel's order.
    private var order: [UInt32] = []
    /// Beside `order`: the place in the sample.
    private var places: [Int] = []
    /// What the sample's `indexes` are.
    private var indexes: [InterfaceIndex] = []

    /// How many of `order` came so far in this dump.
    private var placed = 0
    /// What came where another, or none, was expected.
    private var strangers: [(index: InterfaceIndex, counters: LinkCounters)] = []

    /// Before a dump.
    mutating func begin(_ sample: inout CounterSample) {
        placed = 0
        strangers = []
        if sample.counters.count != indexes.count {
            sample.counters = Array(repeating: LinkCounters(), count: indexes.count)
        }
    }

    /// For each link of the dump; `payload` holds at least `LinkCounters.smallestSize` octets.
    mutating func place(_ number: UInt32, _ payload: UnsafeRawBufferPointer, in sample: inout CounterSample) {
        if strangers.isEmpty, placed < order.count, order[placed] == number {
            sample.counters[places[placed]].read(routeNetlink: payload)
            placed += 1
        } else if let index = InterfaceIndex(number) {
            var counters = LinkCounters()
            counters.read(routeNetlink: payload)
            strangers.append((index, counters))
        }
    }

    /// After a dump: the sample is complete.
    mutating func finish(_ sample: inout CounterSample) {
        if strangers.isEmpty, placed == order.count {
            sample.indexes = indexes
        } else {
            learn(&sample)
        }
    }

    /// The order is another than the last time: the first `placed` of it are where they were, then come the strangers.
    private mutating func learn(_ sample: inout CounterSample) {
        let familiar = (0..<placed).map { position in
            (index: indexes[places[position]], counters: sample.counters[places[position]])
        }
        let all = familiar + strangers
        strangers = []
        let sorted = all.indices.sorted { all[$0].index < all[$1].index }
        indexes = []
        sample.counters = []
        places = Array(repeating: 0, count: all.count)
        for position in sorted {
            // An interrupted dump may name a link twice.
            if indexes.last != all[position].index {
                indexes.append(all[position].index)
                sample.counters.append(all[position].counters)
            }
            places[position] = indexes.count - 1
        }
        order = all.map(\.index.number)
        sample.indexes = indexes
    }
}
