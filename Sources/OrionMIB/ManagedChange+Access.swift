import NetworkManagement
import NetworkModel
import SMI

extension ManagedChange {
    /// What the policy is asked before the change is made.
    ///
    /// - Throws: when what would be changed does not exist.
    func access(in snapshot: InterfaceSnapshot) throws(WriteRefusal) -> AccessRequest {
        switch self {
        case .interface(let request):
            guard let row = snapshot.row(request.index) else { throw WriteRefusal(.noCreation) }
            return AccessRequest(request.setting.actionClass, AccessTarget(row.interface))
        case .policy: return AccessRequest(.administer, .system)
        // A trial changes nothing that anybody else sees.
        case .trial: return AccessRequest(.configure, .system)
        case .configuration(let edit): return edit.access(in: snapshot)
        case .threshold: return AccessRequest(.configure, .system)
        case .alarm(let edit): return AccessRequest(.operate, edit.subject.target(in: snapshot))
        }
    }
}

extension InterfaceSetting {
    /// Shutting a port is operating it, not configuring it; what the daemon itself cares for is the administrator's.
    fileprivate var actionClass: ActionClass {
        switch self {
        case .adminState: .operate
        case .alias, .mtu, .promiscuous, .queueLength, .linkNotifications: .configure
        case .managed: .administer
        }
    }
}

extension AlarmSubject {
    /// What the policy is asked about.
    fileprivate func target(in snapshot: InterfaceSnapshot) -> AccessTarget {
        guard let interface, let row = snapshot.row(interface) else { return .system }
        return AccessTarget(row.interface)
    }
}

extension WriteRefusal {
    /// What a denial answers; nil when the request is permitted.
    init?(_ decision: AccessDecision) {
        guard let error = ManagementError(decision) else { return nil }
        self.init(ErrorStatus(error.code), error.message)
    }

    init(_ error: PolicyError) {
        let error = ManagementError(error)
        self.init(ErrorStatus(error.code), error.message)
    }
}
