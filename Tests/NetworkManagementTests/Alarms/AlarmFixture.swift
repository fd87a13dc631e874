import Logging
import NetworkManagement
import NetworkModel
import SecurityTesting
import Synchronization

/// An alarm manager over a store in memory, and what it told.
final class AlarmFixture: Sendable {
    let clock = ManualClock()
    let store: MemoryAlarmStore
    let alarms: AlarmManager
    private let told = Told()

    final class Told: Sendable {
        let events = Mutex<[AlarmEvent]>([])
    }

    init(store: MemoryAlarmStore = MemoryAlarmStore(), _ edit: (inout AlarmManager.Limits) -> Void = { _ in }) {
        self.store = store
        var limits = AlarmManager.Limits()
        edit(&limits)
        alarms = AlarmManager(
            stored: store.stored, store: store, limits: limits, clock: clock, wallClock: clock,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            listener: { [told] event in told.events.withLock { $0.append(event) } })
    }

    /// What was told since the last call, in words.
    func take() -> [String] {
        takeEvents().map { event in
            switch event {
            case .record(let record, let suppressed):
                "\(record.event) \(record.key.kind) \(record.key.subject.name)"
                    + (suppressed > 0 ? " +\(suppressed)" : "")
            case .heldBack(_, let suppressed): "held back \(suppressed)"
            }
        }
    }

    func takeEvents() -> [AlarmEvent] {
        told.events.withLock { events in
            defer { events = [] }
            return events
        }
    }

    /// The clock goes on, and the manager looks at it, once a second.
    func pass(seconds: Int) {
        for _ in 0..<seconds {
            clock.advance(by: .seconds(1))
            alarms.tick()
        }
    }
}

func key(_ kind: AlarmKind, _ name: String) -> AlarmKey { AlarmKey(kind, .item(name)) }
