package import NetworkManagement
import Synchronization

/// Keeps jobs until a test runs them.
package final class ManualWorkers: OperationWorkers {
    private struct State {
        var jobs: [@Sendable () -> Void] = []
        var delayed: [(delay: Duration, job: @Sendable () -> Void)] = []
        var isExhausted = false
    }

    private let state = Mutex(State())

    package init() {}

    package func start(_ job: @escaping @Sendable () -> Void) throws(PlatformError) {
        try state.withLock { state throws(PlatformError) in
            if state.isExhausted { throw PlatformError(.exhausted, "starting a thread", errno: 11) }
            state.jobs.append(job)
        }
    }

    package func schedule(after delay: Duration, _ job: @escaping @Sendable () -> Void) {
        state.withLock { $0.delayed.append((delay, job)) }
    }

    /// No thread is to be had from now on.
    package func exhaust() { state.withLock { $0.isExhausted = true } }

    package var jobCount: Int { state.withLock { $0.jobs.count } }

    /// Runs the first job that waits.
    package func runNext() {
        let job = state.withLock { $0.jobs.isEmpty ? nil : $0.jobs.removeFirst() }
        job?()
    }

    /// Runs everything that waits for time to pass.
    package func passTime() {
        let jobs = state.withLock { state in
            defer { state.delayed = [] }
            return state.delayed
        }
        for (_, job) in jobs { job() }
    }
}
