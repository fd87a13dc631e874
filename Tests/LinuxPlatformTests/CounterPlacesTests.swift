import NetworkModel
import Testing

@testable import LinuxPlatform

@Suite struct CounterPlacesTests {
    private var places = CounterPlaces()
    private var sample = CounterSample(time: MonotonicTime(nanoseconds: 0))

    /// One dump: each link's received packets are its number times `factor`.
    private mutating func dump(_ numbers: [UInt32], factor: UInt64) {
        places.begin(&sample)
        for number in numbers {
            var payload = [UInt64](repeating: 0, count: 25)
            payload[0] = UInt64(number) * factor
            payload.withUnsafeBytes { places.place(number, $0, in: &sample) }
        }
        places.finish(&sample)
    }

    @Test(
        arguments: [
            [[1, 2, 3], [1, 2, 3], [1, 2, 3]],
            // In the order of hash buckets, as kernels before 6.8 give them.
            [[300, 2, 257, 1], [300, 2, 257, 1]],
            // One comes, one goes, all go, an index is used again elsewhere.
            [[1, 2, 3], [1, 2, 9, 3], [1, 9, 3], [], [3]],
            [[5, 4, 3], [5, 4], [5, 4, 3, 2], [2, 3, 4, 5]],
            // An interrupted dump may name a link twice, or one that cannot be.
            [[1, 2, 2, 3], [1, 2, 2, 3], [1, 1], [0, 1, 4_294_967_295]],
        ] as [[[UInt32]]])
    mutating func `a sample is ascending whatever the order and the history`(dumps: [[UInt32]]) {
        for (round, numbers) in dumps.enumerated() {
            let factor = UInt64(round) + 1
            dump(numbers, factor: factor)
            let expected = Set(numbers).compactMap { InterfaceIndex($0) }.sorted()
            #expect(sample.indexes == expected)
            #expect(sample.counters.map(\.receivedPackets) == expected.map { UInt64($0.number) * factor })
        }
    }

    @Test mutating func `a sample that was another's is filled all the same`() throws {
        dump([3, 1], factor: 1)
        sample = CounterSample(time: MonotonicTime(nanoseconds: 0))
        dump([3, 1], factor: 2)
        #expect(sample.counters.map(\.receivedPackets) == [2, 6])
        sample.indexes = []
        sample.counters = Array(repeating: LinkCounters(), count: 9)
        dump([3, 1], factor: 3)
        #expect(sample.indexes.map(\.number) == [1, 3])
        #expect(sample.counters.map(\.receivedPackets) == [3, 9])
    }
}
