import NetworkModel
import Synchronization

extension DriverManager {
    /// Takes in what the kernel logged.
    package func take(_ entries: [KernelLogEntry]) {
        guard options.isMonitoringHealth else { return }
        let snapshot = snapshot
        note(entries.compactMap { DriverSymptom($0, in: snapshot) })
    }

    /// Takes in how the interfaces of devices fare. Call every second or so.
    ///
    /// - Parameter reading: the latest counters.
    package func watch(_ interfaces: InterfaceSnapshot, _ reading: MonitoringManager.Reading) {
        guard options.isMonitoringHealth else { return }
        let now = clock.now()
        note(state.withLock { Self.symptoms(&$0, interfaces, reading, now) })
    }

    /// How often health reporters are read: that is a kernel call.
    private static let reporterPeriod: Duration = .seconds(10)

    /// Reads what drivers report of themselves, when it is time.
    package func readReporters() {
        let now = clock.now()
        let isDue = state.withLock { state in
            guard state.options.isMonitoringHealth, !state.snapshot.devices.isEmpty,
                state.reportersRead.map({ now - $0 >= Self.reporterPeriod }) ?? true
            else { return false }
            state.reportersRead = now
            return true
        }
        // Where they cannot be read, as without devlink, they say nothing.
        guard isDue, let reporters = try? platform.healthReporters() else { return }
        note(state.withLock { Self.symptoms(&$0, reporters) })
    }

    private static func symptoms(_ state: inout State, _ reporters: [HealthReporter]) -> [DriverSymptom] {
        let before = state.reported
        state.reported = [:]
        return reporters.compactMap { reporter in
            let key = "\(reporter.device) \(reporter.name)"
            state.reported?[key] = reporter.errors
            guard let driver = state.snapshot.device(reporter.device)?.device.driver else { return nil }
            let text = "health reporter \(reporter.name) of \(reporter.device): \(reporter.errors) errors"
            if !reporter.isHealthy {
                return DriverSymptom(.reportedError, driver, reporter.device, "\(text), not recovered from")
            }
            guard let earlier = before?[key], reporter.errors > earlier else { return nil }
            return DriverSymptom(.reportedRecovery, driver, reporter.device, "\(text), recovered from")
        }
    }

    private static func symptoms(
        _ state: inout State, _ interfaces: InterfaceSnapshot, _ reading: MonitoringManager.Reading,
        _ now: MonotonicTime
    ) -> [DriverSymptom] {
        var windows: [InterfaceIndex: InterfaceHealthWindow] = [:]
        var symptoms: [DriverSymptom] = []
        for device in state.snapshot.devices {
            guard let driver = device.device.driver else { continue }
            for (index, name) in device.device.interfaces {
                guard let row = interfaces.row(index), let counters = reading.counters(of: index, hint: 0) else {
                    continue
                }
                var window = state.windows[index] ?? InterfaceHealthWindow()
                let found = window.take(
                    .init(
                        time: now, carrierLosses: row.link.carrierDownCount,
                        errors: counters.receiveErrors &+ counters.transmitErrors,
                        packets: counters.receivedPackets &+ counters.transmittedPackets))
                windows[index] = window
                symptoms += found.map { DriverSymptom($0.0, driver, device.record.address, "\(name): \($0.1)") }
            }
        }
        state.windows = windows
        return symptoms
    }

    /// Notes symptoms, and asks for what can be done about them.
    private func note(_ symptoms: [DriverSymptom]) {
        guard !symptoms.isEmpty else { return }
        let now = clock.now()
        state.withLock { state in
            for symptom in symptoms { state.health[symptom.driver, default: DriverHealthRecord()].note(symptom, now) }
        }
        assessHealth()
        var seen: Set<DeviceAddress> = []
        for symptom in symptoms where symptom.kind.isTreatable {
            guard let device = symptom.device, seen.insert(device).inserted else { continue }
            treat(device, of: symptom.driver, because: symptom.text, now)
        }
    }

    /// Says anew how well each driver is, and tells what has changed. Call every second or so: what is over is forgotten.
    package func assessHealth() {
        let now = clock.now()
        let events: [DriverEvent] = state.withLock { state in
            let isMonitoring = state.options.isMonitoringHealth
            for driver in state.health.keys {
                state.health[driver]?.forget(now)
                if !isMonitoring || state.health[driver]?.isEmpty == true { state.health[driver] = nil }
            }
            var events: [DriverEvent] = []
            for position in state.snapshot.drivers.indices {
                let name = state.snapshot.drivers[position].name
                let health = state.health[name]?.health ?? .healthy
                let told = state.toldHealth[name] ?? .healthy
                guard health != told || health != .healthy else { continue }
                var row = state.snapshot.drivers[position]
                Self.assess(&row, state)
                state.snapshot.drivers[position] = row
                guard health != told else { continue }
                state.toldHealth[name] = health == .healthy ? nil : health
                events.append(.healthChanged(row, health))
            }
            return events
        }
        for event in events { listener(event) }
    }

    /// Says how well a driver is, and why.
    static func assess(_ row: inout DriverRow, _ state: State) {
        let activity = state.activity[row.name] ?? Activity()
        row.health = .healthy
        row.evidence = ""
        if row.state == .failed {
            row.health = .failed
            row.evidence = activity.history.lastError
        } else if let taints = row.module?.taints, !taints.isEmpty {
            row.health = .degraded
            row.evidence = "taints the kernel: \(taints)"
        } else if row.record.failures > 0 {
            row.health = .degraded
            row.evidence = "failed \(row.record.failures) times in a row: \(activity.history.lastError)"
        }
        guard let record = state.health[row.name], record.health != .healthy else { return }
        if record.health.rawValue >= row.health.rawValue { row.health = record.health }
        row.evidence = row.evidence.isEmpty ? record.evidence : "\(record.evidence); \(row.evidence)"
    }

    /// Asks for the next step of the ladder, unless something speaks against it.
    private func treat(
        _ address: DeviceAddress, of driver: DriverName, because reason: String, _ now: MonotonicTime
    ) {
        let snapshot = snapshot
        guard let device = snapshot.device(address), let row = snapshot.driver(driver), row.isManaged else { return }
        let possible = possibleSteps(device, row, snapshot)
        let step: RecoveryStep
        do throws(ManagementError) {
            let record = state.withLock { $0.health[driver] }
            guard let next = try record?.nextStep(for: address, of: possible, now) else { return }
            step = next
        } catch {
            return hold(driver, device, error.message, now)
        }
        if let objection = objection(to: step, device, driver) { return hold(driver, device, objection, now) }
        let isOurs = state.withLock { state in
            // The kernel's log and the counters come on threads of their own, and may have brought the same.
            guard (try? state.health[driver]?.nextStep(for: address, of: possible, now)) == step else { return false }
            state.health[driver]?.climb(address, step, now)
            // What the step itself does to carrier and counters speaks against nobody.
            for index in device.device.interfaces.keys { state.windows[index] = nil }
            return true
        }
        if isOurs { listener(.recoveryWanted(row, device, step, reason: reason)) }
    }

    private func hold(_ driver: DriverName, _ device: DeviceRow, _ reason: String, _ now: MonotonicTime) {
        let row = state.withLock { state in
            state.health[driver]?.climb(device.record.address, nil, now)
            return state.snapshot.driver(driver)
        }
        if let row { listener(.recoveryHeld(row, device, reason: reason)) }
    }

    /// What speaks against a step by the manager itself: that it would cut the way by which the host is managed.
    func objection(to step: RecoveryStep, _ device: DeviceRow, _ driver: DriverName) -> String? {
        let affected = step == .reload ? snapshot.devices.filter { $0.device.driver == driver } : [device]
        let gone = affected.reduce(into: [:]) { $0.merge($1.device.interfaces) { first, _ in first } }
        return interfaces.managementObjection(toRemoving: gone, by: .daemon)
    }

    private func possibleSteps(
        _ device: DeviceRow, _ row: DriverRow, _ snapshot: DriverSnapshot
    ) -> [RecoveryStep] {
        RecoveryStep.allCases.filter { step in
            switch step {
            case .linkBounce: !device.device.interfaces.isEmpty
            case .deviceReset: platform.canReset(device.record.address)
            case .rebind: true
            case .reload:
                snapshot.support == .available && row.module.map { $0.references == 0 && $0.isLive } ?? false
            case .fallback: options.isFallingBack && nextDriver(device, after: row) != nil
            }
        }
    }

    /// The driver that a device falls back to; nil when there is none.
    func nextDriver(_ device: DeviceRow, after row: DriverRow) -> DriverName? {
        (row.fallbacks + device.device.candidates).first { $0 != row.name }
    }
}
