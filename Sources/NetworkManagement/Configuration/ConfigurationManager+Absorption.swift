package import NetworkModel
import Synchronization

/// What a SET of ordinary objects changed of interfaces, which the kernel has already.
struct AbsorbedSet: Sendable {
    var changes: [(interface: String, key: String, value: SettingValue)]
    let principal: Principal
}

extension ConfigurationManager {
    /// Takes a SET that the kernel has already: as a revision of its own when `persist_sets` says so, else as lasting
    /// until the next commit. While a revision waits to be confirmed, the SET waits with it.
    package func absorb(
        _ changes: [(interface: String, key: String, value: SettingValue)], by principal: Principal
    ) async {
        let snapshot = snapshot
        guard snapshot.configuration.security.persistSets else { return letLast(changes) }
        guard snapshot.deadline == nil else {
            letLast(changes)
            return state.withLock { $0.wait(AbsorbedSet(changes: changes, principal: principal)) }
        }
        var candidate = snapshot.configuration
        for change in changes {
            let path = SettingPath(.interfaces, change.interface, change.key)
            guard candidate.set(path, to: change.value) else {
                let expected = path.syntax.map { "expected \($0.expectation)" } ?? "there is no such setting"
                letLast(changes)
                events(.setNotKept(principal, .init(.error, path.description, "\(change.value): \(expected)")))
                return
            }
        }
        guard candidate != snapshot.configuration else { return }
        var request = ConfigurationRequest(principal, .set)
        request.base = snapshot.revision
        let outcome = await commit(candidate, request)
        guard let failure = outcome.failure else { return }
        letLast(changes)
        let setting = changes.first.map { SettingPath(.interfaces, $0.interface, $0.key).description } ?? ""
        let finding = outcome.findings.last { $0.severity == .error } ?? .init(.error, setting, failure.message)
        events(.setNotKept(principal, finding))
    }

    /// Calls what a SET changed no drift until the next commit.
    private func letLast(_ changes: [(interface: String, key: String, value: SettingValue)]) {
        state.withLock { state in
            for change in changes { state.overrides.insert("\(change.interface).\(change.key)") }
        }
    }

    /// Makes revisions of the SETs that waited for one to be confirmed or taken back, in their order.
    func absorbWaiting() async {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        for set in waiting { await absorb(set.changes, by: set.principal) }
    }
}

extension ConfigurationManager.State {
    /// Keeps a SET for later; what it says of a setting replaces what earlier ones said, so that there are never more
    /// than settings.
    mutating func wait(_ set: AbsorbedSet) {
        for position in waiting.indices {
            waiting[position].changes.removeAll { earlier in
                set.changes.contains { $0.interface == earlier.interface && $0.key == earlier.key }
            }
        }
        waiting.removeAll(where: \.changes.isEmpty)
        waiting.append(set)
    }
}
