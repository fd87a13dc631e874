import NetworkModel
import Synchronization

extension DriverManager {
    /// Drivers of software interfaces: shown when loaded, since no device leads to them.
    static let virtualDrivers = Set(
        [
            "8021q", "bonding", "bridge", "dummy", "geneve", "gre", "ifb", "ip6_gre", "ip6_tunnel", "ip_gre", "ip_vti",
            "ipip", "ipvlan", "ipvtap", "macsec", "macvlan", "macvtap", "nlmon", "sit", "team", "tun", "veth", "vrf",
            "vxcan", "vxlan", "wireguard", "xfrm_interface",
        ].compactMap { DriverName($0) })

    /// Takes in what was seen.
    ///
    /// - Returns: what is to be told, and whether there is something new to keep.
    func take(_ survey: DriverSurvey, _ cause: String, _ started: MonotonicTime) -> ([DriverEvent], Bool) {
        let names = shownDrivers(survey)
        // Files are read outside the lock.
        let known = snapshot
        var facts: [DriverName: ModuleFacts] = [:]
        var values: [DriverName: [String: String]] = [:]
        for name in names {
            facts[name] = known.driver(name)?.facts ?? platform.facts(of: name) ?? ModuleFacts()
            if survey.modules[name] != nil { values[name] = platform.parameters(of: name) }
        }
        let now = clock.now()
        let support = platform.moduleSupport
        return state.withLock { state in
            let before = state.snapshot
            let isFirst = before.surveys == 0
            let oldBook = (state.book.count, state.deviceBook.count)
            var after = DriverSnapshot()
            after.support = support
            after.surveys = before.surveys &+ 1
            after.surveyDuration = now - started
            state.survey = survey
            after.devices = devices(in: &state, before, now)
            after.drivers = drivers(names, facts, values, in: &state, after.devices)
            note(before, &after, in: &state, cause, now, isFirst: isFirst)
            for row in after.drivers where row.isPresent { state.askedLoads[row.name] = nil }
            state.snapshot = after
            let isNew = oldBook != (state.book.count, state.deviceBook.count)
            let events = events(before, after, &state, isFirst: isFirst)
            return (events + wishes(&state, after, now, wallClock.now()), isNew)
        }
    }

    private func shownDrivers(_ survey: DriverSurvey) -> [DriverName] {
        var names = Set(survey.devices.flatMap(\.candidates))
        names.formUnion(survey.devices.compactMap(\.driver))
        names.formUnion(Self.virtualDrivers.filter { survey.modules[$0] != nil })
        names.formUnion(
            state.withLock { state in
                state.named.union(state.options.drivers.filter { $0.value.isLoadedAutomatically == true }.keys)
            })
        return names.sorted()
    }

    private func devices(in state: inout State, _ before: DriverSnapshot, _ now: MonotonicTime) -> [DeviceRow] {
        var rows: [DeviceRow] = []
        for device in state.survey.devices {
            let record =
                state.deviceBook[device.address]
                ?? DeviceRecord(address: device.address, index: state.lastDeviceIndex + 1)
            state.lastDeviceIndex = max(state.lastDeviceIndex, record.index)
            state.deviceBook[device.address] = record
            var activity = state.deviceActivity[device.address] ?? DeviceActivity()
            let old = before.device(device.address)
            if old?.device.driver != device.driver || activity.lastChange == nil { activity.lastChange = now }
            if device.driver != nil {
                activity.asked = nil
                activity.isLeftAlone = false
            } else if old?.device.driver != nil {
                activity.isLeftAlone = true
            } else if old == nil, before.surveys > 0, !state.options.isDiscovering {
                activity.isLeftAlone = true
            }
            state.deviceActivity[device.address] = activity
            var row = DeviceRow(record: record, device: device)
            row.choice = Self.choice(of: device, record, activity)
            row.lastError = activity.lastError
            row.lastChange = activity.lastChange
            rows.append(row)
        }
        for address in state.deviceActivity.keys where !rows.contains(where: { $0.record.address == address }) {
            state.deviceActivity[address] = nil
        }
        return rows.sorted { $0.index < $1.index }
    }

    private static func choice(
        of device: NetworkDevice, _ record: DeviceRecord, _ activity: DeviceActivity
    ) -> String {
        if !activity.choice.isEmpty { return activity.choice }
        guard let driver = device.driver else {
            return device.candidates.isEmpty ? "no driver is known for it" : "none of its candidates is loaded"
        }
        if driver == record.preferred { return "preferred" }
        if let place = device.candidates.firstIndex(of: driver) {
            return place == 0 ? "first candidate" : "candidate \(place + 1)"
        }
        return "bound by somebody else"
    }

    private func drivers(
        _ names: [DriverName], _ facts: [DriverName: ModuleFacts], _ values: [DriverName: [String: String]],
        in state: inout State, _ devices: [DeviceRow]
    ) -> [DriverRow] {
        var rows: [DriverRow] = []
        for name in names {
            let record = state.book[name] ?? DriverRecord(name: name, index: state.lastDriverIndex + 1)
            state.lastDriverIndex = max(state.lastDriverIndex, record.index)
            state.book[name] = record
            let activity = state.activity[name] ?? Activity()
            var row = DriverRow(record: record)
            row.facts = facts[name] ?? ModuleFacts()
            let configuration = state.options.drivers[name]
            row.isLoadedAutomatically = configuration?.isLoadedAutomatically ?? record.isLoadedAutomatically
            row.fallbacks = configuration?.fallbacks ?? [record.fallback].compactMap(\.self)
            row.options = configuration?.options ?? record.options
            row.module = state.survey.modules[name]
            let driven = devices.filter { $0.device.driver == name }
            row.devices = driven.map(\.index)
            row.interfaceCount = driven.reduce(0) { $0 + $1.device.interfaces.count }
            row.parameters = values[name] ?? [:]
            row.history = activity.history
            row.state = Self.state(of: row, activity)
            Self.assess(&row, state)
            rows.append(row)
        }
        // Those that drive something are managed first, then those that are loaded.
        let order = rows.indices.sorted { left, right in
            let ranks = [left, right].map { rows[$0].devices.isEmpty ? (rows[$0].isPresent ? 1 : 2) : 0 }
            return ranks[0] == ranks[1] ? rows[left].index < rows[right].index : ranks[0] < ranks[1]
        }
        for position in order.prefix(state.options.managedDrivers) { rows[position].isManaged = true }
        return rows.sorted { $0.index < $1.index }
    }

    private static func state(of row: DriverRow, _ activity: Activity) -> DriverState {
        if let state = activity.state { return state }
        if !row.devices.isEmpty { return .bound }
        if row.module?.isLive ?? row.facts.isBuiltIn { return .loaded }
        if row.module != nil { return .loading }
        return activity.hasFailed ? .failed : .available
    }

    /// Notes which drivers changed their state, when and why.
    private func note(
        _ before: DriverSnapshot, _ after: inout DriverSnapshot, in state: inout State, _ cause: String,
        _ now: MonotonicTime, isFirst: Bool
    ) {
        for position in after.drivers.indices {
            let row = after.drivers[position]
            let old = before.driver(row.name)
            guard old?.state != row.state, !isFirst || row.isPresent else { continue }
            var activity = state.activity[row.name] ?? Activity()
            activity.history.lastChange = now
            activity.history.lastCause = isFirst ? "found so at the start" : cause
            if row.isPresent, old.map({ !$0.isPresent }) ?? !isFirst {
                activity.history.loads &+= 1
                activity.hasFailed = false
            }
            state.activity[row.name] = activity
            after.drivers[position].history = activity.history
        }
    }

    private func events(
        _ before: DriverSnapshot, _ after: DriverSnapshot, _ state: inout State, isFirst: Bool
    ) -> [DriverEvent] {
        var events: [DriverEvent] = []
        if !isFirst {
            for row in after.drivers {
                let wasPresent = before.driver(row.name)?.isPresent ?? false
                if row.isPresent, !wasPresent { events.append(.loaded(row)) }
                if !row.isPresent, wasPresent { events.append(.unloaded(row)) }
            }
            for row in before.drivers where row.isPresent && after.driver(row.name) == nil {
                events.append(.unloaded(row))
            }
            for row in before.devices where after.device(row.record.address) == nil {
                events.append(.deviceRemoved(row))
            }
        }
        for row in after.devices where before.device(row.record.address) == nil {
            if !isFirst { events.append(.deviceAdded(row)) }
        }
        if !state.isLimitTold, let row = after.drivers.first(where: { !$0.isManaged }) {
            state.isLimitTold = true
            events.append(.limitExceeded(row))
        }
        return events
    }
}
