import NetworkManagement
import NetworkModel
import Synchronization

/// What a SET changes of interfaces by other objects than the configuration's, for the configuration to know.
struct AbsorptionPreparer: SetPreparer {
    let configuration: ConfigurationObjects
    let interfaces: InterfaceManager

    func prepare(_ changes: [ManagedChange], by principal: Principal) throws(RefusedBinding) -> (any SetPart)? {
        let snapshot = interfaces.snapshot
        let settings = changes.compactMap { change -> (interface: String, key: String, value: SettingValue)? in
            if case .interface(let request) = change { request.configured(in: snapshot) } else { nil }
        }
        guard !settings.isEmpty else { return nil }
        return AbsorptionPart { [queue = configuration.queue] in queue.absorb(settings, principal) }
    }
}

/// Tells the configuration, when the SET is over, what it changed of interfaces that it knows.
final class AbsorptionPart: SetPart {
    private let absorb: @Sendable () -> Void
    /// Committed, and neither undone nor over.
    private let isCommitted = Mutex(false)

    init(_ absorb: @escaping @Sendable () -> Void) {
        self.absorb = absorb
    }

    func commit() async throws(RefusedBinding) {
        isCommitted.withLock { $0 = true }
    }

    func undo() async throws(RefusedBinding) {
        isCommitted.withLock { $0 = false }
    }

    func release() {
        let isOver = isCommitted.withLock { isCommitted in
            defer { isCommitted = false }
            return isCommitted
        }
        if isOver { absorb() }
    }
}

extension InterfaceRequest {
    /// The setting of the configuration that says the same; nil for what is not configured.
    func configured(in snapshot: InterfaceSnapshot) -> (interface: String, key: String, value: SettingValue)? {
        guard let name = snapshot.row(index)?.link.name else { return nil }
        switch setting {
        case .adminState(let isUp): return (name, "admin", .text(isUp ? "up" : "down"))
        case .alias(let alias): return (name, "alias", .text(alias))
        case .mtu(let octets): return (name, "mtu", .integer(Int64(octets)))
        case .queueLength(let packets): return (name, "queue_length", .integer(Int64(packets)))
        case .promiscuous, .linkNotifications, .managed: return nil
        }
    }
}
