import NetworkManagement
import NetworkModel
import OrionSchema
import SMI

/// orionSecurityTrialTable, as it is set.
struct WritableTrialTable: WritableTable {
    var schema: TableSchema { OrionSecurityMIB.OrionSecurityTrialEntry.table }

    func change(
        column: Int, row tail: ArraySlice<UInt32>, to value: Value
    ) throws(WriteRefusal) -> ManagedChange {
        guard let column = OrionSecurityMIB.OrionSecurityTrialEntry.WritableColumn(rawValue: column) else {
            throw WriteRefusal(.notWritable)
        }
        var index = CountedIndex(tail)
        guard let owner = index.octets(0...32), let name = index.octets(1...32), index.isAtEnd else {
            throw WriteRefusal(.noCreation)
        }
        // Refused here, for its own binding, when no trial could have it.
        var trial = Trial(touched: MonotonicTime(nanoseconds: 0))
        try trial.set(column, to: value)
        return .trial(TrialEdit(key: TrialKey(owner: owner, name: name), column: column, value: value))
    }
}

/// orionSecurityTrialTable, as it is read.
struct TrialTable: TableSource {
    let judge: TrialJudge

    var schema: TableSchema { OrionSecurityMIB.OrionSecurityTrialEntry.table }

    func open() -> any TableReading {
        Reading(judge)
    }

    final class Reading: TableReading {
        private let judge: TrialJudge
        private let trials: [Trial]
        let rows: RowIndex
        /// Beside `trials`: worked out when first asked for.
        private var verdicts: [TrialVerdict?]

        init(_ judge: TrialJudge) {
            self.judge = judge
            let sorted = judge.trials.rows
                .map { (tail: CountedIndex.words($0.key.owner) + CountedIndex.words($0.key.name), trial: $0.value) }
                .sorted { $0.tail.lexicographicallyPrecedes($1.tail) }
            trials = sorted.map(\.trial)
            rows = RowIndex(sorted.map(\.tail))
            verdicts = Array(repeating: nil, count: sorted.count)
        }

        func value(column: Int, row position: Int) -> Value? {
            guard let column = OrionSecurityMIB.OrionSecurityTrialEntry.Column(rawValue: column) else { return nil }
            let trial = trials[position]
            switch column {
            case .orionSecurityTrialPrincipal: return .bytes(trial.principal)
            case .orionSecurityTrialModel: return .integer(trial.model)
            case .orionSecurityTrialLevel: return .integer(Int32(trial.level.rawValue))
            case .orionSecurityTrialSource: return .text(trial.sourceText)
            case .orionSecurityTrialObject: return trial.object.map { .objectIdentifier($0) }
            case .orionSecurityTrialValue: return .bytes(trial.value)
            case .orionSecurityTrialOutcome: return .integer(verdict(position).outcome.rawValue)
            case .orionSecurityTrialError: return .integer(Int32(verdict(position).error.rawValue))
            case .orionSecurityTrialRule: return .text(verdict(position).rule)
            case .orionSecurityTrialReason: return .denialReason(verdict(position).reason)
            case .orionSecurityTrialText: return .text(verdict(position).text.limited(toOctets: 255))
            case .orionSecurityTrialRowStatus: return .integer(trial.status.rawValue)
            }
        }

        private func verdict(_ position: Int) -> TrialVerdict {
            if let verdict = verdicts[position] { return verdict }
            let verdict = judge.verdict(on: trials[position])
            verdicts[position] = verdict
            return verdict
        }
    }
}

extension Value {
    /// An OrionDenialReason.
    static func denialReason(_ reason: DenialReason?) -> Value {
        let number: OrionSecurityMIB.OrionDenialReason =
            switch reason {
            case nil: .none
            case .rule: .rule
            case .principal: .principal
            case .source: .source
            case .level: .level
            case .window: .window
            case .action: .action
            case .target: .target
            }
        return .integer(number.rawValue)
    }
}
