package import NetworkManagement
import NetworkModel
import OrionSchema
package import SMI

private typealias Entry = OrionPerformanceMIB.OrionPerformanceFindingEntry

extension PerformanceObjects {
    /// The kinds of operations on findings and groups, and their identities.
    package static let kinds: [(OID, OperationKind)] = [
        (OrionPerformanceMIB.orionPerformanceFindingApplication, .findingApply),
        (OrionPerformanceMIB.orionPerformanceFindingReversal, .findingRevert),
        (OrionPerformanceMIB.orionPerformanceGroupPolicyChange, .groupHashPolicy),
        (OrionPerformanceMIB.orionPerformanceMemberWeightChange, .memberWeight),
    ]

    /// The value of a column for a finding; nil where that is not measured yet.
    func value(_ column: OrionPerformanceMIB.OrionPerformanceFindingEntry.Column, of finding: Finding) -> Value? {
        let proposal = finding.proposal
        switch column {
        case .orionPerformanceFindingRule: return .integer(Int32(proposal.rule.rawValue))
        case .orionPerformanceFindingIfIndex: return .integer(Int32(proposal.interface.number))
        case .orionPerformanceFindingName: return .text(proposal.name.limited(toOctets: 64))
        case .orionPerformanceFindingEvidence: return .line(proposal.evidence)
        case .orionPerformanceFindingGain: return .integer(Int32(proposal.gain.rawValue))
        case .orionPerformanceFindingGainText: return .line(proposal.gainText)
        case .orionPerformanceFindingRisk: return .integer(Int32(proposal.risk.rawValue))
        case .orionPerformanceFindingRiskText: return .line(proposal.riskText)
        case .orionPerformanceFindingChange: return .line(proposal.changeText)
        case .orionPerformanceFindingApplicable: return .truth(!proposal.changes.isEmpty)
        case .orionPerformanceFindingState: return .integer(Int32(finding.state.rawValue))
        case .orionPerformanceFindingResult: return .line(finding.result)
        case .orionPerformanceFindingRequester: return .line(finding.requester)
        case .orionPerformanceFindingBeforePackets: return finding.before.map { .gauge64(Float($0.packets)) }
        case .orionPerformanceFindingBeforeLoss: return finding.before.map { .gauge(Float($0.lossRatio * 1_000_000)) }
        case .orionPerformanceFindingBeforeErrors:
            return finding.before.map { .gauge(Float($0.errorRatio * 1_000_000)) }
        case .orionPerformanceFindingAfterPackets: return finding.after.map { .gauge64(Float($0.packets)) }
        case .orionPerformanceFindingAfterLoss: return finding.after.map { .gauge(Float($0.lossRatio * 1_000_000)) }
        case .orionPerformanceFindingAfterErrors:
            return finding.after.map { .gauge(Float($0.errorRatio * 1_000_000)) }
        case .orionPerformanceFindingFound: return uptime.timeTicks(finding.found)
        case .orionPerformanceFindingChanged: return uptime.timeTicks(finding.changed)
        case .orionPerformanceFindingAction:
            return .integer(OrionPerformanceMIB.OrionPerformanceFindingAction.none.rawValue)
        }
    }
}

/// orionPerformanceFindingTable, as it is read.
struct FindingTable: TableSource {
    let objects: PerformanceObjects

    var schema: TableSchema { Entry.table }

    func open() -> any TableReading { Reading(objects: objects, findings: objects.optimisation.snapshot.findings) }

    struct Reading: TableReading {
        let objects: PerformanceObjects
        let findings: [Finding]

        var rows: RowIndex { .integers(findings.map(\.identifier)) }

        func value(column: Int, row position: Int) -> Value? {
            Entry.Column(rawValue: column).flatMap { objects.value($0, of: findings[position]) }
        }
    }
}

/// orionPerformanceFindingTable, as it is set.
struct WritableFindingTable: WritableTable {
    let optimisation: OptimisationManager

    var schema: TableSchema { Entry.table }

    func change(column: Int, row tail: ArraySlice<UInt32>, to value: Value) throws(WriteRefusal) -> ManagedChange {
        guard let column = Entry.WritableColumn(rawValue: column) else { throw WriteRefusal(.notWritable) }
        guard tail.count == 1, let finding = tail.first.flatMap({ optimisation.snapshot.finding($0) }) else {
            throw WriteRefusal(.noCreation)
        }
        switch column {
        case .orionPerformanceFindingAction:
            let target = OperationTarget.finding(finding.identifier)
            switch try value.enumeration(OrionPerformanceMIB.OrionPerformanceFindingAction.self) {
            case .apply: return .order(OperationOrder(.findingApply, target))
            case .revert: return .order(OperationOrder(.findingRevert, target))
            case .none: throw WriteRefusal(.wrongValue, "none is what it reads as; there is nothing to set it to")
            }
        }
    }
}

/// Findings, groups and their members, as orionPerformanceFindingRule.N, orionPerformanceGroupName.N and
/// orionPerformanceMemberName.N.M.
package struct PerformanceTargets: OperationTargets {
    private static let finding = Entry.Column.orionPerformanceFindingRule.schema.oid
    private static let group =
        OrionPerformanceMIB.OrionPerformanceGroupEntry.Column.orionPerformanceGroupName.schema.oid
    private static let member =
        OrionPerformanceMIB.OrionPerformanceMemberEntry.Column.orionPerformanceMemberName.schema.oid
    private let optimisation: OptimisationManager

    package init(_ optimisation: OptimisationManager) {
        self.optimisation = optimisation
    }

    package func target(of pointer: OID) -> OperationTarget? {
        guard let number = pointer.words.last else { return nil }
        let snapshot = optimisation.snapshot
        if pointer.count == Self.finding.count + 1, pointer.starts(with: Self.finding) {
            return snapshot.finding(number).map { .finding($0.identifier) }
        }
        if pointer.count == Self.member.count + 2, pointer.starts(with: Self.member) {
            guard let group = pointer.words.dropLast().last,
                snapshot.group(number: group)?.members.contains(where: { $0.number == number }) == true
            else { return nil }
            return .member(number, of: group)
        }
        guard pointer.count == Self.group.count + 1, pointer.starts(with: Self.group) else { return nil }
        return InterfaceIndex(number).flatMap { snapshot.group($0) }.flatMap(\.index).map { .group($0) }
    }

    package func pointer(to target: OperationTarget) -> OID? {
        if let identifier = target.finding { return Self.finding.appending(identifier) }
        if let (group, number) = target.member { return Self.member.appending([group, number]) }
        return target.group.map { Self.group.appending($0.number) }
    }
}
