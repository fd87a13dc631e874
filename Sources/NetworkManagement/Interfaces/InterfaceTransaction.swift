package import NetworkModel
import Synchronization

/// What can be set on one interface.
package enum InterfaceSetting: Sendable, Hashable {
    case adminState(up: Bool)
    /// 0..64 octets over SNMP (ifAlias), 0..255 in the kernel; no NUL.
    case alias(String)
    case mtu(UInt32)
    case promiscuous(Bool)
    case queueLength(UInt32)
    /// ifLinkUpDownTrapEnable; kept by the manager.
    case linkNotifications(Bool)
    /// Whether the interface may be changed through the manager; kept by the manager.
    case managed(Bool)
}

/// A setting for one interface.
package struct InterfaceRequest: Sendable, Hashable {
    package let index: InterfaceIndex
    package let setting: InterfaceSetting

    package init(_ index: InterfaceIndex, _ setting: InterfaceSetting) {
        self.index = index
        self.setting = setting
    }
}

/// Several settings made as one: all of them or none.
///
/// Made by `InterfaceManager.prepare`; then `apply` once, and `restore` when it is to be taken back.
package final class InterfaceTransaction: Sendable {
    /// What failed, and the position of the request it failed for.
    package struct Failure: Error, Sendable, Equatable {
        package let position: Int
        package let error: ManagementError
    }

    package let requests: [InterfaceRequest]
    /// What each setting was when the transaction was prepared.
    package let previous: [InterfaceSetting]
    private let manager: InterfaceManager
    private let applied = Mutex(false)

    /// Whether every change is made, and not taken back.
    package var isApplied: Bool { applied.withLock { $0 } }

    init(requests: [InterfaceRequest], previous: [InterfaceSetting], manager: InterfaceManager) {
        self.requests = requests
        self.previous = previous
        self.manager = manager
    }

    /// Makes every change in order and reads each back. When one fails, those before it are taken back first.
    package func apply() throws(Failure) {
        for (position, request) in requests.enumerated() {
            do {
                try manager.set(request)
            } catch {
                do {
                    try restore(requestsBefore: position)
                } catch let failure {
                    throw Failure(
                        position: position,
                        error: ManagementError(.notRestored, "\(error); and then: \(failure.error)"))
                }
                throw Failure(position: position, error: error)
            }
        }
        applied.withLock { $0 = true }
    }

    /// Makes every setting what it was, the last first. Goes on after a failure, and reports the first.
    package func restore() throws(Failure) {
        applied.withLock { $0 = false }
        try restore(requestsBefore: requests.count)
    }

    private func restore(requestsBefore end: Int) throws(Failure) {
        var first: Failure?
        for position in (0..<end).reversed() {
            do {
                try manager.set(InterfaceRequest(requests[position].index, previous[position]))
            } catch {
                // An interface that is gone has nothing left to restore.
                if error.code != .notFound, first == nil { first = Failure(position: position, error: error) }
            }
        }
        if let first { throw first }
    }
}

extension InterfaceManager {
    /// The longest alias the kernel keeps: IFALIASZ - 1 octets (linux/if.h).
    private static let maximumAliasLength = 255

    /// Checks the requests against what is known now. Nothing is changed; no kernel call.
    package func prepare(_ requests: [InterfaceRequest]) throws(InterfaceTransaction.Failure) -> InterfaceTransaction {
        let snapshot = snapshot
        var previous: [InterfaceSetting] = []
        for (position, request) in requests.enumerated() {
            guard let row = snapshot.row(request.index) else {
                let error = ManagementError(.notFound, "interface \(request.index) does not exist")
                throw InterfaceTransaction.Failure(position: position, error: error)
            }
            do {
                try check(request.setting, on: row)
            } catch {
                throw InterfaceTransaction.Failure(position: position, error: error)
            }
            previous.append(row.current(request.setting))
        }
        return InterfaceTransaction(requests: requests, previous: previous, manager: self)
    }

    private func check(_ setting: InterfaceSetting, on row: InterfaceRow) throws(ManagementError) {
        if case .managed(let managed) = setting {
            guard !managed || row.isManaged || hasRoom else {
                throw ManagementError(
                    .exhausted, "manager_max_interfaces (\(limits.managedInterfaces)) interfaces are managed already")
            }
            return
        }
        guard row.isManaged else {
            throw ManagementError(
                .inconsistent,
                "interface \(row.link.name) is not managed; raise manager_max_interfaces (\(limits.managedInterfaces))")
        }
        switch setting {
        case .alias(let alias):
            guard alias.utf8.count <= Self.maximumAliasLength, !alias.utf8.contains(0) else {
                throw ManagementError(.invalidValue, "an alias has at most 255 octets and no NUL")
            }
        case .mtu(let mtu):
            let minimum = row.link.minimumMTU ?? 0
            let maximum = row.link.maximumMTU ?? UInt32(Int32.max)
            // 0 for a maximum says that the driver sets no bound.
            guard mtu >= minimum, maximum == 0 || mtu <= maximum else {
                throw ManagementError(
                    .invalidValue, "\(row.link.name) takes an MTU of \(minimum) to \(maximum) octets, not \(mtu)")
            }
        case .adminState, .promiscuous, .queueLength, .linkNotifications, .managed:
            break
        }
    }

    private var hasRoom: Bool {
        state.withLock { $0.managedCount < $0.limits.managedInterfaces }
    }

    /// Makes one change and reads it back.
    func set(_ request: InterfaceRequest) throws(ManagementError) {
        switch request.setting {
        case .linkNotifications(let enabled):
            try edit(request.index) { $0.with(sendsLinkNotifications: enabled) }
        case .managed(let managed):
            try edit(request.index) { $0.with(isManaged: managed) }
        case .adminState(let up): try change(.setAdminState(up: up), request)
        case .alias(let alias): try change(.setAlias(alias), request)
        case .mtu(let mtu): try change(.setMTU(mtu), request)
        case .promiscuous(let enabled): try change(.setPromiscuous(enabled), request)
        case .queueLength(let length): try change(.setQueueLength(length), request)
        }
    }

    private func change(_ change: InterfaceChange, _ request: InterfaceRequest) throws(ManagementError) {
        let link: Link
        do {
            try platform.apply(change, to: request.index)
            link = try platform.link(request.index)
        } catch {
            throw ManagementError(error)
        }
        show(link)
        let actual = InterfaceRow.current(request.setting, of: link)
        guard actual == nil || actual == request.setting else {
            throw ManagementError(.failed, "\(link.name): the kernel accepted \(request.setting) and kept its own")
        }
    }

    /// Puts a link that was read back into the table at once.
    ///
    /// Carrier and operational state stay as the events told them: the events still on their way are older than this
    /// reading, and would look like a change back.
    private func show(_ link: Link) {
        let now = clock.now()
        commit { state, _ in
            let position = state.position(of: link.index)
            guard position < state.rows.count, state.rows[position].index == link.index else { return }
            let old = state.rows[position]
            var merged = link
            merged.operationalState = old.link.operationalState
            merged.carrier = old.link.carrier
            merged.carrierUpCount = old.link.carrierUpCount
            merged.carrierDownCount = old.link.carrierDownCount
            guard merged != old.link else { return }
            state.rows[position] = replaceLink(
                of: old, with: merged, flapping: old.flapping, at: now, in: &state)
        }
    }

    private func edit(
        _ index: InterfaceIndex, _ change: (InterfaceRow) -> InterfaceRow
    ) throws(ManagementError) {
        var isFound = false
        commit { state, _ in
            let position = state.position(of: index)
            guard position < state.rows.count, state.rows[position].index == index else { return }
            isFound = true
            let old = state.rows[position]
            let new = change(old)
            if old.isManaged != new.isManaged { state.managedCount += new.isManaged ? 1 : -1 }
            state.rows[position] = new
        }
        guard isFound else { throw ManagementError(.notFound, "interface \(index) is gone") }
    }
}

extension InterfaceRow {
    /// What `setting` is now.
    func current(_ setting: InterfaceSetting) -> InterfaceSetting {
        switch setting {
        case .linkNotifications: .linkNotifications(sendsLinkNotifications)
        case .managed: .managed(isManaged)
        case .adminState, .alias, .mtu, .promiscuous, .queueLength: Self.current(setting, of: link) ?? setting
        }
    }

    /// The same, of what the kernel keeps; nil for what the manager keeps.
    static func current(_ setting: InterfaceSetting, of link: Link) -> InterfaceSetting? {
        switch setting {
        case .adminState: .adminState(up: link.isAdministrativelyUp)
        case .alias: .alias(link.alias)
        case .mtu: .mtu(link.mtu)
        case .promiscuous: .promiscuous(link.flags.contains(.promiscuous))
        case .queueLength: .queueLength(link.queueLength)
        case .linkNotifications, .managed: nil
        }
    }
}
