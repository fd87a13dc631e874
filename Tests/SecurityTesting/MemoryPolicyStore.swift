package import NetworkManagement
package import NetworkModel
import Synchronization

/// A policy store without a disk, which fails when it is told to.
package final class MemoryPolicyStore: PolicyStore {
    private struct State {
        var policy = SecurityPolicy()
        var failure: StoreError?
        var saves = 0
    }

    private let state = Mutex(State())

    package init() {}

    /// What the next saves fail with; nil to succeed again.
    package func fail(with error: StoreError?) { state.withLock { $0.failure = error } }

    package var saves: Int { state.withLock { $0.saves } }

    package func loadPolicy() async throws(StoreError) -> SecurityPolicy { state.withLock { $0.policy } }

    package func savePolicy(_ policy: SecurityPolicy) async throws(StoreError) {
        try state.withLock { state throws(StoreError) in
            if let failure = state.failure { throw failure }
            state.policy = policy
            state.policy.rules.removeAll { $0.storage == .volatile }
            state.saves += 1
        }
    }
}
