package import NetworkManagement
import NetworkModel
import Synchronization

/// A store of changes on trial without a disk.
package final class MemoryOptimisationStore: OptimisationStore {
    private struct State {
        var trials: [StoredTrial] = []
        var failure: StoreError?
    }

    private let state = Mutex(State())

    package init(_ trials: [StoredTrial] = []) { state.withLock { $0.trials = trials } }

    /// What the next saves fail with; nil to succeed again.
    package func fail(with error: StoreError?) { state.withLock { $0.failure = error } }

    package var trials: [StoredTrial] { state.withLock { $0.trials } }

    package func loadTrials() async throws(StoreError) -> [StoredTrial] { trials }

    package func saveTrials(_ trials: [StoredTrial]) async throws(StoreError) {
        try state.withLock { state throws(StoreError) in
            if let failure = state.failure { throw failure }
            state.trials = trials.sorted { $0.identifier < $1.identifier }
        }
    }
}
