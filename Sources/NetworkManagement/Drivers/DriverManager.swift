package import Logging
package import NetworkModel
import Synchronization

/// Knows the network drivers and devices of the host, and loads, unloads and binds them when it is asked.
///
/// What is true it reads from the platform, whole, whenever something may have changed; what it keeps itself is what the
/// kernel does not know: stable indexes, preferences, attempts and how they went.
package final class DriverManager: Sendable {
    package struct Options: Sendable, Hashable {
        package var managedDrivers = 16
        package var timeout: Duration = .seconds(30)
        package var isDiscovering = true
        package var isAutoLoading = true
        package var isFallingBack = true
        package var isMonitoringHealth = true
        /// What the configuration says of drivers.
        package var drivers: [DriverName: DriverConfiguration] = [:]

        package init() {}
    }

    /// What the manager itself is doing with a driver, and what came of it.
    struct Activity {
        var state: DriverState?
        var history = DriverHistory()
        /// It was tried last without success.
        var hasFailed = false
    }

    struct DeviceActivity {
        var choice = ""
        var lastError = ""
        var lastChange: MonotonicTime?
        /// When a driver was last asked for.
        var asked: MonotonicTime?
        /// It lost its driver by somebody's will: nobody gives it another unasked.
        var isLeftAlone = false
    }

    struct State {
        var options: Options
        var book: [DriverName: DriverRecord]
        var deviceBook: [DeviceAddress: DeviceRecord]
        var lastDriverIndex: UInt32
        var lastDeviceIndex: UInt32
        var activity: [DriverName: Activity] = [:]
        var deviceActivity: [DeviceAddress: DeviceActivity] = [:]
        /// Drivers that somebody asked for by name.
        var named: Set<DriverName> = []
        var survey = DriverSurvey()
        var snapshot = DriverSnapshot()
        var isLimitTold = false
        /// When drivers that the configuration wants were last asked for.
        var askedLoads: [DriverName: MonotonicTime] = [:]
        /// Drivers that an operation unloaded: what the configuration says of loading them waits for the next one.
        var unloaded: Set<DriverName> = []
        /// What spoke against drivers lately.
        var health: [DriverName: DriverHealthRecord] = [:]
        /// How well those are that are not healthy, as last told.
        var toldHealth: [DriverName: DriverHealth] = [:]
        /// What the counters of the devices' interfaces did lately.
        var windows: [InterfaceIndex: InterfaceHealthWindow] = [:]
        /// The errors that health reporters had, by device and reporter, and when they were read; nil before.
        var reported: [String: UInt64]?
        var reportersRead: MonotonicTime?
    }

    let platform: any DriverPlatform
    let store: any DriverStore
    let clock: any MonotonicClock
    let wallClock: any WallClock
    let logger: Logger
    /// Sets interfaces down and up.
    let links: any ConfigurationPlatform
    /// What speaks against taking interfaces away.
    let interfaces: InterfaceGuard
    let listener: @Sendable (DriverEvent) -> Void
    let state: Mutex<State>
    /// One look at everything at a time, so that an older one never replaces a newer.
    let surveying = Mutex(())

    /// - Parameters:
    ///   - book: what the store has.
    ///   - listener: called from any thread; must not block, nor call back.
    package init(
        platform: any DriverPlatform, store: any DriverStore, book: DriverBook, options: Options,
        clock: any MonotonicClock, wallClock: any WallClock, logger: Logger,
        links: any ConfigurationPlatform, interfaces: InterfaceGuard,
        listener: @escaping @Sendable (DriverEvent) -> Void
    ) {
        self.platform = platform
        self.store = store
        self.clock = clock
        self.wallClock = wallClock
        self.logger = logger
        self.links = links
        self.interfaces = interfaces
        self.listener = listener
        state = Mutex(
            State(
                options: options, book: Dictionary(book.drivers.map { ($0.name, $0) }) { first, _ in first },
                deviceBook: Dictionary(book.devices.map { ($0.address, $0) }) { first, _ in first },
                lastDriverIndex: book.drivers.map(\.index).max() ?? 0,
                lastDeviceIndex: book.devices.map(\.index).max() ?? 0))
    }

    package var snapshot: DriverSnapshot { state.withLock { $0.snapshot } }

    package var options: Options { state.withLock { $0.options } }

    /// Takes over other options; what was left alone or had no success is looked at anew where they say something else.
    package func reconfigure(_ options: Options) {
        let isNew = state.withLock { state in
            let old = state.options
            state.options = options
            if old.drivers != options.drivers || old.isAutoLoading != options.isAutoLoading {
                state.askedLoads = [:]
                state.unloaded = []
                for address in state.deviceActivity.keys {
                    state.deviceActivity[address]?.asked = nil
                    state.deviceActivity[address]?.isLeftAlone = false
                }
            }
            return old != options
        }
        // A commit waits for this.
        if isNew { refresh(because: "the configuration changed") }
    }

    /// Reads everything anew, and tells what is different.
    package func refresh(because cause: String) {
        let (events, isBookNew) = surveying.withLock { _ in
            let started = clock.now()
            let survey: DriverSurvey
            do {
                survey = try platform.survey()
            } catch {
                logger.error("drivers cannot be read", metadata: ["error": "\(error)"])
                return ([DriverEvent](), false)
            }
            return take(survey, cause, started)
        }
        if isBookNew { persist() }
        for event in events { listener(event) }
    }

    /// Saves the book when there is time; what fails now is saved with the next change.
    func persist() {
        Task { [self] in
            do {
                try await save()
            } catch {
                logger.error("what is known of drivers cannot be kept", metadata: ["error": "\(error)"])
            }
        }
    }

    func save() async throws(StoreError) {
        let book = state.withLock { state in
            var book = DriverBook()
            book.drivers = state.book.values.sorted { $0.index < $1.index }
            book.devices = state.deviceBook.values.sorted { $0.index < $1.index }
            return book
        }
        try await store.saveDrivers(book)
    }
}
