package import NetworkModel
import Synchronization

/// What an administrator prefers.
package enum DriverPreference: Sendable, Hashable {
    case automaticLoading(DriverName, Bool)
    /// nil for none.
    case fallback(DriverName, DriverName?)
    /// "NAME=VALUE" each.
    case options(DriverName, [String])
    /// nil for none.
    case preferred(DeviceAddress, DriverName?)
}

/// Preferences changed as one, and kept durably before that is answered.
package final class DriverPreferenceTransaction: Sendable {
    private let manager: DriverManager
    private let changes: [DriverPreference]
    private let previous = Mutex<[DriverPreference]>([])

    init(_ manager: DriverManager, _ changes: [DriverPreference]) {
        self.manager = manager
        self.changes = changes
    }

    package func commit() async throws(StoreError) {
        let before = manager.apply(changes)
        previous.withLock { $0 = before }
        do {
            try await manager.save()
        } catch {
            _ = manager.apply(before.reversed())
            previous.withLock { $0 = [] }
            throw error
        }
        manager.refresh(because: "a preference changed")
    }

    package func undo() async throws(StoreError) {
        let before = previous.withLock { before in
            defer { before = [] }
            return before
        }
        guard !before.isEmpty else { return }
        _ = manager.apply(before.reversed())
        try await manager.save()
        manager.refresh(because: "a preference was taken back")
    }
}

extension DriverManager {
    /// Checks preferences against what is known now; nothing changes.
    package func prepare(_ change: DriverPreference) throws(ManagementError) {
        let snapshot = snapshot
        switch change {
        case .automaticLoading(let driver, let value):
            try require(driver, snapshot)
            try refuse(driver, "autoload") { $0.isLoadedAutomatically.map { $0 == value } }
        case .fallback(let driver, let fallback):
            try require(driver, snapshot)
            try refuse(driver, "fallback") { $0.fallbacks.map { $0 == [fallback].compactMap(\.self) } }
            guard fallback != driver else {
                throw ManagementError(.inconsistent, "a driver is not its own fallback")
            }
            try requireModule(fallback)
        case .options(let driver, let options):
            try require(driver, snapshot)
            try refuse(driver, "parameters") { $0.options.map { $0 == options } }
            _ = try DriverOrder.options(options)
            let known = snapshot.driver(driver)?.facts.parameters ?? []
            for option in options {
                let name = option.prefix { $0 != "=" }
                guard known.contains(where: { $0.name == name }) else {
                    throw ManagementError(.inconsistent, "\(driver) has no parameter \(name)")
                }
            }
        case .preferred(let address, let driver):
            guard snapshot.device(address) != nil else {
                throw ManagementError(.notFound, "there is no device \(address)")
            }
            try requireModule(driver)
        }
    }

    package func preferenceTransaction(_ changes: [DriverPreference]) -> DriverPreferenceTransaction {
        DriverPreferenceTransaction(self, changes)
    }

    private func require(_ driver: DriverName, _ snapshot: DriverSnapshot) throws(ManagementError) {
        guard snapshot.driver(driver) != nil else { throw ManagementError(.notFound, "there is no driver \(driver)") }
    }

    /// What the configuration says is changed there.
    ///
    /// - Parameter isSame: whether it says what is wanted; nil where it says nothing.
    private func refuse(
        _ driver: DriverName, _ key: String, _ isSame: (DriverConfiguration) -> Bool?
    ) throws(ManagementError) {
        guard let configuration = options.drivers[driver], isSame(configuration) == false else { return }
        throw ManagementError(
            .inconsistent, "the configuration says otherwise (drivers.\(driver).\(key)); change it there")
    }

    private func requireModule(_ driver: DriverName?) throws(ManagementError) {
        guard let driver, snapshot.driver(driver) == nil else { return }
        guard platform.facts(of: driver) != nil else {
            throw ManagementError(.inconsistent, "there is no module \(driver) for this kernel")
        }
    }

    /// - Returns: what they were, in the same order.
    func apply(_ changes: [DriverPreference]) -> [DriverPreference] {
        state.withLock { state in
            changes.map { change in
                switch change {
                case .automaticLoading(let driver, let value):
                    let old = state.book[driver]?.isLoadedAutomatically ?? true
                    state.book[driver]?.isLoadedAutomatically = value
                    return .automaticLoading(driver, old)
                case .fallback(let driver, let value):
                    let old = state.book[driver]?.fallback
                    state.book[driver]?.fallback = value
                    return .fallback(driver, old)
                case .options(let driver, let value):
                    let old = state.book[driver]?.options ?? []
                    state.book[driver]?.options = value
                    return .options(driver, old)
                case .preferred(let device, let value):
                    let old = state.deviceBook[device]?.preferred
                    state.deviceBook[device]?.preferred = value
                    return .preferred(device, old)
                }
            }
        }
    }
}
