package import NetworkManagement
package import NetworkModel
import OrionSchema
package import SMI

/// ORION-OPERATION-MIB over the queue of operations.
package struct OperationObjects: Sendable {
    package let queue: OperationQueue
    let vocabulary: OperationVocabulary
    private let uptime: UptimeReference
    private let clock: any MonotonicClock

    package init(
        queue: OperationQueue, vocabulary: OperationVocabulary, uptime: UptimeReference, clock: any MonotonicClock
    ) {
        self.queue = queue
        self.vocabulary = vocabulary
        self.uptime = uptime
        self.clock = clock
    }

    /// - Parameter security: who is asked, for what an operation will do as for what a SET does at once.
    package func preparer(by security: SecurityManager) -> any SetPreparer {
        OperationPreparer(operations: self, security: security)
    }

    package var tables: [any TableSource] { [OperationTable(objects: self)] }

    package var writableTables: [any WritableTable] { [WritableOperationTable()] }

    package var scalars: [ScalarSource] {
        OrionOperationMIB.Scalar.allCases.map { scalar in ScalarSource(scalar.schema) { value(of: scalar) } }
    }

    private func value(of scalar: OrionOperationMIB.Scalar) -> Value? {
        switch scalar {
        case .orionOperationNextId: .gauge32(queue.nextNumber)
        case .orionOperationLimit: .gauge32(UInt32(clamping: queue.limits.rows))
        case .orionOperationLife: .gauge32(UInt32(clamping: queue.limits.life.components.seconds))
        case .orionOperationQueued: .gauge32(UInt32(clamping: queue.operations.count { $0.state == .queued }))
        case .orionOperationRunning: .gauge32(UInt32(clamping: queue.operations.count { $0.state == .running }))
        case .orionOperationSucceeded: .counter32(queue.counts.succeeded)
        case .orionOperationUnsuccessful: .counter32(queue.counts.unsuccessful)
        }
    }

    /// The value of a column for an operation.
    func value(_ column: OrionOperationMIB.OrionOperationEntry.Column, of operation: Operation) -> Value {
        switch column {
        case .orionOperationKind: .objectIdentifier(vocabulary.identity(of: operation.order.kind))
        case .orionOperationTarget: .objectIdentifier(vocabulary.pointer(to: operation.order.target))
        case .orionOperationArgument: .text(operation.order.argument.limited(toOctets: 255))
        case .orionOperationState: .integer(Int32(operation.state.rawValue))
        case .orionOperationProgress: .gauge32(UInt32(operation.progress))
        case .orionOperationError: .integer(operation.error.number.rawValue)
        case .orionOperationResult: .line(operation.result)
        case .orionOperationRequester: .line(operation.requester.printableName)
        case .orionOperationSource: .line("\(operation.requester.source)")
        case .orionOperationCreated: uptime.timeTicks(operation.created)
        case .orionOperationStarted: uptime.timeTicks(operation.started)
        case .orionOperationEnded: uptime.timeTicks(operation.ended)
        case .orionOperationDuration:
            .gauge32(UInt32(clamping: Int64((operation.duration(at: clock.now()) ?? .zero) / .microseconds(1))))
        case .orionOperationAbort: .truth(operation.isAbortRequested)
        case .orionOperationRowStatus: .integer(SNMPv2TC.RowStatus.active.rawValue)
        }
    }
}

extension OperationKey {
    /// The index of its row.
    var tail: [UInt32] { CountedIndex.words(owner) + [number] }
}

extension ManagementError.Code? {
    fileprivate var number: OrionOperationMIB.OrionOperationError {
        switch self {
        case nil: .none
        case .notFound: .notFound
        case .invalidValue: .invalidValue
        case .inconsistent: .inconsistent
        case .notPermitted, .notAuthorized, .notAccessible: .notPermitted
        case .notSupported: .notSupported
        case .exhausted: .exhausted
        case .failed: .failed
        case .notRestored: .notRestored
        }
    }
}

/// orionOperationTable, as it is read.
struct OperationTable: TableSource {
    let objects: OperationObjects

    var schema: TableSchema { OrionOperationMIB.OrionOperationEntry.table }

    func open() -> any TableReading {
        Reading(objects)
    }

    final class Reading: TableReading {
        private let objects: OperationObjects
        private let operations: [Operation]
        let rows: RowIndex

        init(_ objects: OperationObjects) {
            self.objects = objects
            let sorted = objects.queue.operations
                .map { (tail: $0.key.tail, operation: $0) }
                .sorted { $0.tail.lexicographicallyPrecedes($1.tail) }
            operations = sorted.map(\.operation)
            rows = RowIndex(sorted.map(\.tail))
        }

        func value(column: Int, row position: Int) -> Value? {
            OrionOperationMIB.OrionOperationEntry.Column(rawValue: column).map {
                objects.value($0, of: operations[position])
            }
        }
    }
}

/// orionOperationTable, as it is set.
struct WritableOperationTable: WritableTable {
    var schema: TableSchema { OrionOperationMIB.OrionOperationEntry.table }

    func change(
        column: Int, row tail: ArraySlice<UInt32>, to value: Value
    ) throws(WriteRefusal) -> ManagedChange {
        guard let column = OrionOperationMIB.OrionOperationEntry.WritableColumn(rawValue: column) else {
            throw WriteRefusal(.notWritable)
        }
        var index = CountedIndex(tail)
        guard let owner = index.octets(1...32), let number = index.number(1...UInt32(Int32.max)), index.isAtEnd,
            owner != OperationKey.ownOwner || column == .orionOperationAbort || column == .orionOperationRowStatus
        else { throw WriteRefusal(.noCreation) }
        return .operation(OperationEdit(key: OperationKey(owner: owner, number: number), column: column, value: value))
    }
}
