import Logging
import NetworkModel

// How the kernel's messages become rows and events. All of it runs under the state's lock.

extension InterfaceManager {
    func merge(
        _ event: InterfacePlatformEvent, at now: MonotonicTime, into state: inout State,
        _ events: inout [InterfaceEvent]
    ) {
        switch event {
        case .link(let link):
            merge(link, at: now, into: &state, &events)
        case .gone(let index):
            remove(index, at: now, from: &state, &events)
        case .addressAdded(let index, let address):
            editAddresses(of: index, in: &state) { addresses in
                if !addresses.contains(address) { addresses.append(address) }
            }
        case .addressRemoved(let index, let address):
            editAddresses(of: index, in: &state) { addresses in addresses.removeAll { $0 == address } }
        case .settingsChanged(let index):
            state.staleDetails.insert(index)
        case .resynchronise:
            break
        }
    }

    func replaceAll(
        with links: [Link], _ addresses: [InterfaceIndex: [InterfaceAddress]], at now: MonotonicTime,
        in state: inout State, _ events: inout [InterfaceEvent]
    ) {
        let present = Set(links.map(\.index))
        for row in state.rows where !present.contains(row.index) {
            remove(row.index, at: now, from: &state, &events)
        }
        for link in links {
            merge(link, at: now, into: &state, &events)
            editAddresses(of: link.index, in: &state) { $0 = addresses[link.index] ?? [] }
        }
    }

    private func merge(
        _ link: Link, at now: MonotonicTime, into state: inout State, _ events: inout [InterfaceEvent]
    ) {
        let position = state.position(of: link.index)
        if position < state.rows.count, state.rows[position].index == link.index {
            update(position, with: link, at: now, in: &state, &events)
        } else {
            insert(link, at: position, at: now, in: &state, &events)
        }
    }

    private func insert(
        _ link: Link, at position: Int, at now: MonotonicTime, in state: inout State, _ events: inout [InterfaceEvent]
    ) {
        let isNews = state.isInitialised
        let hasRoom = state.managedCount < state.limits.managedInterfaces
        let isManaged = hasRoom && (state.limits.isDiscovering || !isNews)
        if isManaged { state.managedCount += 1 }
        let row = InterfaceRow(
            interface: NetworkInterface(link: link), created: isNews ? now : nil, lastChange: isNews ? now : nil,
            configurationChange: nil, isManaged: isManaged,
            // RFC 2863 ifLinkUpDownTrapEnable: "enabled(1) for interfaces which do not operate on 'top' of any other".
            sendsLinkNotifications: link.layerBelow == nil, flapping: FlapCondition())
        state.rows.insert(row, at: position)
        state.tracking[link.index] = Tracking(
            damper: FlapDamper(state.limits.flapping), eventStatus: link.operationalStatus,
            announcedStatus: link.operationalStatus)
        state.staleDetails.insert(link.index)
        if isNews {
            noteLower(of: nil, link, in: &state)
            state.tableLastChange = now
            state.stackLastChange = now
            events.append(.appeared(row))
        }
        events.append(.statusChanged(row, before: nil))
        if !hasRoom { events.append(.limitExceeded(row)) }
    }

    private func remove(
        _ index: InterfaceIndex, at now: MonotonicTime, from state: inout State, _ events: inout [InterfaceEvent]
    ) {
        let position = state.position(of: index)
        guard position < state.rows.count, state.rows[position].index == index else { return }
        let row = state.rows.remove(at: position)
        state.tracking[index] = nil
        state.damped.remove(index)
        state.staleDetails.remove(index)
        state.reconfigured.remove(index)
        noteLower(of: row.link, nil, in: &state)
        state.tableLastChange = now
        state.stackLastChange = now
        if row.isManaged { state.managedCount -= 1 }
        events.append(.disappeared(row))
        if row.isManaged, state.limits.isDiscovering, state.managedCount < state.limits.managedInterfaces,
            let next = state.rows.firstIndex(where: { !$0.isManaged })
        {
            state.managedCount += 1
            state.rows[next] = state.rows[next].with(isManaged: true)
        }
    }

    private func update(
        _ position: Int, with link: Link, at now: MonotonicTime, in state: inout State,
        _ events: inout [InterfaceEvent]
    ) {
        let old = state.rows[position]
        let status = link.operationalStatus
        var flapping = old.flapping
        var announcement: InterfaceEvent?
        var wasDamped = false
        if var tracking = state.tracking[link.index] {
            if tracking.eventStatus != status {
                flapping.transitions &+= 1
                if isAnnounced(from: tracking.eventStatus, to: status) {
                    switch tracking.damper.transition(at: now, state.limits.flapping) {
                    case .send:
                        tracking.announcedStatus = status
                        announcement = status == .down ? .linkDown(old) : .linkUp(old)
                    case .beginDamping:
                        wasDamped = old.link.isAdministrativelyUp == link.isAdministrativelyUp
                        flapping.suppressed &+= 1
                        state.damped.insert(link.index)
                    case .suppress:
                        flapping.suppressed &+= 1
                    }
                }
                flapping.isDamped = tracking.damper.isDamped
                tracking.eventStatus = status
            }
            state.tracking[link.index] = tracking
        }
        guard old.link != link || old.flapping != flapping else { return }
        let row = replaceLink(of: old, with: link, flapping: flapping, at: now, in: &state)
        state.rows[position] = row
        noteLower(of: old.link, link, in: &state)
        if old.operationalStatus != row.operationalStatus
            || old.link.isAdministrativelyUp != row.link.isAdministrativelyUp || old.link.master != row.link.master
        {
            events.append(.statusChanged(row, before: old))
        }
        if let announcement, row.sendsLinkNotifications {
            if case .linkDown = announcement { events.append(.linkDown(row)) } else { events.append(.linkUp(row)) }
        }
        if wasDamped { events.append(.flapping(row)) }
    }

    /// RFC 2863 section 3.1.15: into `down` from any other state but notPresent, and out of it into any but notPresent.
    private func isAnnounced(from old: OperationalStatus, to new: OperationalStatus) -> Bool {
        (new == .down) != (old == .down) && old != .notPresent && new != .notPresent
    }

    /// The row after `old` got a new link, with the stamps and events that this means.
    func replaceLink(
        of old: InterfaceRow, with link: Link, flapping: FlapCondition, at now: MonotonicTime, in state: inout State
    ) -> InterfaceRow {
        var interface = old.interface
        interface.link = link
        let changesStatus = old.link.operationalStatus != link.operationalStatus
        let isReconfigured = old.link.isConfiguredUnlike(link)
        let row = old.with(
            interface: interface, lastChange: changesStatus ? now : nil,
            configurationChange: isReconfigured ? now : nil, flapping: flapping)
        if isReconfigured { state.reconfigured.insert(link.index) }
        if old.link.master != link.master || old.link.layerBelow != link.layerBelow {
            state.stackLastChange = now
        }
        if changesStatus || old.link.carrier != link.carrier || old.link.name != link.name {
            state.staleDetails.insert(link.index)
        }
        return row
    }

    func settle(at now: MonotonicTime, in state: inout State, _ events: inout [InterfaceEvent]) {
        for index in state.damped {
            let position = state.position(of: index)
            guard var tracking = state.tracking[index], position < state.rows.count,
                state.rows[position].index == index
            else { continue }
            guard tracking.damper.settles(at: now, state.limits.flapping) else { continue }
            state.damped.remove(index)
            var flapping = state.rows[position].flapping
            flapping.isDamped = false
            let row = state.rows[position].with(flapping: flapping)
            state.rows[position] = row
            events.append(.settled(row))
            if row.sendsLinkNotifications, isAnnounced(from: tracking.announcedStatus, to: tracking.eventStatus) {
                events.append(tracking.eventStatus == .down ? .linkDown(row) : .linkUp(row))
            }
            tracking.announcedStatus = tracking.eventStatus
            state.tracking[index] = tracking
        }
    }

    /// How many interfaces a tick tells of, so that a change of thousands at once is no flood of notifications.
    private static let toldPerTick = 100

    func tellReconfigured(in state: inout State, _ events: inout [InterfaceEvent]) {
        for index in state.reconfigured.sorted().prefix(Self.toldPerTick) {
            state.reconfigured.remove(index)
            let position = state.position(of: index)
            guard position < state.rows.count, state.rows[position].index == index else { continue }
            events.append(.configurationChanged(state.rows[position]))
        }
    }

    private func editAddresses(
        of index: InterfaceIndex, in state: inout State, _ edit: (inout [InterfaceAddress]) -> Void
    ) {
        let position = state.position(of: index)
        guard position < state.rows.count, state.rows[position].index == index else { return }
        var interface = state.rows[position].interface
        edit(&interface.addresses)
        guard interface.addresses != state.rows[position].addresses else { return }
        state.rows[position] = state.rows[position].with(interface: interface)
        // Joining a group at the IP layer joins its link-layer address, which no event tells.
        state.staleMulticast = true
    }
}

extension InterfaceManager.State {
    func position(of index: InterfaceIndex) -> Int {
        rows.position(of: index)
    }
}

extension Link {
    /// Whether a change between the two is one that somebody made, rather than the medium.
    fileprivate func isConfiguredUnlike(_ other: Link) -> Bool {
        name != other.name || alias != other.alias || mtu != other.mtu || address != other.address
            || master != other.master || lower != other.lower || queueLength != other.queueLength
    }
}
