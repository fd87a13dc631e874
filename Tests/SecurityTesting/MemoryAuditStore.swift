package import NetworkManagement
import NetworkModel
import Synchronization

/// An audit store without a disk, which fails when it is told to. Its digests only count.
package final class MemoryAuditStore: AuditStore {
    private struct State {
        var entries: [AuditEntry] = []
        var waiting: [AuditRecord] = []
        var status = AuditStatus()
    }

    private let state = Mutex(State())
    private let clock: ManualClock

    package init(clock: ManualClock) {
        self.clock = clock
    }

    /// What appends fail with; nil to succeed again, and to write what waited.
    package func fail(with error: StoreError?) {
        state.withLock { state in
            state.status.failure = error
            guard error == nil else { return }
            for record in state.waiting { add(record, to: &state) }
            state.waiting = []
        }
    }

    package var entries: [AuditEntry] { state.withLock { $0.entries } }

    package func append(_ record: AuditRecord) async throws(StoreError) -> AuditReceipt {
        try state.withLock { state throws(StoreError) in
            if let failure = state.status.failure {
                state.status.refused += 1
                throw failure
            }
            return add(record, to: &state)
        }
    }

    package func record(_ record: AuditRecord, atLeisure: Bool) {
        state.withLock { state in
            if state.status.failure == nil { add(record, to: &state) } else { state.waiting.append(record) }
        }
    }

    package func newest(_ count: Int) -> [AuditEntry] {
        state.withLock { Array($0.entries.suffix(max(0, count))) }
    }

    package var status: AuditStatus {
        state.withLock { state in
            var status = state.status
            status.waiting = state.waiting.count
            return status
        }
    }

    @discardableResult
    private func add(_ record: AuditRecord, to state: inout State) -> AuditReceipt {
        let sequence = UInt64(state.entries.count + 1)
        var digest = [UInt8](repeating: 0, count: 24)
        for shift in 0..<8 { digest.append(UInt8(truncatingIfNeeded: sequence >> UInt64(56 - 8 * shift))) }
        let receipt = AuditReceipt(sequence: sequence, digest: digest)
        state.entries.append(AuditEntry(receipt: receipt, time: clock.now(), uptime: clock.now(), record: record))
        state.status.head = receipt
        state.status.commits += 1
        return receipt
    }
}
