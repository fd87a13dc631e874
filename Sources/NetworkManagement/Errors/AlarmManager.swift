import CoreMetrics
package import Logging
package import NetworkModel
import Synchronization

/// Knows which alarms are raised, and keeps their history.
///
/// Whoever finds a condition calls `raise` as long as it lasts, as often as it likes, and `clear` when it is over, from any
/// thread; a call that says nothing new costs a look-up. The manager numbers what is news, damps what comes and goes,
/// leaves untold what another alarm explains, and bounds what is told in a time. `tick` does what is due by the clock,
/// `save` keeps the state.
package final class AlarmManager: Sendable {
    package struct Limits: Sendable, Hashable {
        /// Alarms raised at once; further ones are counted and not taken.
        package var active = 20_000
        /// Lines of the history, in memory and on disk.
        package var records = 4096
        /// When a condition that comes and goes is damped.
        package var damping = FlapLimits()
        /// Notifications that may follow one another at once, and for ever per second.
        package var notificationBurst = 100
        package var notificationRate = 20
        /// How long an alarm whose explanation is gone waits before it is told: it may be about to clear as well.
        package var succession: Duration = .seconds(2)

        package init() {}
    }

    struct Entry {
        var alarm: Alarm
        var damper: FlapDamper
        /// The alarm that explains this one whenever it is raised.
        var cause: AlarmKey?
        /// The condition lasts; false while damping holds the alarm.
        var isPresent = true
        /// That it is raised was put into the history as news.
        var isTold = false
        /// When it is to be told, though its explanation is gone already.
        var dueAt: MonotonicTime?
    }

    /// A condition that has not lasted long enough yet to be an alarm.
    struct Pending {
        let severity: AlarmSeverity
        let text: String
        let cause: AlarmKey?
        let due: MonotonicTime
    }

    struct State {
        var entries: [AlarmKey: Entry] = [:]
        var pending: [AlarmKey: Pending] = [:]
        var keys: [UInt32: AlarmKey] = [:]
        /// The alarms that name a key as their cause.
        var dependents: [AlarmKey: Set<AlarmKey>] = [:]
        var bySubject: [AlarmSubject: Set<AlarmKey>] = [:]
        /// Of conditions that were cleared not long ago.
        var dampers: [AlarmKey: (damper: FlapDamper, last: MonotonicTime)] = [:]
        /// Alarms that `tick` has to look at.
        var restless: Set<AlarmKey> = []
        var log: [AlarmRecord] = []
        var sequence: UInt32 = 0
        var lastChange: MonotonicTime?
        var statistics = AlarmStatistics()
        var throttle: NotificationThrottle
        /// What the store does not know yet.
        var unsaved = AlarmChanges()
        var unsavedKeys: Set<AlarmKey> = []
        var limits: Limits
        var snapshot: AlarmSnapshot?
    }

    let clock: any MonotonicClock
    let wallClock: any WallClock
    let store: any AlarmStore
    let logger: Logger
    let listener: @Sendable (AlarmEvent) -> Void
    let state: Mutex<State>
    let lines = Counter(label: "orion.alarm.lines")

    /// - Parameters:
    ///   - stored: what the store kept.
    ///   - listener: told of the news in order of their sequence, with the manager's lock held: it must neither block nor
    ///     call back.
    package init(
        stored: StoredAlarms, store: any AlarmStore, limits: Limits = Limits(), clock: any MonotonicClock,
        wallClock: any WallClock, logger: Logger, listener: @escaping @Sendable (AlarmEvent) -> Void
    ) {
        self.store = store
        self.clock = clock
        self.wallClock = wallClock
        self.logger = logger
        self.listener = listener
        state = Mutex(State(stored, limits))
    }

    /// What is raised now, and the newest history.
    package var snapshot: AlarmSnapshot {
        state.withLock { state in
            if let snapshot = state.snapshot { return snapshot }
            let snapshot = AlarmSnapshot(
                active: state.entries.values.map(\.alarm).sorted { $0.identifier < $1.identifier },
                log: state.log.sorted { $0.sequence < $1.sequence },
                sequence: state.sequence, lastChange: state.lastChange, statistics: state.statistics)
            state.snapshot = snapshot
            return snapshot
        }
    }

    package func reconfigure(_ limits: Limits) {
        state.withLock { state in
            let old = state.limits
            state.limits = limits
            if old.notificationBurst != limits.notificationBurst || old.notificationRate != limits.notificationRate {
                state.throttle.change(burst: limits.notificationBurst, ratePerSecond: limits.notificationRate)
            }
        }
    }

    // MARK: - What the others call

    /// The condition of `key` is there.
    ///
    /// - Parameters:
    ///   - text: one line for people, which may change while the alarm lasts; at most 255 octets are shown.
    ///   - cause: an alarm that, while it is raised, explains this one: then this one is shown, but not told and not
    ///     counted.
    ///   - soak: how long the condition has to last, counted from the first such call, before it is an alarm.
    package func raise(
        _ key: AlarmKey, _ severity: AlarmSeverity, _ text: String, cause: AlarmKey? = nil, soak: Duration = .zero
    ) {
        let now = clock.now()
        state.withLock { state in
            if state.entries[key] != nil {
                update(key, severity, text, cause, at: now, in: &state)
            } else if soak > .zero {
                let due = state.pending[key]?.due ?? now + soak
                state.pending[key] = Pending(severity: severity, text: text, cause: cause, due: due)
            } else {
                state.pending[key] = nil
                insert(key, severity, text, cause, at: now, in: &state)
            }
        }
    }

    /// The condition of `key` is over, or was never there.
    package func clear(_ key: AlarmKey) {
        let now = clock.now()
        state.withLock { state in
            state.pending[key] = nil
            clear(key, at: now, in: &state)
        }
    }

    /// `raise` or `clear`, as `isPresent` says.
    package func set(
        _ key: AlarmKey, _ isPresent: Bool, _ severity: AlarmSeverity, _ text: @autoclosure () -> String,
        cause: AlarmKey? = nil
    ) {
        if isPresent { raise(key, severity, text(), cause: cause) } else { clear(key) }
    }

    /// What the alarms are raised on is gone: all of them are cleared at once, damped or not.
    package func remove(_ subject: AlarmSubject) {
        let now = clock.now()
        state.withLock { state in
            for key in state.pending.keys where key.subject == subject { state.pending[key] = nil }
            for key in state.bySubject[subject] ?? [] { finish(key, at: now, in: &state) }
        }
    }

    /// Clears the alarms for whose keys `isKept` is false: after a restart, by those who know what holds.
    package func retain(where isKept: (AlarmKey) -> Bool) {
        let now = clock.now()
        state.withLock { state in
            state.pending = state.pending.filter { isKept($0.key) }
            for key in state.entries.keys.filter({ !isKept($0) }) { finish(key, at: now, in: &state) }
        }
    }

    /// The keys of that kind that are raised, or will be when they have lasted.
    func keys(of kind: AlarmKind) -> [AlarmKey] {
        state.withLock { state in
            state.entries.keys.filter { $0.kind == kind } + state.pending.keys.filter { $0.kind == kind }
        }
    }

    /// Whether an alarm of `key` is raised.
    package func isRaised(_ key: AlarmKey) -> Bool {
        state.withLock { $0.entries[key] != nil }
    }

    /// Says for `principal` that the alarm was seen, or takes that back.
    ///
    /// - Returns: the acknowledgement before.
    /// - Throws: `.notFound` when it is cleared by now.
    @discardableResult
    package func acknowledge(
        _ identifier: UInt32, _ isAcknowledged: Bool, by principal: String
    ) throws(ManagementError) -> AlarmAcknowledgement? {
        let time = wallClock.now()
        return try setAcknowledgement(
            identifier, isAcknowledged ? AlarmAcknowledgement(principal: principal, time: time) : nil, by: principal)
    }

    /// Puts `acknowledgement` in the place of the one there is; for taking back what `acknowledge` did.
    @discardableResult
    package func setAcknowledgement(
        _ identifier: UInt32, _ acknowledgement: AlarmAcknowledgement?, by principal: String
    ) throws(ManagementError) -> AlarmAcknowledgement? {
        let now = clock.now()
        let previous: AlarmAcknowledgement?? = state.withLock { state in
            guard let key = state.keys[identifier], var entry = state.entries[key] else { return nil }
            let old = entry.alarm.acknowledgement
            entry.alarm.acknowledgement = acknowledgement
            state.put(entry)
            if (old == nil) != (acknowledgement == nil) {
                let event: AlarmRecord.Event = acknowledgement == nil ? .unacknowledged : .acknowledged
                record(event, entry.alarm, by: principal, isNews: false, at: now, in: &state)
            }
            return .some(old)
        }
        guard let previous else { throw ManagementError(.notFound, "alarm \(identifier): not raised") }
        return previous
    }
}
