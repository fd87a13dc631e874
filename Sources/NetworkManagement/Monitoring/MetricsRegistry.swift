package import CoreMetrics
import Synchronization

/// Keeps what is measured through swift-metrics, by oriond itself and by any library within it, for whoever asks.
///
/// A metric is made once for each label and set of dimensions, and stays for good.
package final class MetricsRegistry: MetricsFactory {
    package enum Kind: Int32, Sendable, Hashable, CaseIterable {
        /// A number that only grows.
        case counter = 1
        /// Values as they come, such as sizes.
        case recorder = 2
        /// Durations, in nanoseconds.
        case timer = 3
    }

    /// What came to a metric so far.
    package struct Values: Sendable, Hashable {
        /// How often something did.
        package var count: UInt64 = 0
        /// The sum of it; of a counter, its value.
        package var total: UInt64 = 0
        package var last: UInt64 = 0
        package var maximum: UInt64 = 0

        package init() {}
    }

    /// One metric.
    package final class Metric: Sendable, CounterHandler, RecorderHandler, TimerHandler {
        /// The label, and the dimensions behind it.
        package let name: String
        package let kind: Kind
        private let state = Mutex(Values())

        init(_ name: String, _ kind: Kind) {
            self.name = name
            self.kind = kind
        }

        package var values: Values { state.withLock { $0 } }

        package func increment(by amount: Int64) { take(amount) }

        package func reset() { state.withLock { $0 = Values() } }

        package func record(_ value: Int64) { take(value) }

        package func record(_ value: Double) { take(value.isNaN ? 0 : Int64(max(0, min(value, 9.2e18)))) }

        package func recordNanoseconds(_ duration: Int64) { take(duration) }

        private func take(_ value: Int64) {
            let value = UInt64(max(0, value))
            state.withLock { values in
                values.count &+= 1
                values.total &+= value
                values.last = value
                values.maximum = max(values.maximum, value)
            }
        }
    }

    private let metrics = Mutex<[String: Metric]>([:])

    /// Beyond so many, a metric is counted and not shown: names may come from elsewhere.
    private static let most = 1000

    package init() {}

    /// In the order in which SNMP sorts their names: shorter ones first.
    package var all: [Metric] {
        metrics.withLock { metrics in
            metrics.values.sorted { ($0.name.utf8.count, $0.name) < ($1.name.utf8.count, $1.name) }
        }
    }

    private func metric(_ label: String, _ dimensions: [(String, String)], _ kind: Kind) -> Metric {
        let name = ([label] + dimensions.map { "\($0)=\($1)" }).joined(separator: ",")
        return metrics.withLock { metrics in
            if let known = metrics[name], known.kind == kind { return known }
            let metric = Metric(name, kind)
            if metrics[name] == nil, metrics.count < Self.most { metrics[name] = metric }
            return metric
        }
    }

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        metric(label, dimensions, .counter)
    }

    package func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        metric(label, dimensions, .recorder)
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        metric(label, dimensions, .timer)
    }

    package func destroyCounter(_ handler: any CounterHandler) {}

    package func destroyRecorder(_ handler: any RecorderHandler) {}

    package func destroyTimer(_ handler: any TimerHandler) {}
}
