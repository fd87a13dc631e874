import Logging
import NetworkModel
import Synchronization

extension AlarmManager {
    /// What is due by the clock: conditions that have lasted long enough, or rested, alarms whose explanation is gone, the
    /// end of throttling. Call about once a second.
    package func tick() {
        let now = clock.now()
        state.withLock { state in
            raiseDue(at: now, in: &state)
            for key in state.restless { settle(key, at: now, in: &state) }
            // A bucket is full again after that time: what is remembered longer says nothing.
            let limits = state.limits.damping
            let memory = limits.settling + .seconds(Double(limits.burst) / max(0.001, limits.ratePerSecond))
            if !state.dampers.isEmpty { state.dampers = state.dampers.filter { now - $0.value.last < memory } }
            if let suppressed = state.throttle.release(at: now) {
                state.statistics.notified &+= 1
                listener(.heldBack(sequence: state.sequence, suppressed: suppressed))
            }
        }
    }

    private func raiseDue(at now: MonotonicTime, in state: inout State) {
        var due = state.pending.filter { now >= $0.value.due }
        while !due.isEmpty {
            // What explains others first.
            let ready = due.filter { alarm in alarm.value.cause.map { due[$0] == nil } ?? true }
            for (key, alarm) in ready.isEmpty ? due : ready {
                due[key] = nil
                state.pending[key] = nil
                insert(key, alarm.severity, alarm.text, alarm.cause, at: now, in: &state)
            }
        }
    }

    private func settle(_ key: AlarmKey, at now: MonotonicTime, in state: inout State) {
        guard var entry = state.entries[key] else {
            state.restless.remove(key)
            return
        }
        if entry.damper.isDamped, entry.damper.settles(at: now, state.limits.damping) {
            entry.alarm.isDamped = false
            state.put(entry)
            if !entry.isPresent { return finish(key, at: now, in: &state) }
        }
        if let due = entry.dueAt, now >= due {
            entry.dueAt = nil
            if entry.alarm.cause == nil, !entry.isTold {
                entry.isTold = true
                state.put(entry)
                record(.raised, entry.alarm, isNews: true, at: now, in: &state)
            }
        }
        if !entry.damper.isDamped, entry.dueAt == nil { state.restless.remove(key) }
        state.entries[key] = entry
    }

    /// How far the number of the latest line may run ahead of what the store knows: after a sudden end, the numbers go on
    /// behind it, so that none is used twice.
    private static let reserve: UInt32 = 10_000

    /// Hands what changed to the store. Call about once a second, and with `isLast` at the end. What cannot be saved is
    /// tried again with the next call.
    package func save(isLast: Bool = false) async {
        let changes: AlarmChanges? = state.withLock { state in
            guard
                isLast || !state.unsavedKeys.isEmpty || !state.unsaved.cleared.isEmpty || !state.unsaved.records.isEmpty
            else { return nil }
            var changes = state.unsaved
            changes.raised = state.unsavedKeys.compactMap { state.entries[$0]?.alarm }
                .sorted { $0.identifier < $1.identifier }
            changes.records = changes.records.suffix(state.limits.records)
            let room = UInt32.max - state.sequence
            changes.sequence = isLast ? state.sequence : state.sequence + min(Self.reserve, room)
            changes.recordsKept = state.limits.records
            state.unsaved = AlarmChanges()
            state.unsavedKeys = []
            return changes
        }
        guard let changes else { return }
        do throws(StoreError) {
            try await store.saveAlarms(changes)
        } catch {
            let isNews = state.withLock { state in
                // What is left out here is cleared after the next start, when nobody raises it.
                state.unsaved.cleared = (changes.cleared + state.unsaved.cleared).suffix(state.limits.active)
                state.unsaved.records.insert(contentsOf: changes.records, at: 0)
                state.unsaved.records = state.unsaved.records.suffix(state.limits.records)
                state.unsavedKeys.formUnion(changes.raised.map(\.key).filter { state.entries[$0] != nil })
                state.statistics.saveFailures &+= 1
                state.snapshot = nil
                return state.statistics.saveFailures == 1
            }
            if isNews { logger.error("the alarms cannot be saved", metadata: ["error": "\(error)"]) }
        }
    }
}
