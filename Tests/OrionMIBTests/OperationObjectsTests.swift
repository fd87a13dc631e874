import NetworkManagement
import NetworkModel
import OrionSchema
import SMI
import SecurityTesting
import Testing

private typealias Entry = OrionOperationMIB.OrionOperationEntry

private func cell(_ column: ObjectSchema, _ number: UInt32 = 1, owner: String = "me") -> OID {
    column.oid.appending([UInt32(owner.utf8.count)] + owner.utf8.map { UInt32($0) } + [number])
}

private func creation(_ argument: String, kind: OID = MIBFixture.kind, number: UInt32 = 1) -> [VarBind] {
    [
        VarBind(cell(Entry.orionOperationKind, number), .objectIdentifier(kind)),
        VarBind(cell(Entry.orionOperationArgument, number), .text(argument)),
        VarBind(cell(Entry.orionOperationRowStatus, number), .integer(4)),
    ]
}

@Suite struct `ORION-OPERATION-MIB` {
    @Test func `a row asks for an operation, and tells of it`() async throws {
        let fixture = try MIBFixture()
        let transaction = try fixture.set(creation("a"), by: "ann")
        #expect(fixture.walk(Entry.entry).first?.name.starts(with: Entry.entry) != true)
        try await transaction.commit()
        #expect(fixture.get(cell(Entry.orionOperationState)) == .integer(1))
        transaction.cleanUp()
        #expect(fixture.get(cell(Entry.orionOperationState)) == .integer(2))
        let limit = ContinuousClock.now + .seconds(10)
        while fixture.workers.jobCount == 0, ContinuousClock.now < limit { await Task.yield() }
        fixture.workers.runNext()
        #expect(fixture.get(cell(Entry.orionOperationState)) == .integer(3))
        #expect(fixture.get(cell(Entry.orionOperationResult)) == .text("did a"))
        #expect(fixture.get(cell(Entry.orionOperationRequester)) == .text("ann"))
        #expect(fixture.get(cell(Entry.orionOperationKind)) == .objectIdentifier(MIBFixture.kind))
        #expect(fixture.get(cell(Entry.orionOperationTarget)) == .objectIdentifier([0, 0]))
        #expect(fixture.get(cell(Entry.orionOperationProgress)) == .gauge32(100))
        #expect(fixture.get(OrionOperationMIB.orionOperationSucceeded.oid.appending(0)) == .counter32(1))
    }

    @Test func `what cannot be is refused for the binding that is at fault`() throws {
        let fixture = try MIBFixture()
        let unknown = SetFailure(.wrongValue, index: 1)
        #expect(throws: unknown) { _ = try fixture.set(creation("a", kind: [1, 3, 6])) }
        #expect(throws: SetFailure(.inconsistentValue, index: 3)) { _ = try fixture.set(creation("refuse")) }
        #expect(throws: SetFailure(.noCreation, index: 3)) { _ = try fixture.set(creation("gone")) }
        #expect(throws: SetFailure(.inconsistentValue, index: 1)) {
            _ = try fixture.set([VarBind(cell(Entry.orionOperationRowStatus), .integer(4))])
        }
        #expect(throws: SetFailure(.wrongValue, index: 1)) {
            _ = try fixture.set([VarBind(cell(Entry.orionOperationRowStatus), .integer(5))])
        }
        #expect(throws: SetFailure(.inconsistentName, index: 1)) {
            _ = try fixture.set([VarBind(cell(Entry.orionOperationAbort), .integer(1))])
        }
        #expect(throws: SetFailure(.inconsistentValue, index: 4)) {
            let target = VarBind(
                cell(Entry.orionOperationTarget), .objectIdentifier(IFMIB.IfEntry.Column.ifIndex.schema.oid))
            _ = try fixture.set(creation("a") + [target])
        }
        #expect(throws: SetFailure(.noCreation, index: 1)) {
            let name = cell(Entry.orionOperationKind, owner: "oriond")
            _ = try fixture.set([VarBind(name, .objectIdentifier(MIBFixture.kind))])
        }
        #expect(fixture.queue.operations.isEmpty)
    }

    @Test func `the policy is asked about the target of the operation`() throws {
        var policy = SecurityPolicy()
        policy.defaultEffect = .permit
        var rule = SecurityRule(name: "no", effect: .deny)
        rule.target = .driver(try #require(GlobPattern(Array("fake".utf8))))
        policy.rules = [rule]
        let fixture = try MIBFixture(policy: policy)
        #expect(throws: SetFailure.self) { _ = try fixture.set(creation("a"), by: "ann") }
        #expect(fixture.queue.operations.isEmpty)
    }

    @Test func `a SET that is undone leaves no operation`() async throws {
        let fixture = try MIBFixture()
        let transaction = try fixture.set(creation("a"))
        try await transaction.commit()
        try await transaction.undo()
        #expect(fixture.queue.operations.isEmpty)
        #expect(fixture.workers.jobCount == 0)
    }

    @Test func `a row that waits can be aborted or destroyed`() async throws {
        let fixture = try MIBFixture()
        for number in UInt32(1)...3 {
            let transaction = try fixture.set(creation("a", number: number))
            try await transaction.commit()
            transaction.cleanUp()
        }
        #expect(fixture.get(cell(Entry.orionOperationState, 2)) == .integer(1))
        let transaction = try fixture.set([
            VarBind(cell(Entry.orionOperationAbort, 2), .integer(1)),
            VarBind(cell(Entry.orionOperationRowStatus, 3), .integer(6)),
        ])
        try await transaction.commit()
        transaction.cleanUp()
        #expect(fixture.get(cell(Entry.orionOperationState, 2)) == .integer(5))
        #expect(fixture.get(cell(Entry.orionOperationState, 3)) == .noSuchInstance)
        #expect(throws: SetFailure(.inconsistentValue, index: 1)) {
            _ = try fixture.set([VarBind(cell(Entry.orionOperationRowStatus, 1), .integer(6))])
        }
    }

    @Test func `the next number is one that was not used`() async throws {
        let fixture = try MIBFixture()
        let name = OrionOperationMIB.orionOperationNextId.oid.appending(0)
        #expect(fixture.get(name) == .gauge32(1))
        try await fixture.set(creation("a", number: 7)).commit()
        #expect(fixture.get(name) == .gauge32(8))
    }
}
