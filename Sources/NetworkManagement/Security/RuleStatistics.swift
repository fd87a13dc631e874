package import NetworkModel
import Synchronization

/// How often a rule decided, and when last. Kept while the rule's name lives, changes of the rule included.
package final class RuleStatistics: Sendable {
    private let count = Atomic<UInt64>(0)
    private let lastNanoseconds = Atomic<Int64>(0)

    package init() {}

    /// Decisions of this rule since the daemon began.
    package var hits: UInt64 { count.load(ordering: .relaxed) }

    /// When it decided last; nil when it never did.
    package var lastHit: MonotonicTime? {
        guard hits > 0 else { return nil }
        return MonotonicTime(nanoseconds: lastNanoseconds.load(ordering: .relaxed))
    }

    func hit(at time: MonotonicTime) {
        lastNanoseconds.store(time.nanoseconds, ordering: .relaxed)
        count.wrappingAdd(1, ordering: .relaxed)
    }
}
