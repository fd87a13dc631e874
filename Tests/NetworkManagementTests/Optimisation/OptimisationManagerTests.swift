import NetworkModel
import PlatformTesting
import SecurityTesting
import Synchronization
import Testing

@testable import NetworkManagement

@Suite struct `Changes on trial` {
    private static let segmentation = "tx-tcp-segmentation"
    private static let off = OptimisationChange.property(.feature(segmentation, false))
    private static let on = OptimisationChange.property(.feature(segmentation, true))

    /// A port whose segmentation is off, seen for long enough to be found.
    private func found(
        store: MemoryOptimisationStore = MemoryOptimisationStore(), boot: String = "boot"
    ) async throws -> (OptimisationFixture, Finding) {
        let fixture = try OptimisationFixture([try port()], store: store, boot: boot)
        let index = try #require(InterfaceIndex(2))
        var settings = LinkSettings()
        settings.features = [
            Feature(name: Self.segmentation, isActive: false, isRequested: false, isChangeable: true)
        ]
        fixture.interfaces.platform.setSettings(settings, of: index)
        fixture.interfaces.platform.deliver([.settingsChanged(index)])
        fixture.interfaces.manager.refreshDetails()
        if fixture.platform.setting(Self.segmentation, of: index) == nil { fixture.platform.put([Self.off], of: index) }
        try await fixture.pass(12)
        return (fixture, try #require(fixture.finding(.offload)))
    }

    private func now(_ fixture: OptimisationFixture) throws -> OptimisationChange? {
        fixture.platform.setting(Self.segmentation, of: try #require(InterfaceIndex(2)))
    }

    @Test func `a change that does no harm is measured, kept, audited and told`() async throws {
        let (fixture, finding) = try await found()
        #expect(finding.state == .open && finding.proposal.changes == [Self.on])
        try fixture.ask(.findingApply, .finding(finding.identifier))
        try await fixture.pass(3)
        #expect(fixture.finding(.offload)?.state == .baseline)
        #expect(try now(fixture) == Self.off, "nothing is changed before the baseline is measured")
        #expect(fixture.store.trials.isEmpty)
        try await fixture.pass(3)
        #expect(fixture.finding(.offload)?.state == .trial)
        #expect(try now(fixture) == Self.on)
        #expect(fixture.store.trials.map(\.isConfirmed) == [false])
        try await fixture.pass(11)
        let confirmed = try #require(fixture.finding(.offload))
        #expect(confirmed.state == .confirmed && confirmed.requester == "alice")
        #expect(confirmed.before?.packets == 2000 && confirmed.after?.packets == 2000)
        #expect(try now(fixture) == Self.on)
        #expect(fixture.store.trials.map(\.isConfirmed) == [true])
        #expect(fixture.audited == ["begun alice ", "committed alice applied", "done alice confirmed"])
        #expect(fixture.told == ["applied 1", "confirmed 1"])
        try fixture.ask(.findingRevert, .finding(finding.identifier))
        try await fixture.pass(1)
        #expect(try now(fixture) == Self.off)
        #expect(fixture.finding(.offload)?.state == .reverted && fixture.store.trials.isEmpty)
        #expect(fixture.audited.last == "done alice reverted")
    }

    @Test func `a change that costs packets is taken back by itself`() async throws {
        let (fixture, finding) = try await found()
        try fixture.ask(.findingApply, .finding(finding.identifier))
        try await fixture.pass(6)
        #expect(try now(fixture) == Self.on)
        try await fixture.pass(4, dropping: 100)
        #expect(try now(fixture) == Self.off)
        let reverted = try #require(fixture.finding(.offload))
        #expect(reverted.state == .reverted && reverted.result.contains("dropped"))
        #expect(fixture.audited == ["begun alice ", "committed alice applied", "done host reverted"])
        #expect(fixture.told == ["applied 1", "reverted 1"] && fixture.store.trials.isEmpty)
        #expect(fixture.manager.snapshot.counts.reverted == 1)
    }

    @Test func `what could not be taken back stays known until it is`() async throws {
        let (fixture, finding) = try await found()
        let target = OperationTarget.finding(finding.identifier)
        try fixture.ask(.findingApply, target)
        try await fixture.pass(18)
        fixture.platform.refuse { $0 == Self.off ? PlatformError(.busy, "no", errno: 16) : nil }
        try fixture.ask(.findingRevert, target)
        try await fixture.pass(1)
        #expect(fixture.finding(.offload)?.state == .failed && fixture.store.trials.count == 1)
        #expect(throws: ManagementError.self, "what was before would be forgotten") {
            try fixture.ask(.findingApply, target)
        }
        // Its cause is gone, and nobody looks for such any more.
        let index = try #require(InterfaceIndex(2))
        fixture.interfaces.platform.setSettings(LinkSettings(), of: index)
        fixture.interfaces.platform.deliver([.settingsChanged(index)])
        fixture.interfaces.manager.refreshDetails()
        try await fixture.pass(50)
        var options = OptimisationManager.Options()
        options.isFinding = false
        fixture.manager.reconfigure(options)
        try await fixture.pass(1)
        #expect(fixture.finding(.offload)?.state == .failed)
        try await fixture.manager.save()
        #expect(fixture.store.trials.map(\.identifier) == [finding.identifier])
        fixture.platform.refuse(nil)
        try fixture.ask(.findingRevert, target)
        try await fixture.pass(1)
        #expect(try now(fixture) == Self.off)
        #expect(fixture.finding(.offload)?.state == .reverted && fixture.store.trials.isEmpty)
    }

    @Test func `what the kernel refuses leaves nothing half done`() async throws {
        let (fixture, finding) = try await found()
        fixture.platform.refuse { _ in PlatformError(.busy, "no", errno: 16) }
        try fixture.ask(.findingApply, .finding(finding.identifier))
        try await fixture.pass(7)
        #expect(fixture.finding(.offload)?.state == .failed && fixture.store.trials.isEmpty)
        #expect(fixture.audited == ["begun alice ", "failed alice busy"])
        #expect(try now(fixture) == Self.off)
    }

    @Test func `nothing is changed that can be neither kept nor audited`() async throws {
        let (fixture, finding) = try await found()
        fixture.store.fail(with: StoreError(.full, "no room"))
        try fixture.ask(.findingApply, .finding(finding.identifier))
        try await fixture.pass(7)
        #expect(fixture.finding(.offload)?.state == .failed && fixture.platform.applied.isEmpty)
        fixture.store.fail(with: nil)
        fixture.audit.fail(with: StoreError(.full, "no room"))
        try fixture.ask(.findingApply, .finding(finding.identifier))
        try await fixture.pass(7)
        #expect(fixture.finding(.offload)?.state == .failed && fixture.platform.applied.isEmpty)
        #expect(fixture.store.trials.isEmpty)
    }

    @Test func `a sudden end during a trial is mended by the next start`() async throws {
        let (fixture, finding) = try await found()
        try fixture.ask(.findingApply, .finding(finding.identifier))
        try await fixture.pass(7)
        #expect(fixture.store.trials.count == 1)
        // The kernel keeps what it has; the daemon is another one.
        let next = try OptimisationFixture([try port()], store: fixture.store)
        next.platform.put([Self.on], of: try #require(InterfaceIndex(2)))
        try await next.pass(1)
        #expect(try now(next) == Self.off && next.store.trials.isEmpty)
        #expect(next.finding(.offload)?.state == .reverted)
        #expect(next.audited == ["done host reverted"] && next.told == ["reverted 1"])
    }

    @Test func `what was changed by somebody else since is left alone`() async throws {
        let trial = StoredTrial(
            identifier: 4, rule: .queueLength, detail: "", interface: 2, name: "d0", address: "", boot: "boot",
            steps: [.init(change: .property(.queueLength(1000)), previous: .property(.queueLength(10)))],
            requester: "alice", evidence: "")
        let index = try #require(InterfaceIndex(2))
        let fixture = try OptimisationFixture([try port()], store: MemoryOptimisationStore([trial]))
        fixture.platform.put([.property(.queueLength(500))], of: index)
        try await fixture.pass(1)
        #expect(fixture.platform.applied.isEmpty && fixture.store.trials.isEmpty)
        // After another start of the host there is nothing to take back.
        let later = try OptimisationFixture([try port()], store: MemoryOptimisationStore([trial]), boot: "other")
        later.platform.put([.property(.queueLength(1000))], of: index)
        try await later.pass(1)
        #expect(later.platform.applied.isEmpty && later.manager.snapshot.findings.isEmpty)
    }

    @Test func `what was kept is known after a restart, and can be taken back`() async throws {
        let (fixture, finding) = try await found()
        try fixture.ask(.findingApply, .finding(finding.identifier))
        try await fixture.pass(18)
        #expect(fixture.finding(.offload)?.state == .confirmed)
        let next = try OptimisationFixture([try port()], store: fixture.store)
        next.platform.put([Self.on], of: try #require(InterfaceIndex(2)))
        try await next.pass(2)
        #expect(next.finding(.offload)?.state == .confirmed)
        try next.ask(.findingRevert, .finding(finding.identifier))
        try await next.pass(1)
        #expect(try now(next) == Self.off && next.store.trials.isEmpty)
    }

    @Test func `the end of the daemon takes a trial back`() async throws {
        let (fixture, finding) = try await found()
        try fixture.ask(.findingApply, .finding(finding.identifier))
        try await fixture.pass(7)
        await fixture.manager.stop()
        #expect(try now(fixture) == Self.off && fixture.store.trials.isEmpty)
    }

    @Test func `what cannot be applied says why`() async throws {
        let (fixture, finding) = try await found()
        let target = OperationTarget.finding(finding.identifier)
        func error(_ kind: OperationKind, _ target: OperationTarget) -> ManagementError.Code? {
            do { try fixture.ask(kind, target) } catch { return (error as? ManagementError)?.code }
            return nil
        }
        #expect(error(.findingApply, .finding(99)) == .notFound)
        #expect(error(.findingApply, .system) == .invalidValue)
        #expect(error(.findingRevert, target) == .inconsistent)
        fixture.configured.withLock { $0 = ["d0 \(Self.segmentation)"] }
        #expect(error(.findingApply, target) == .inconsistent)
        fixture.configured.withLock { $0 = [] }
        var options = OptimisationManager.Options()
        options.isApplying = false
        fixture.manager.reconfigure(options)
        #expect(error(.findingApply, target) == .inconsistent)
        options.isApplying = true
        options.isFinding = false
        fixture.manager.reconfigure(options)
        #expect(error(.findingApply, target) == .inconsistent)
        try await fixture.pass(1)
        #expect(fixture.manager.snapshot.findings.isEmpty, "performance_optimization_enabled is false")
        fixture.manager.reconfigure(.init())
        try await fixture.pass(12)
        #expect(fixture.finding(.offload) != nil)
    }

    @Test func `a finding goes when its cause is gone for three evaluations`() async throws {
        let (fixture, _) = try await found()
        let index = try #require(InterfaceIndex(2))
        fixture.interfaces.platform.setSettings(LinkSettings(), of: index)
        fixture.interfaces.platform.deliver([.settingsChanged(index)])
        fixture.interfaces.manager.refreshDetails()
        try await fixture.pass(20)
        #expect(fixture.finding(.offload) != nil)
        try await fixture.pass(12)
        #expect(fixture.finding(.offload) == nil)
    }

    @Test func `what the processors take is divided by the time that has passed`() async throws {
        let fixture = try OptimisationFixture([try port()])
        func take(_ packets: [UInt64]) {
            fixture.platform.setProcessors(packets.enumerated().map { .init(number: $0.offset, packets: $0.element) })
        }
        take([1000, 500])
        try await fixture.pass(1)
        #expect(fixture.manager.snapshot.groups.first?.rate == 0, "there is nothing to compare with")
        // A sample every half minute leaves evaluations as far apart, whatever their period is.
        take([4000, 2000])
        fixture.clock.advance(by: .seconds(29))
        try await fixture.pass(1)
        let group = try #require(fixture.manager.snapshot.groups.first)
        #expect(group.kind == .processors && group.members.map(\.rate) == [100, 50])
        // Nor does asking for an evaluation at once make them more.
        take([4020, 2000])
        fixture.manager.reconfigure(.init())
        try await fixture.pass(2)
        #expect(fixture.manager.snapshot.groups.first?.members.map(\.rate) == [20, 0])
    }

    @Test func `the fake store fulfils its port`() async throws {
        let store = MemoryOptimisationStore()
        try await StoreConformance.checkOptimisation { store }
    }
}
