package import NetworkModel
import Synchronization

extension OperationKind {
    /// On a finding: its change, on trial. No argument.
    package static let findingApply = OperationKind("finding-apply")
    /// On a finding: takes its change back. No argument.
    package static let findingRevert = OperationKind("finding-revert")
    /// On a group: another hash policy, on trial. Argument: its name, as "layer3+4".
    package static let groupHashPolicy = OperationKind("group-hash-policy")
    /// On a member of a group: another weight, on trial. Argument: 1..256.
    package static let memberWeight = OperationKind("member-weight")
}

extension OperationTarget {
    private static let findings = "finding"
    private static let groups = "group"
    private static let members = "member"

    package static func finding(_ identifier: UInt32) -> OperationTarget {
        .row(table: findings, name: "\(identifier)")
    }

    package static func group(_ index: InterfaceIndex) -> OperationTarget { .row(table: groups, name: "\(index)") }

    /// - Parameters:
    ///   - group: the number of its row.
    ///   - number: of the member in it.
    package static func member(_ number: UInt32, of group: UInt32) -> OperationTarget {
        .row(table: members, name: "\(group).\(number)")
    }

    /// The number of a finding; nil for any other target.
    package var finding: UInt32? {
        if case .row(Self.findings, let name) = self { UInt32(name) } else { nil }
    }

    /// The number of a group; nil for any other target.
    package var group: InterfaceIndex? {
        if case .row(Self.groups, let name) = self { UInt32(name).flatMap { InterfaceIndex($0) } } else { nil }
    }

    /// The numbers of a group and of a member in it; nil for any other target.
    package var member: (group: UInt32, number: UInt32)? {
        guard case .row(Self.members, let name) = self else { return nil }
        let numbers = name.split(separator: ".").map { UInt32($0) }
        guard numbers.count == 2, let group = numbers[0], let number = numbers[1] else { return nil }
        return (group, number)
    }
}

extension OptimisationManager: OperationPerformer {
    package var kinds: [OperationKind] { [.findingApply, .findingRevert, .groupHashPolicy, .memberWeight] }

    package func access(_ order: OperationOrder) throws(ManagementError) -> AccessRequest {
        // A route is the host's: what is changed of it concerns every interface that it uses, and others.
        if order.kind == .memberWeight { return AccessRequest(.configure, .system) }
        if let finding = order.target.finding.flatMap({ snapshot.finding($0) }),
            finding.proposal.changes.contains(where: { $0.weights != nil })
        {
            return AccessRequest(.configure, .system)
        }
        let index = try interface(of: order)
        guard let row = surroundings().interfaces.row(index) else {
            throw ManagementError(.notFound, "interface \(index) is gone")
        }
        return AccessRequest(.configure, AccessTarget(row.interface))
    }

    package func check(
        _ order: OperationOrder, by principal: Principal, isAdministrator: Bool
    ) throws(ManagementError) {
        _ = try plan(order)
    }

    package func lane(of order: OperationOrder) -> String { "\(order.target)" }

    package func limit(of order: OperationOrder) -> Duration { .seconds(10) }

    /// Only marks what is to be done: it takes as long as measuring does, and the finding tells how it goes.
    package func perform(_ order: OperationOrder, _ run: OperationRun) throws(ManagementError) -> String {
        let (identifier, request) = try plan(order, isAdding: true)
        state.withLock { $0.requests.append((identifier, request, run.requester)) }
        return switch request {
        case .apply: "finding \(identifier) is measured without the change, then with it"
        case .revert: "the change of finding \(identifier) is taken back"
        }
    }

    private func interface(of order: OperationOrder) throws(ManagementError) -> InterfaceIndex {
        if order.kind == .groupHashPolicy, let index = order.target.group { return index }
        guard order.kind != .groupHashPolicy, order.kind != .memberWeight, let identifier = order.target.finding else {
            throw ManagementError(.invalidValue, "\(order.kind) is not done to \(order.target)")
        }
        guard let finding = snapshot.finding(identifier) else {
            throw ManagementError(.notFound, "there is no finding \(identifier)")
        }
        return finding.proposal.interface
    }

    /// What an order comes to, when it can be done as things are.
    ///
    /// - Parameter isAdding: whether a finding that it takes is made.
    private func plan(
        _ order: OperationOrder, isAdding: Bool = false
    ) throws(ManagementError) -> (identifier: UInt32, request: Request) {
        if order.kind == .groupHashPolicy || order.kind == .memberWeight {
            let proposal = try order.kind == .memberWeight ? weightProposal(order) : proposal(order)
            try checkTrial(proposal)
            return (isAdding ? try add(proposal) : 0, .apply)
        }
        guard order.argument.isEmpty else { throw ManagementError(.invalidValue, "\(order.kind) takes no argument") }
        _ = try interface(of: order)
        guard let finding = order.target.finding.flatMap({ snapshot.finding($0) }) else {
            throw ManagementError(.notFound, "there is no such finding")
        }
        if order.kind == .findingRevert {
            guard finding.state != .open, finding.state != .reverted else {
                throw ManagementError(.inconsistent, "nothing of finding \(finding.identifier) is applied")
            }
            return (finding.identifier, .revert)
        }
        guard !finding.state.isTrial, finding.state != .confirmed else {
            throw ManagementError(.inconsistent, "finding \(finding.identifier) is applied already")
        }
        guard !finding.proposal.changes.isEmpty else {
            throw ManagementError(.notSupported, "only people can do this: \(finding.proposal.advice)")
        }
        try checkTrial(finding.proposal)
        return (finding.identifier, .apply)
    }

    /// Whether a change can be tried as things are.
    private func checkTrial(_ proposal: FindingProposal) throws(ManagementError) {
        let options = options
        guard options.isApplying else {
            throw ManagementError(.inconsistent, "interface_optimization_enabled is false")
        }
        guard options.isLooking(for: proposal.rule) else {
            throw ManagementError(
                .inconsistent,
                proposal.rule == .balance
                    ? "load_balancing_enabled is false" : "performance_optimization_enabled is false")
        }
        let surroundings = surroundings()
        guard let row = surroundings.interfaces.row(proposal.interface), row.isManaged else {
            throw ManagementError(.inconsistent, "interface \(proposal.name) is not managed")
        }
        let interfaces = proposal.interfaces
        for index in interfaces where surroundings.interfaces.row(index)?.isManaged != true {
            throw ManagementError(.inconsistent, "interface \(index), which the route uses, is not managed")
        }
        for change in proposal.changes where surroundings.isConfigured(row.link.name, change.name) {
            throw ManagementError(
                .inconsistent, "the configuration says what \(change.name) of \(row.link.name) is: change it there")
        }
        // What was before would be forgotten.
        if let owed = state.withLock({ state in state.identifiers[proposal.key].flatMap { state.isOwed($0) ? $0 : nil }
        }) {
            throw ManagementError(
                .inconsistent, "the change of finding \(owed) could not be taken back: that comes first")
        }
        // Two trials at once could not be told apart.
        if let other = snapshot.findings.first(where: {
            $0.state.isTrial && $0.proposal.key != proposal.key
                && $0.proposal.interfaces.contains(where: interfaces.contains)
        }) {
            throw ManagementError(.inconsistent, "finding \(other.identifier) is on trial on \(row.link.name)")
        }
    }

    private func weightProposal(_ order: OperationOrder) throws(ManagementError) -> FindingProposal {
        guard let (number, position) = order.target.member, let group = snapshot.group(number: number),
            let route = group.route, let member = group.members.first(where: { $0.number == position }),
            let interface = member.interface
        else { throw ManagementError(.notFound, "there is no next hop \(order.target)") }
        guard let weight = UInt32(order.argument), (1...256).contains(weight) else {
            throw ManagementError(.invalidValue, "a weight is 1 to 256")
        }
        if let obstacle = route.obstacle {
            throw ManagementError(.inconsistent, "the weights of \(route.key) are not its own: \(obstacle)")
        }
        return FindingProposal(
            rule: .balance, interface: interface, name: member.name, detail: "\(route.key)",
            evidence: "asked for; the shares of \(route.key) are \(percent(group.imbalance)) from its weights "
                + route.weights.hops.map { "\($0.weight)" }.joined(separator: ":"), gain: .medium,
            gainText: "as whoever asks for it expects", risk: .low, riskText: "flows may change their way",
            changes: [.nextHopWeights(route.weights.giving(weight, to: Int(position) - 1))])
    }

    private func proposal(_ order: OperationOrder) throws(ManagementError) -> FindingProposal {
        guard let index = order.target.group, let group = snapshot.group(index), group.kind == .bond else {
            throw ManagementError(.notFound, "there is no bond \(order.target)")
        }
        guard let policy = HashPolicy.allCases.first(where: { "\($0)" == order.argument }) else {
            throw ManagementError(.invalidValue, "no hash policy is called that")
        }
        return FindingProposal(
            rule: .balance, interface: index, name: group.name,
            evidence: "asked for; the shares are \(percent(group.imbalance)) apart under "
                + (group.hashPolicy.map { "\($0)" } ?? "no policy"), gain: .medium,
            gainText: "as whoever asks for it expects", risk: .low,
            riskText: "flows may change their member", changes: [.hashPolicy(policy.rawValue)])
    }
}
