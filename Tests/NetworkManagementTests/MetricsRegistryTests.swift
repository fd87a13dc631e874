import CoreMetrics
import NetworkManagement
import Testing

@Suite struct `The registry of metrics` {
    private let registry = MetricsRegistry()

    @Test func `what is measured is counted and summed under its name, shorter names first`() throws {
        let timer = Timer(label: "pass", dimensions: [("of", "all")], factory: registry)
        timer.recordNanoseconds(7)
        timer.recordNanoseconds(5)
        let counter = Counter(label: "samples", dimensions: [], factory: registry)
        counter.increment(by: 3)
        counter.increment()
        let recorder = Recorder(label: "size", dimensions: [], aggregate: true, factory: registry)
        recorder.record(2.9)
        recorder.record(-4)
        recorder.record(Double.nan)
        recorder.record(Double.infinity)
        let metrics = registry.all
        #expect(metrics.map(\.name) == ["size", "samples", "pass,of=all"])
        #expect(metrics.map(\.kind) == [.recorder, .counter, .timer])
        #expect(metrics.map(\.values.count) == [4, 2, 2])
        #expect(metrics[1].values.total == 4)
        #expect(metrics[2].values.last == 5)
        #expect(metrics[2].values.maximum == 7)
        #expect(metrics[0].values.maximum == 9_200_000_000_000_000_000)
        counter.reset()
        #expect(registry.all[1].values.total == 0)
    }

    @Test func `the same label is the same metric, and there is an end to their number`() {
        for _ in 0..<3 { Counter(label: "one", dimensions: [], factory: registry).increment() }
        #expect(registry.all.map(\.values.total) == [3])
        for number in 0..<2000 { Counter(label: "c\(number)", dimensions: [], factory: registry).increment() }
        #expect(registry.all.count == 1000)
    }
}
