import Synchronization

/// What is computed from a snapshot, kept until the snapshot is another.
final class Derived<Snapshot: AnyObject & Sendable, Result: Sendable>: Sendable {
    private let latest = Mutex<(snapshot: Snapshot, result: Result)?>(nil)
    private let compute: @Sendable (Snapshot) -> Result

    init(_ compute: @escaping @Sendable (Snapshot) -> Result) {
        self.compute = compute
    }

    func of(_ snapshot: Snapshot) -> Result {
        latest.withLock { latest in
            if let latest, latest.snapshot === snapshot { return latest.result }
            let result = compute(snapshot)
            latest = (snapshot, result)
            return result
        }
    }
}
