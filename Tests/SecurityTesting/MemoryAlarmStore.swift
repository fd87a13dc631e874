package import NetworkManagement
import NetworkModel
import Synchronization

/// An alarm store without a disk, which fails when it is told to.
package final class MemoryAlarmStore: AlarmStore {
    private struct State {
        var stored = StoredAlarms()
        var failure: StoreError?
    }

    private let state = Mutex(State())

    package init() {}

    /// What the next saves fail with; nil to succeed again.
    package func fail(with error: StoreError?) { state.withLock { $0.failure = error } }

    package var stored: StoredAlarms { state.withLock { $0.stored } }

    package func loadAlarms() async throws(StoreError) -> StoredAlarms { stored }

    package func saveAlarms(_ changes: AlarmChanges) async throws(StoreError) {
        try state.withLock { state throws(StoreError) in
            if let failure = state.failure { throw failure }
            let replaced = Set(changes.raised.map(\.identifier))
            state.stored.active.removeAll {
                changes.cleared.contains($0.identifier) || replaced.contains($0.identifier)
            }
            state.stored.active = (state.stored.active + changes.raised).sorted { $0.identifier < $1.identifier }
            state.stored.log = (state.stored.log + changes.records).suffix(changes.recordsKept)
            state.stored.sequence = changes.sequence
        }
    }
}
