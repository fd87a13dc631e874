package import NetworkModel
import Synchronization

/// Keeps the configuration: what is in force, what was, and how one becomes the other, whole or not at all.
///
/// Readers take `snapshot`, which waits for nobody. What changes something is called by one task at a time, the
/// composition's; a second one is refused while the first is under way. Before the first change of the kernel the store
/// has the steps and what takes each back, so that a sudden end at any instant leaves the old revision or the new one.
package final class ConfigurationManager: Sendable {
    struct State {
        var configuration = NetworkConfiguration()
        var revision: UInt32 = 0
        var revisions: [ConfigurationRevision] = []
        var baseline: ConfigurationBaseline = [:]
        /// A commit that may be taken back: what takes it back, what it came from, until when.
        var pending: Pending?
        var isBusy = false
        var drift: [ConfigurationDrift] = []
        var counts = ConfigurationCounts()
        /// Settings of interfaces that a SET changed for the time being: "interface.key".
        var overrides: Set<String> = []
        /// SETs that become revisions when the unconfirmed one is settled.
        var waiting: [AbsorbedSet] = []
        /// When each setting was repaired lately: what fights back is left alone.
        var repairs: [String: [MonotonicTime]] = [:]
        /// The interfaces that drift was looked for in, by name; nil before the first look.
        var known: [String: UInt32]?
        var sessions: [[UInt8]: CandidateSession] = [:]
        var sessionVersion: UInt64 = 0
        var lock: Int32 = 0
    }

    struct Pending {
        let intent: ConfigurationIntent
        let old: NetworkConfiguration
        let deadline: MonotonicTime
        let principal: Principal
    }

    let platform: any ConfigurationPlatform
    let store: any ConfigurationStore
    let target: any ConfigurationTarget
    let clock: any MonotonicClock
    let wallClock: any WallClock
    let audit: AuditTrail
    let boot: String
    let events: @Sendable (ConfigurationEvent) -> Void
    let state: Mutex<State>
    private let published: Mutex<ConfigurationSnapshot>

    /// - Parameters:
    ///   - boot: identifies the boot of the host (/proc/sys/kernel/random/boot_id).
    ///   - lock: the first value of the lock; best a random one.
    ///   - events: called from the task that changes something; must not block.
    package init(
        platform: any ConfigurationPlatform, store: any ConfigurationStore, target: any ConfigurationTarget,
        audit: (any AuditStore)?, clock: any MonotonicClock, wallClock: any WallClock, boot: String, lock: Int32,
        events: @escaping @Sendable (ConfigurationEvent) -> Void
    ) {
        self.platform = platform
        self.store = store
        self.target = target
        self.clock = clock
        self.wallClock = wallClock
        self.audit = AuditTrail(store: audit, clock: clock)
        self.boot = boot
        self.events = events
        var initial = State()
        initial.lock = lock
        state = Mutex(initial)
        published = Mutex(Self.snapshot(of: initial))
    }

    package var snapshot: ConfigurationSnapshot { published.withLock { $0 } }

    /// The configuration a revision holds; nil when there is none of that number.
    package func configuration(ofRevision number: UInt32) throws(ManagementError) -> NetworkConfiguration? {
        do {
            return try store.configuration(ofRevision: number)
        } catch {
            throw ManagementError(error)
        }
    }

    /// Changes the state, and publishes it.
    func update<Result>(_ change: (inout State) -> Result) -> Result {
        state.withLock { state in
            let result = change(&state)
            let snapshot = Self.snapshot(of: state)
            published.withLock { $0 = snapshot }
            return result
        }
    }

    private static func snapshot(of state: State) -> ConfigurationSnapshot {
        ConfigurationSnapshot(
            revision: state.revision, configuration: state.configuration, revisions: state.revisions,
            baseline: state.baseline, deadline: state.pending?.deadline, drift: state.drift, counts: state.counts)
    }

    /// Runs `body` when nothing else is under way.
    func exclusively<Result>(
        _ body: () async throws(ManagementError) -> Result
    ) async throws(ManagementError) -> Result {
        let isFree = state.withLock { state in
            defer { state.isBusy = true }
            return !state.isBusy
        }
        guard isFree else { throw ManagementError(.exhausted, "another change of the configuration is under way") }
        defer { state.withLock { $0.isBusy = false } }
        return try await body()
    }
}
