package import NetworkManagement
package import NetworkModel
import Synchronization

/// A store of the tests' own. Passes `checkConfigurationStore`, as the real one does.
package final class MemoryConfigurationStore: ConfigurationStore {
    private struct State {
        var stored = StoredConfigurations()
        var contents: [UInt32: NetworkConfiguration] = [:]
        var failure: StoreError?
    }

    private let state = Mutex(State())
    private let end: SuddenEnd?

    package init(end: SuddenEnd? = nil) {
        self.end = end
    }

    /// Refuses every further write; nil ends it.
    package func fail(with error: StoreError?) {
        state.withLock { $0.failure = error }
    }

    package func loadConfigurations() throws(StoreError) -> StoredConfigurations {
        state.withLock { $0.stored }
    }

    package func configuration(ofRevision number: UInt32) throws(StoreError) -> NetworkConfiguration? {
        state.withLock { $0.contents[number] }
    }

    package func digest(of configuration: NetworkConfiguration) throws(StoreError) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        for (position, octet) in configuration.toml.utf8.enumerated() {
            digest[position % 32] = digest[position % 32] &* 31 &+ octet
        }
        return digest
    }

    package func begin(
        _ revision: ConfigurationRevision, _ configuration: NetworkConfiguration, _ intent: ConfigurationIntent
    ) throws(StoreError) {
        try write { state in
            state.stored.revisions.append(revision)
            state.contents[revision.number] = configuration
            state.stored.intent = intent
        }
    }

    package func settle(
        _ revision: ConfigurationRevision, baseline: ConfigurationBaseline?, intent: ConfigurationIntent?
    ) throws(StoreError) {
        try write { state in
            state.stored.revisions.removeAll { $0.number == revision.number }
            state.stored.revisions.append(revision)
            state.stored.revisions.sort { $0.number < $1.number }
            if let baseline { state.stored.baseline = baseline }
            state.stored.intent = intent
            let kept = Set([state.stored.revisions.last { $0.state == .confirmed }?.number].compactMap(\.self))
            while state.stored.revisions.count > ConfigurationRevision.maximum,
                let oldest = state.stored.revisions.firstIndex(where: { !kept.contains($0.number) })
            {
                state.contents[state.stored.revisions[oldest].number] = nil
                state.stored.revisions.remove(at: oldest)
            }
        }
    }

    package func saveBaseline(_ baseline: ConfigurationBaseline) throws(StoreError) {
        try write { $0.stored.baseline = baseline }
    }

    private func write(_ change: (inout State) -> Void) throws(StoreError) {
        if let end, !end.passes() { throw StoreError(.failed, "the process has ended") }
        try state.withLock { state throws(StoreError) in
            if let failure = state.failure { throw failure }
            change(&state)
        }
    }
}
