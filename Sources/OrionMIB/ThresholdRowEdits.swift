import NetworkManagement
import NetworkModel
import OrionSchema
import SMI
import Synchronization

/// Makes what a SET asks of thresholds one part of it.
struct ThresholdPreparer: SetPreparer {
    let thresholds: ThresholdManager

    func prepare(_ changes: [ManagedChange], by principal: Principal) throws(RefusedBinding) -> (any SetPart)? {
        var edits: [(edit: ThresholdEdit, binding: Int)] = []
        for (position, change) in changes.enumerated() {
            if case .threshold(let edit) = change { edits.append((edit, position + 1)) }
        }
        guard let first = edits.first else { return nil }
        var planned: [String: Threshold?] = [:]
        for name in Set(edits.map(\.edit.name)) {
            planned.updateValue(try row(name, edits.filter { $0.edit.name == name }), forKey: name)
        }
        return ThresholdPart(thresholds: thresholds, rows: planned, binding: first.binding)
    }

    /// The row as it will be; nil for one that goes.
    private func row(
        _ name: String, _ edits: [(edit: ThresholdEdit, binding: Int)]
    ) throws(RefusedBinding) -> Threshold? {
        let old = thresholds.row(name)
        let first = edits[0].binding
        guard old?.origin != .configuration else {
            throw RefusedBinding(WriteRefusal(.notWritable, "the configuration file has this threshold"), first)
        }
        let status = edits.last { $0.edit.column == .orionPerformanceThresholdRowStatus }
        let transition: RowTransition?
        do throws(WriteRefusal) {
            transition = try status?.edit.value.enumeration(SNMPv2TC.RowStatus.self).transition(exists: old != nil)
        } catch {
            throw RefusedBinding(error, status?.binding ?? first)
        }
        var threshold = old ?? Threshold(name: name)
        switch transition {
        case .destroy: return nil
        case .create(let isActive), .setActive(let isActive): threshold.isActive = isActive
        case nil:
            guard old != nil else {
                throw RefusedBinding(WriteRefusal(.inconsistentName, "there is no such row"), first)
            }
        }
        for (edit, binding) in edits {
            do {
                try threshold.set(edit.column, to: edit.value)
            } catch {
                throw RefusedBinding(error, binding)
            }
        }
        guard threshold.isReady || transition == nil || transition == .create(isActive: false) else {
            let reason = "orionPerformanceThresholdRising and orionPerformanceThresholdFalling are not both set"
            throw RefusedBinding(WriteRefusal(.inconsistentValue, reason), status?.binding ?? first)
        }
        return threshold
    }
}

/// Rows of thresholds.
private final class ThresholdPart: SetPart {
    private let thresholds: ThresholdManager
    private let rows: [String: Threshold?]
    private let binding: Int
    private let previous = Mutex<[String: Threshold?]?>(nil)

    init(thresholds: ThresholdManager, rows: [String: Threshold?], binding: Int) {
        self.thresholds = thresholds
        self.rows = rows
        self.binding = binding
    }

    func commit() async throws(RefusedBinding) {
        do {
            let before = try thresholds.replace(rows)
            previous.withLock { $0 = before }
        } catch {
            throw RefusedBinding(WriteRefusal(.commitFailed, error.message), binding)
        }
        do {
            try await thresholds.save()
        } catch {
            await takeBack()
            throw RefusedBinding(WriteRefusal(.commitFailed, error.description), binding)
        }
    }

    func undo() async throws(RefusedBinding) {
        await takeBack()
        do {
            try await thresholds.save()
        } catch {
            throw RefusedBinding(WriteRefusal(.undoFailed, error.description), binding)
        }
    }

    func release() {}

    private func takeBack() async {
        guard let before = previous.withLock({ $0 }) else { return }
        // There was room for what was there before.
        _ = try? thresholds.replace(before)
    }
}
