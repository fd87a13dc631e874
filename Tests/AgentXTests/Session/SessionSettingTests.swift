import SMI
import Synchronization
import Testing

@testable import AgentX

@Suite struct SessionSettingTests {
    private static let bindings = [VarBind(ScriptedSession.root.appending(1), .integer(5))]
    private static let test = PDU.Body.testSet(TestSetPDU(bindings))
    private static let commit = PDU.Body.commitSet(CommitSetPDU())
    private static let undo = PDU.Body.undoSet(UndoSetPDU())
    private static let cleanup = PDU.Body.cleanupSet(CleanupSetPDU())
    private static let failure = SetFailure(.wrongValue, index: 1)

    private let script = ScriptedSession()
    private var writer: FakeWriter { script.writer }

    init() {
        script.open()
        _ = script.sent()
    }

    @Test func `a SET is tested with its context, committed and cleaned up, and CleanupSet is not answered`() async {
        script.request(Self.test, transaction: 3, context: "principal:joe")
        #expect(script.answers() == [ResponsePDU()])
        script.request(Self.commit, transaction: 3)
        #expect(script.answers() == [], "the commit has not run")
        await script.runJobs()
        #expect(script.answers() == [ResponsePDU()])
        script.request(Self.cleanup, transaction: 3)
        #expect(script.answers() == [])
        #expect(
            writer.calls == [
                .test(3, context: "principal:joe", Self.bindings), .commit(3), .cleanUp(3),
            ])
        #expect(!script.session.transactions.hasOpen)
    }

    @Test func `a failed test is answered with its status and index, and the CleanupSet after it is tolerated`() {
        writer.state.withLock { $0.testFailure = SetFailure(.wrongLength, index: 1) }
        script.request(Self.test)
        #expect(script.answers() == [ResponsePDU(ResponseStatus(.wrongLength), index: 1)])
        script.request(Self.cleanup)
        script.request(Self.commit)
        #expect(script.answers() == [ResponsePDU(ResponseStatus(.commitFailed))])
        #expect(writer.phases == [])
    }

    @Test func `a failed commit is commitFailed, and is undone without a CleanupSet`() async {
        writer.state.withLock { $0.commitFailure = Self.failure }
        script.request(Self.test)
        script.request(Self.commit)
        await script.runJobs()
        #expect(script.answers() == [ResponsePDU(), ResponsePDU(ResponseStatus(.commitFailed), index: 1)])
        script.request(Self.undo)
        await script.runJobs()
        #expect(script.answers() == [ResponsePDU()])
        #expect(writer.phases == [.commit(1), .undo(1)])
        #expect(!script.session.transactions.hasOpen)
    }

    @Test func `a failed undo is undoFailed`() async {
        writer.state.withLock { $0.undoFailure = Self.failure }
        script.request(Self.test)
        script.request(Self.commit)
        script.request(Self.undo)
        await script.runJobs()
        #expect(
            script.answers() == [
                ResponsePDU(), ResponsePDU(), ResponsePDU(ResponseStatus(.undoFailed), index: 1),
            ])
    }

    @Test func `a test that another subagent failed is cleaned up without a commit`() {
        script.request(Self.test)
        script.request(Self.cleanup)
        #expect(writer.phases == [.cleanUp(1)])
    }

    @Test func `UndoSet without CommitSet releases, changes nothing and succeeds`() async {
        script.request(Self.test)
        script.request(Self.undo)
        await script.runJobs()
        #expect(script.answers() == [ResponsePDU(), ResponsePDU()])
        #expect(writer.phases == [.cleanUp(1)])
    }

    @Test func `phases of unknown transactions are refused, and CleanupSet is ignored`() {
        script.request(Self.cleanup, transaction: 99)
        #expect(script.answers() == [])
        script.request(Self.commit, transaction: 99)
        script.request(Self.undo, transaction: 99)
        #expect(
            script.answers() == [
                ResponsePDU(ResponseStatus(.commitFailed)), ResponsePDU(ResponseStatus(.undoFailed)),
            ])
        #expect(writer.calls == [])
    }

    @Test func `a PDU sent again is answered as before, and nothing is done twice`() async {
        for _ in 1...3 { script.request(Self.test, packet: 11) }
        #expect(script.answers().count == 3)
        script.request(Self.commit, packet: 12)
        await script.runJobs()
        for _ in 1...2 { script.request(Self.commit, packet: 12) }
        await script.runJobs()
        #expect(script.answers() == Array(repeating: ResponsePDU(), count: 3))
        script.request(Self.cleanup, packet: 13)
        script.request(Self.cleanup, packet: 13)
        script.request(Self.commit, packet: 12)
        #expect(script.answers() == [ResponsePDU()])
        #expect(writer.phases == [.commit(1), .cleanUp(1)])
        #expect(script.session.counters.resends == 5)
        #expect(script.session.counters.sets == 1)
    }

    @Test func `a refusal sent again is the same refusal`() {
        writer.state.withLock { $0.testFailure = Self.failure }
        script.request(Self.test, packet: 11)
        writer.state.withLock { $0.testFailure = nil }
        script.request(Self.test, packet: 11)
        #expect(script.answers() == Array(repeating: ResponsePDU(ResponseStatus(.wrongValue), index: 1), count: 2))
    }

    @Test func `a CommitSet sent again while it runs is answered once`() async {
        script.request(Self.test)
        for _ in 1...3 { script.request(Self.commit, packet: 12) }
        #expect(script.answers() == [ResponsePDU()])
        #expect(script.jobs.count == 1)
        await script.runJobs()
        #expect(script.answers() == [ResponsePDU()])
        #expect(writer.phases == [.commit(1)])
    }

    @Test func `an UndoSet sent again while it runs is answered once`() async {
        script.request(Self.test)
        script.request(Self.commit)
        await script.runJobs()
        _ = script.sent()
        for _ in 1...3 { script.request(Self.undo, packet: 12) }
        await script.runJobs()
        script.request(Self.undo, packet: 12)
        #expect(script.answers() == [ResponsePDU(), ResponsePDU()])
        #expect(writer.phases == [.commit(1), .undo(1)])
    }

    @Test func `other requests are answered while a commit runs`() {
        script.request(Self.test)
        script.request(Self.commit)
        _ = script.sent()
        script.request(.get(GetPDU([SearchRange([1, 3])])))
        #expect(script.answers().count == 1)
        #expect(script.jobs.count == 1)
    }

    @Test func `what the master asks while the commit runs happens after it`() async {
        script.request(Self.test, transaction: 1)
        script.request(Self.commit, transaction: 1)
        script.request(Self.undo, transaction: 1, packet: 20)
        script.request(Self.undo, transaction: 1, packet: 20)
        script.request(Self.test, transaction: 2)
        script.request(Self.commit, transaction: 2)
        script.request(Self.cleanup, transaction: 2)
        #expect(writer.phases == [])
        _ = script.sent()
        await script.runJobs()
        #expect(script.answers().count == 3, "two commits and one undo")
        #expect(Set(writer.phases) == [.commit(1), .undo(1), .commit(2), .cleanUp(2)])
        #expect(!script.session.transactions.hasOpen)
    }

    @Test func `a transaction number that comes again is a new transaction`() async {
        script.request(Self.test, transaction: 5)
        script.request(Self.test, transaction: 5)
        #expect(writer.phases == [.cleanUp(5)], "the one that the master left")
        script.request(Self.commit, transaction: 5)
        await script.runJobs()
        script.request(Self.cleanup, transaction: 5)
        #expect(writer.phases == [.cleanUp(5), .commit(5), .cleanUp(5)])
    }

    @Test func `after a restart of the master the same numbers mean new transactions`() async {
        script.request(Self.test, transaction: 2, packet: 4)
        script.request(Self.commit, transaction: 2, packet: 5)
        await script.runJobs()
        script.request(Self.cleanup, transaction: 2, packet: 6)
        script.session.connectionLost(AgentXError(.connectionLost, "restart"))
        script.open()
        _ = script.sent()
        script.request(Self.test, transaction: 2, packet: 4)
        script.request(Self.commit, transaction: 2, packet: 5)
        await script.runJobs()
        #expect(script.answers() == [ResponsePDU(), ResponsePDU()])
        #expect(writer.phases == [.commit(2), .cleanUp(2), .commit(2)])
    }

    @Test func `a lost session rolls back what was tested, and undoes what was committed`() async {
        script.request(Self.test, transaction: 1)
        script.request(Self.test, transaction: 2)
        script.request(Self.commit, transaction: 2)
        await script.runJobs()
        script.request(Self.test, transaction: 3)
        script.request(Self.commit, transaction: 3)
        script.session.connectionLost(AgentXError(.connectionLost, "gone"))
        script.open()
        _ = script.sent()
        script.request(Self.test, transaction: 3)
        await script.runJobs()
        #expect(Set(writer.phases) == [.cleanUp(1), .commit(2), .undo(2), .commit(3), .undo(3)])
        #expect(script.answers() == [ResponsePDU()], "nothing of the old session is answered to the new master")
    }

    @Test func `the table is bounded: ended transactions make room, running ones do not`() {
        let script = ScriptedSession { $0.transactionLimit = 4 }
        script.open()
        for transaction: UInt32 in 1...3 {
            script.request(Self.test, transaction: transaction)
            script.request(Self.cleanup, transaction: transaction)
        }
        for transaction: UInt32 in 4...7 { script.request(Self.test, transaction: transaction) }
        #expect(script.answers() == Array(repeating: ResponsePDU(), count: 7))
        script.request(Self.test, transaction: 8)
        #expect(script.answers() == [ResponsePDU(ResponseStatus(.resourceUnavailable))])
    }

    @Test func `a transaction that the master left is released after its lifetime`() {
        script.request(Self.test)
        script.wait(.seconds(59))
        #expect(writer.phases == [])
        script.wait(.seconds(2))
        #expect(writer.phases == [.cleanUp(1)])
        #expect(script.session.transactions.isEmpty)
    }

    @Test func `without a writer nothing is writable`() {
        let script = ScriptedSession(isWritable: false)
        script.open()
        script.request(Self.test)
        #expect(script.answers() == [ResponsePDU(ResponseStatus(.notWritable), index: 1)])
    }

    @Test func `phases that cannot be decoded are answered with parseError, CleanupSet not at all`() {
        for type in [PDUType.testSet, .commitSet, .undoSet, .cleanupSet] {
            var octets = PDU(.ping(PingPDU()), sessionID: 7).encoded() + [0, 0, 0, 0]
            octets[1] = type.rawValue
            octets[19] = 4
            script.receive(octets)
        }
        #expect(script.answers() == Array(repeating: ResponsePDU(.parseError), count: 3))
    }
}
