import Foundation
import LinuxPlatform
import NetworkManagement
import NetworkModel

/// Keeps every batch of events, and waits for one that fulfils a condition.
final class EventRecorder: @unchecked Sendable {
    // Guarded by `changed`.
    private var recorded: [[InterfacePlatformEvent]] = []
    private let changed = NSCondition()

    func record(_ batch: [InterfacePlatformEvent]) {
        changed.lock()
        recorded.append(batch)
        changed.broadcast()
        changed.unlock()
    }

    var batches: [[InterfacePlatformEvent]] {
        changed.lock()
        defer { changed.unlock() }
        return recorded
    }

    var events: [InterfacePlatformEvent] { batches.flatMap { $0 } }

    /// Forgets what came so far.
    func clear() {
        changed.lock()
        recorded = []
        changed.unlock()
    }

    /// Waits until the events so far fulfil `condition`; false when ten seconds were not enough.
    func wait(until condition: ([InterfacePlatformEvent]) -> Bool) -> Bool {
        let deadline = Date(timeIntervalSinceNow: 10)
        changed.lock()
        defer { changed.unlock() }
        while !condition(recorded.flatMap { $0 }) {
            guard changed.wait(until: deadline) else { return false }
        }
        return true
    }
}
