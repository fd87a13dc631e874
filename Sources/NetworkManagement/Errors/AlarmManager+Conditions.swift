import CoreMetrics
import NetworkModel

// How conditions become alarms and lines of the history. All of it runs under the state's lock.

extension AlarmManager {
    func insert(
        _ key: AlarmKey, _ severity: AlarmSeverity, _ text: String, _ cause: AlarmKey?, at now: MonotonicTime,
        in state: inout State
    ) {
        guard state.entries.count < state.limits.active else {
            state.statistics.overflowed &+= 1
            state.snapshot = nil
            return
        }
        let alarm = Alarm(
            identifier: state.nextSequence(), key: key, severity: severity, text: text, raised: wallClock.now())
        var damper = state.dampers.removeValue(forKey: key)?.damper ?? FlapDamper(state.limits.damping)
        let verdict = damper.transition(at: now, state.limits.damping)
        var entry = Entry(alarm: alarm, damper: damper, cause: cause)
        entry.alarm.isDamped = damper.isDamped
        if verdict != .send { state.restless.insert(key) }
        if let cause { entry.alarm.cause = state.entries[cause]?.alarm.identifier }
        entry.isTold = entry.alarm.cause == nil
        state.keys[alarm.identifier] = key
        state.bySubject[key.subject, default: []].insert(key)
        if let cause { state.dependents[cause, default: []].insert(key) }
        state.put(entry)
        state.lastChange = now
        // The identifier is the number of this very line.
        append(.raised, entry.alarm, sequence: alarm.identifier, isNews: entry.isTold, at: now, in: &state)
        for dependent in state.dependents[key] ?? [] {
            guard var entry = state.entries[dependent], entry.alarm.cause == nil else { continue }
            entry.alarm.cause = alarm.identifier
            entry.dueAt = nil
            state.put(entry)
        }
    }

    func update(
        _ key: AlarmKey, _ severity: AlarmSeverity, _ text: String, _ cause: AlarmKey?, at now: MonotonicTime,
        in state: inout State
    ) {
        guard var entry = state.entries[key] else { return }
        if !entry.isPresent {
            entry.isPresent = true
            comeOrGo(&entry, at: now, in: &state)
        }
        if entry.cause != cause {
            if let old = entry.cause { state.forget(key, dependingOn: old) }
            if let cause { state.dependents[cause, default: []].insert(key) }
            entry.cause = cause
            entry.alarm.cause = cause.flatMap { state.entries[$0]?.alarm.identifier }
            if entry.alarm.cause == nil, !entry.isTold { state.deferTelling(&entry, at: now) }
        }
        let isWorseOrBetter = entry.alarm.severity != severity
        guard
            isWorseOrBetter || entry.alarm.text != text || entry.alarm.key.subject.name != key.subject.name
                || entry.alarm != state.entries[key]?.alarm
        else {
            state.entries[key] = entry
            return
        }
        entry.alarm.severity = severity
        entry.alarm.text = text
        // The interface may have got another name.
        entry.alarm.key = key
        if isWorseOrBetter {
            entry.alarm.changed = wallClock.now()
            state.lastChange = now
        }
        state.put(entry)
        if isWorseOrBetter { record(.changed, entry.alarm, isNews: entry.isTold, at: now, in: &state) }
    }

    func clear(_ key: AlarmKey, at now: MonotonicTime, in state: inout State) {
        guard var entry = state.entries[key], entry.isPresent else { return }
        entry.isPresent = false
        comeOrGo(&entry, at: now, in: &state)
        state.put(entry)
        if !entry.alarm.isDamped { finish(key, at: now, in: &state) }
    }

    /// Ends an alarm, whatever damping says.
    func finish(_ key: AlarmKey, at now: MonotonicTime, in state: inout State) {
        guard let entry = state.entries.removeValue(forKey: key) else { return }
        state.keys[entry.alarm.identifier] = nil
        state.restless.remove(key)
        state.bySubject[key.subject]?.remove(key)
        if state.bySubject[key.subject]?.isEmpty == true { state.bySubject[key.subject] = nil }
        if let cause = entry.cause { state.forget(key, dependingOn: cause) }
        if state.dampers.count < state.limits.active { state.dampers[key] = (entry.damper, now) }
        state.unsavedKeys.remove(key)
        state.unsaved.cleared.append(entry.alarm.identifier)
        state.lastChange = now
        record(.cleared, entry.alarm, isNews: entry.isTold, at: now, in: &state)
        for dependent in state.dependents[key] ?? [] {
            guard var entry = state.entries[dependent] else { continue }
            entry.alarm.cause = nil
            if !entry.isTold { state.deferTelling(&entry, at: now) }
            state.put(entry)
        }
    }

    /// Puts a line into the history, under a number of its own.
    func record(
        _ event: AlarmRecord.Event, _ alarm: Alarm, by principal: String = "", isNews: Bool, at now: MonotonicTime,
        in state: inout State
    ) {
        append(event, alarm, sequence: state.nextSequence(), by: principal, isNews: isNews, at: now, in: &state)
    }

    private func append(
        _ event: AlarmRecord.Event, _ alarm: Alarm, sequence: UInt32, by principal: String = "", isNews: Bool,
        at now: MonotonicTime, in state: inout State
    ) {
        let suppressed = isNews ? state.throttle.admit(at: now) : nil
        if suppressed != nil { state.statistics.notified &+= 1 } else if isNews { state.statistics.throttled &+= 1 }
        let record = AlarmRecord(
            sequence: sequence, event: event, time: wallClock.now(), alarm: alarm, principal: principal,
            isNotified: suppressed != nil)
        state.log.append(record)
        lines.increment()
        // A quarter more than asked for, so that the oldest lines are moved away rarely.
        if state.log.count > state.limits.records + state.limits.records / 4 {
            state.log.removeFirst(state.log.count - state.limits.records)
        }
        state.unsaved.records.append(record)
        state.snapshot = nil
        if let suppressed { listener(.record(record, suppressed: suppressed)) }
    }

    /// A condition that came or went while its alarm is raised.
    private func comeOrGo(_ entry: inout Entry, at now: MonotonicTime, in state: inout State) {
        switch entry.damper.transition(at: now, state.limits.damping) {
        case .send: break
        case .beginDamping, .suppress:
            entry.alarm.transitions &+= 1
            state.statistics.damped &+= 1
            state.restless.insert(entry.alarm.key)
        }
        entry.alarm.isDamped = entry.damper.isDamped
    }
}

extension AlarmManager.State {
    init(_ stored: StoredAlarms, _ limits: AlarmManager.Limits) {
        self.limits = limits
        throttle = NotificationThrottle(burst: limits.notificationBurst, ratePerSecond: limits.notificationRate)
        sequence = stored.sequence
        log = stored.log
        let present = Set(stored.active.map(\.identifier))
        for alarm in stored.active {
            var entry = AlarmManager.Entry(alarm: alarm, damper: FlapDamper(limits.damping))
            entry.alarm.isDamped = false
            // What explained it may not have lasted.
            if let cause = alarm.cause, !present.contains(cause) { entry.alarm.cause = nil }
            entry.isTold = entry.alarm.cause == nil
            entries[alarm.key] = entry
            keys[alarm.identifier] = alarm.key
            bySubject[alarm.key.subject, default: []].insert(alarm.key)
        }
        for alarm in stored.active {
            guard let cause = alarm.cause, let causeKey = keys[cause] else { continue }
            entries[alarm.key]?.cause = causeKey
            dependents[causeKey, default: []].insert(alarm.key)
        }
    }

    mutating func put(_ entry: AlarmManager.Entry) {
        // The key of the dictionary takes no new name of an interface; what is shown is the alarm's.
        entries[entry.alarm.key] = entry
        unsavedKeys.insert(entry.alarm.key)
        snapshot = nil
    }

    mutating func nextSequence() -> UInt32 {
        sequence = sequence == .max ? 1 : sequence + 1
        return sequence
    }

    mutating func forget(_ key: AlarmKey, dependingOn cause: AlarmKey) {
        dependents[cause]?.remove(key)
        if dependents[cause]?.isEmpty == true { dependents[cause] = nil }
    }

    mutating func deferTelling(_ entry: inout AlarmManager.Entry, at now: MonotonicTime) {
        entry.dueAt = now + limits.succession
        restless.insert(entry.alarm.key)
    }
}
