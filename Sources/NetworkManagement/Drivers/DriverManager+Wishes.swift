import NetworkModel
import Synchronization

extension DriverManager {
    /// What found no driver, or could not be loaded, is tried again so much later.
    private static let retryPeriod: Duration = .seconds(30)

    /// Tries again what had no success, where a quarantine does not forbid it. Call every few seconds.
    package func tick() {
        let now = clock.now()
        let wall = wallClock.now()
        let events = state.withLock { state in
            for (address, activity) in state.deviceActivity {
                if let asked = activity.asked, now - asked >= Self.retryPeriod {
                    state.deviceActivity[address]?.asked = nil
                }
            }
            for (driver, asked) in state.askedLoads where now - asked >= Self.retryPeriod {
                state.askedLoads[driver] = nil
            }
            return wishes(&state, state.snapshot, now, wall)
        }
        for event in events { listener(event) }
    }

    /// What lacks a driver, or is to be loaded, and was not asked for yet.
    func wishes(
        _ state: inout State, _ snapshot: DriverSnapshot, _ now: MonotonicTime, _ wall: WallTime
    ) -> [DriverEvent] {
        guard state.options.isAutoLoading, snapshot.support == .available else { return [] }
        var events: [DriverEvent] = []
        for row in snapshot.devices where row.device.driver == nil {
            let address = row.record.address
            guard let activity = state.deviceActivity[address], activity.asked == nil, !activity.isLeftAlone,
                row.device.candidates.contains(where: { mayLoad($0, state, snapshot, wall) })
            else { continue }
            state.deviceActivity[address]?.asked = now
            events.append(.driverWanted(row))
        }
        for (driver, configuration) in state.options.drivers.sorted(by: { $0.key < $1.key }) {
            guard configuration.isLoadedAutomatically == true, state.askedLoads[driver] == nil,
                !state.unloaded.contains(driver), let row = snapshot.driver(driver), !row.isPresent,
                mayLoad(driver, state, snapshot, wall)
            else { continue }
            state.askedLoads[driver] = now
            events.append(.loadWanted(row))
        }
        return events
    }

    private func mayLoad(
        _ driver: DriverName, _ state: State, _ snapshot: DriverSnapshot, _ now: WallTime
    ) -> Bool {
        guard let row = snapshot.driver(driver), row.isManaged, row.isLoadedAutomatically else { return false }
        return row.record.quarantineEnd.map { $0 <= now } ?? true
    }
}
