import NetworkManagement
import NetworkModel
import PlatformTesting
import SecurityTesting
import Synchronization

/// A host of a few interfaces, and a configuration manager over fakes. `restart` gives the next process on the same disk
/// and the same kernel.
final class ConfigurationFixture {
    let end = SuddenEnd()
    let clock = ManualClock()
    let platform: FakeConfigurationPlatform
    let store: MemoryConfigurationStore
    let target = FakeConfigurationTarget()
    let events = RecordedConfigurationEvents()
    private(set) var manager: ConfigurationManager

    init() {
        platform = FakeConfigurationPlatform(end: end)
        store = MemoryConfigurationStore(end: end)
        for number in 0..<8 { platform.put("eth\(number)") { $0.isUp = true } }
        manager = Self.makeManager(platform, store, target, clock, events, boot: "first")
    }

    private static func makeManager(
        _ platform: FakeConfigurationPlatform, _ store: MemoryConfigurationStore, _ target: FakeConfigurationTarget,
        _ clock: ManualClock, _ events: RecordedConfigurationEvents, boot: String
    ) -> ConfigurationManager {
        ConfigurationManager(
            platform: platform, store: store, target: target, audit: nil, clock: clock, wallClock: clock, boot: boot,
            lock: 7, events: { events.append($0) })
    }

    func restart(boot: String = "first") async throws {
        end.arm(nil)
        // What a process held is gone with it.
        target.forget()
        manager = Self.makeManager(platform, store, target, clock, events, boot: boot)
        _ = try await manager.start(NetworkConfiguration())
    }

    @discardableResult
    func commit(
        _ configuration: NetworkConfiguration, within: Duration? = nil, principal: Principal = .host
    ) async -> ConfigurationOutcome {
        var request = ConfigurationRequest(principal, .command)
        request.confirmWithin = within
        return await manager.commit(configuration, request)
    }
}

/// Makes configurations from paths and values as text.
func configuration(
    _ settings: [String: SettingValue], over base: NetworkConfiguration = NetworkConfiguration()
) -> NetworkConfiguration {
    var result = base
    for (path, value) in settings {
        let isSet = SettingPath(path).map { result.set($0, to: value) } ?? false
        precondition(isSet, "\(path) does not take \(value)")
    }
    return result
}

/// What takes over a configuration beside the kernel, and can refuse to.
final class FakeConfigurationTarget: ConfigurationTarget {
    private struct State {
        var configuration: NetworkConfiguration?
        var failure: ManagementError?
        var policy = SecurityPolicy()
        var asked: [AccessRequest] = []
        var managers: [SourceAddress] = []
    }

    private let state = Mutex(State())

    /// What was taken over last.
    var configuration: NetworkConfiguration? { state.withLock { $0.configuration } }
    var policy: SecurityPolicy { state.withLock { $0.policy } }

    func fail(with error: ManagementError?) { state.withLock { $0.failure = error } }
    /// Denies everybody, an administrator on the host included, whatever a rule is about.
    func deny(_ target: TargetPattern, _ actions: ActionClasses = .all) {
        state.withLock { state in
            var rule = SecurityRule(name: "no \(target)", effect: .deny)
            rule.target = target
            rule.actions = actions
            state.policy.rules.append(rule)
        }
    }
    func forget() { state.withLock { $0.configuration = nil } }

    func isPermitted(_ principal: Principal, to request: AccessRequest) -> AccessDecision {
        state.withLock { state in
            state.asked.append(request)
            let compiled = CompiledPolicy(state.policy)
            let rule = compiled.firstRule(for: principal, request, at: CompiledPolicy.Moment())
                .map { compiled.rules[$0] }
            let isDenied = rule?.effect == .deny
            return AccessDecision(
                outcome: isDenied ? .denied(.target) : .permitted, basis: rule.map { .rule($0.name) } ?? .defaultEffect,
                reason: isDenied ? .rule : nil, isAudited: false)
        }
    }

    var managers: [SourceAddress] { state.withLock { $0.managers } }

    func setManagers(_ managers: [SourceAddress]) { state.withLock { $0.managers = managers } }

    func risks(of configuration: NetworkConfiguration, from old: NetworkConfiguration) -> [ConfigurationFinding] { [] }

    /// What was asked, in this order.
    var asked: [AccessRequest] { state.withLock { $0.asked } }

    func findings(for configuration: NetworkConfiguration) -> [ConfigurationFinding] { [] }

    func takeOver(
        _ configuration: NetworkConfiguration, from old: NetworkConfiguration, by principal: Principal
    ) async throws(ManagementError) {
        try state.withLock { state throws(ManagementError) in
            if let failure = state.failure { throw failure }
            state.configuration = configuration
        }
    }
}

final class RecordedConfigurationEvents: Sendable {
    private let events = Mutex<[ConfigurationEvent]>([])

    func append(_ event: ConfigurationEvent) { events.withLock { $0.append(event) } }

    /// Each event's name and, of a revision, its number.
    var names: [String] {
        events.withLock { events in
            events.map { event in
                switch event {
                case .changed(let revision, _): "changed \(revision.number)"
                case .confirmed(let revision): "confirmed \(revision.number)"
                case .rolledBack(let revision): "rolledBack \(revision.number)"
                case .failed(let revision, _): "failed \(revision.number)"
                case .setNotKept(let principal, let finding):
                    "setNotKept \(principal.printableName) \(finding.setting)"
                case .driftDetected(let drift): "driftDetected \(drift.count)"
                case .driftRepaired(let drift): "driftRepaired \(drift.count)"
                case .interfacesConfigured(let settings): "interfacesConfigured \(settings.count)"
                }
            }
        }
    }
}
