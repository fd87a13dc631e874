import NetworkModel
import Synchronization

extension DriverManager {
    /// A driver that has failed so often in a row is left alone for a while.
    private static let failuresToQuarantine: UInt32 = 3
    private static let firstQuarantine: Int64 = 30
    private static let longestQuarantine: Int64 = 3600

    /// Loads a module, with its kept options when there are none given.
    func load(_ driver: DriverName, _ given: [String], _ cause: String) throws(ManagementError) -> String {
        let options = state.withLock { state in
            state.named.insert(driver)
            state.unloaded.remove(driver)
            guard given.isEmpty else { return given }
            return state.options.drivers[driver]?.options ?? state.book[driver]?.options ?? []
        }
        if snapshot.driver(driver)?.module?.isLive == true { return "\(driver) is loaded already" }
        let duration = try attempt(driver, .loading, cause) { () throws(PlatformError) in
            try platform.load(driver, options: options)
        }
        guard snapshot.driver(driver)?.isPresent == true else {
            throw ManagementError(.failed, "\(driver) was loaded and is gone again")
        }
        return "loaded \(driver) in \(duration / .milliseconds(1)) ms"
    }

    func unload(_ driver: DriverName, _ cause: String) throws(ManagementError) -> String {
        state.withLock { _ = $0.unloaded.insert(driver) }
        let duration: Duration
        do throws(ManagementError) {
            duration = try attempt(driver, .unloading, cause) { () throws(PlatformError) in
                try platform.unload(driver)
            }
        } catch {
            state.withLock { _ = $0.unloaded.remove(driver) }
            throw error
        }
        return "unloaded \(driver) in \(duration / .milliseconds(1)) ms"
    }

    /// Unloads and loads. When it does not load with other options, it is loaded with its own again.
    func reload(
        _ driver: DriverName, _ options: [String], _ run: OperationRun, _ cause: String
    ) throws(ManagementError) -> String {
        _ = try unload(driver, cause)
        run.report(progress: 50)
        do throws(ManagementError) {
            return "reloaded; " + (try load(driver, options, cause))
        } catch {
            guard !options.isEmpty else { throw error }
            let outcome = Result { () throws(ManagementError) in try load(driver, [], cause) }
            switch outcome {
            case .success: throw ManagementError(error.code, "\(error.message); it is loaded as before")
            case .failure(let second): throw ManagementError(.notRestored, "\(error.message); then: \(second.message)")
            }
        }
    }

    /// Takes a device from its driver and gives it one. When that does not work, it gets the one it had again.
    func rebind(
        _ address: DeviceAddress, _ wanted: DriverName?, _ isForced: Bool, _ run: OperationRun, _ cause: String
    ) throws(ManagementError) -> String {
        let old = snapshot.device(address)?.device.driver
        if old != nil { _ = try unbind(address, cause) }
        run.report(progress: 50)
        do throws(ManagementError) {
            return try bind(address, wanted, isForced, run, cause)
        } catch {
            guard let old, old != wanted, snapshot.device(address)?.device.driver == nil else { throw error }
            do throws(ManagementError) {
                try attach(address, to: old, isForced: true, cause)
            } catch let second {
                throw ManagementError(.notRestored, "\(error.message); then: \(second.message)")
            }
            throw ManagementError(error.code, "\(error.message); \(old) has it again")
        }
    }

    func set(_ option: String, of driver: DriverName, _ cause: String) throws(ManagementError) -> String {
        let parts = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        do {
            try platform.setParameter(String(parts[0]), of: driver, to: String(parts[1]))
        } catch {
            throw ManagementError(error)
        }
        refresh(because: cause)
        return "\(driver): \(option)"
    }

    func unbind(_ address: DeviceAddress, _ cause: String) throws(ManagementError) -> String {
        let driver = snapshot.device(address)?.device.busDriver ?? ""
        do {
            try platform.unbind(address)
        } catch {
            throw ManagementError(error)
        }
        edit(address) { $0.choice = "" }
        refresh(because: cause)
        return "\(address) was taken from \(driver)"
    }

    /// Gives a device a driver: the one that is wanted, or else the preferred, the candidates and their fallbacks, one
    /// after the other.
    func bind(
        _ address: DeviceAddress, _ wanted: DriverName?, _ isForced: Bool, _ run: OperationRun, _ cause: String
    ) throws(ManagementError) -> String {
        let (choices, options, quarantined) = choices(for: address, wanted)
        guard let first = choices.first else {
            throw ManagementError(
                .notSupported,
                quarantined.isEmpty
                    ? "no driver is known for \(address)"
                    : "every driver for \(address) is quarantined: \(quarantined.joined(separator: ", "))")
        }
        var reasons: [String] = []
        for (position, driver) in choices.enumerated() {
            try run.checkPoint()
            do throws(ManagementError) {
                try attach(address, to: driver, isForced: isForced, cause)
            } catch {
                refresh(because: cause)
                // A driver is not to blame for a device that was pulled.
                guard snapshot.device(address) != nil else {
                    throw ManagementError(.notFound, "\(address) has vanished")
                }
                reasons.append("\(driver): \(error.message)")
                fail(driver, error.message, cause, isCounted: true)
                guard options.isFallingBack || wanted != nil else { break }
                continue
            }
            succeed(driver)
            let reason = reasons.joined(separator: "; ")
            edit(address) { activity in
                activity.choice = position == 0 ? "" : "fallback, since \(reason)"
                activity.lastError = reason
            }
            refresh(because: cause)
            if position > 0, let row = snapshot.device(address) {
                listener(.fallbackUsed(row, wanted: first, used: driver, reason: reason))
            }
            return position == 0 ? "\(address) is bound to \(driver)" : "\(address) fell back to \(driver): \(reason)"
        }
        edit(address) { $0.lastError = reasons.joined(separator: "; ") }
        refresh(because: cause)
        throw ManagementError(.failed, "no driver took \(address): \(reasons.joined(separator: "; "))")
    }

    private func choices(
        for address: DeviceAddress, _ wanted: DriverName?
    ) -> ([DriverName], Options, quarantined: [String]) {
        let now = wallClock.now()
        return state.withLock { state in
            if let wanted { return ([wanted], state.options, []) }
            guard let device = state.snapshot.device(address)?.device else { return ([], state.options, []) }
            var names: [DriverName] = []
            func add(_ name: DriverName?) {
                if let name, !names.contains(name) { names.append(name) }
            }
            func addFallbacks(of driver: DriverName) {
                for fallback in state.snapshot.driver(driver)?.fallbacks ?? [] { add(fallback) }
            }
            add(state.deviceBook[address]?.preferred)
            for candidate in device.candidates where state.options.drivers[candidate]?.isPreferred == true {
                add(candidate)
            }
            for preferred in names { addFallbacks(of: preferred) }
            for candidate in device.candidates { add(candidate) }
            for candidate in device.candidates { addFallbacks(of: candidate) }
            let quarantined = names.filter { name in
                state.book[name]?.quarantineEnd.map { now < $0 } ?? false
            }
            return (
                names.filter { !quarantined.contains($0) }, state.options, quarantined.map(\.description)
            )
        }
    }

    /// Loads one driver, if need be, and has it probe the device.
    private func attach(
        _ address: DeviceAddress, to driver: DriverName, isForced: Bool, _ cause: String
    ) throws(ManagementError) {
        if snapshot.driver(driver)?.isPresent != true {
            // Loading probes every device that has no driver.
            _ = try load(driver, [], cause)
        }
        guard let device = snapshot.device(address)?.device else {
            throw ManagementError(.notFound, "\(address) has vanished")
        }
        if device.driver == driver { return }
        if let other = device.busDriver {
            // Another of them was faster.
            do {
                try platform.unbind(address)
            } catch {
                throw ManagementError(.failed, "\(address) does not leave \(other): \(error)")
            }
        }
        let prefix = address.bus + ":"
        let registered = state.withLock { $0.survey.modules[driver]?.busDrivers ?? [] }
        let busDrivers = registered.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
        guard let busDriver = busDrivers.first else {
            throw ManagementError(.notSupported, "\(driver) has no driver for the bus \(address.bus)")
        }
        let isCandidate = device.candidates.contains(driver)
        do {
            try platform.bind(address, to: busDriver, isForced: isForced && !isCandidate)
        } catch {
            throw ManagementError(error)
        }
        refresh(because: cause)
        guard snapshot.device(address)?.device.driver == driver else {
            throw ManagementError(.failed, "its probe did not take the device")
        }
    }

    /// Does something to a driver, and notes that it is being done, how long it took and what came of it.
    private func attempt(
        _ driver: DriverName, _ during: DriverState, _ cause: String, _ body: () throws(PlatformError) -> Void
    ) throws(ManagementError) -> Duration {
        let started = clock.now()
        set(during, of: driver, cause, started)
        do {
            try body()
        } catch {
            set(nil, of: driver, cause, clock.now())
            let message = error.description
            fail(driver, message, cause, isCounted: during == .loading)
            throw ManagementError(error)
        }
        let duration = clock.now() - started
        state.withLock { state in
            state.activity[driver, default: Activity()].state = nil
            state.activity[driver]?.history.lastDuration = duration
            state.activity[driver]?.history.lastError = ""
            state.activity[driver]?.hasFailed = false
        }
        refresh(because: cause)
        return duration
    }

    private func set(_ new: DriverState?, of driver: DriverName, _ cause: String, _ now: MonotonicTime) {
        state.withLock { state in
            state.activity[driver, default: Activity()].state = new
            state.activity[driver]?.history.lastChange = now
            state.activity[driver]?.history.lastCause = cause
            guard let position = state.snapshot.drivers.firstIndex(where: { $0.name == driver }), let new else {
                return
            }
            state.snapshot.drivers[position].state = new
            state.snapshot.drivers[position].history = state.activity[driver]?.history ?? DriverHistory()
        }
    }

    private func edit(_ address: DeviceAddress, _ body: (inout DeviceActivity) -> Void) {
        state.withLock { state in body(&state.deviceActivity[address, default: DeviceActivity()]) }
    }

    /// Notes that a driver failed, and quarantines it when it keeps failing.
    private func fail(_ driver: DriverName, _ message: String, _ cause: String, isCounted: Bool) {
        let now = wallClock.now()
        state.withLock { state in
            state.activity[driver, default: Activity()].hasFailed = true
            state.activity[driver]?.history.failures &+= 1
            state.activity[driver]?.history.lastError = message
            guard isCounted, var record = state.book[driver] else { return }
            record.failures &+= 1
            if record.failures >= Self.failuresToQuarantine {
                let doublings = min(record.failures - Self.failuresToQuarantine, 16)
                let seconds = min(Self.firstQuarantine << Int64(doublings), Self.longestQuarantine)
                record.quarantineEnd = WallTime(seconds: now.seconds + seconds)
            }
            state.book[driver] = record
        }
        refresh(because: cause)
        persist()
        if let row = snapshot.driver(driver) { listener(.failed(row, reason: message)) }
    }

    /// Notes that a driver works.
    private func succeed(_ driver: DriverName) {
        let hadFailed = state.withLock { state in
            state.activity[driver]?.hasFailed = false
            state.activity[driver]?.history.lastError = ""
            guard let record = state.book[driver], record.failures > 0 else { return false }
            state.book[driver]?.failures = 0
            state.book[driver]?.quarantineEnd = nil
            return true
        }
        guard hadFailed else { return }
        refresh(because: "it works again")
        persist()
        if let row = snapshot.driver(driver) { listener(.recovered(row)) }
    }
}
