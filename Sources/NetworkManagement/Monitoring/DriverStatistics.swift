package import NetworkModel
import Synchronization

/// Keeps what drivers count themselves: ethtool's standard groups and each driver's own names.
///
/// Reading them costs kernel calls per interface, and some drivers ask their firmware. So hardware is read every
/// `period`, more often while somebody asks, and the rest only then: a reader gets what is there and marks the demand.
package final class DriverStatistics: Sendable {
    /// What one interface's driver counted.
    package final class Entry: Sendable {
        package let index: InterfaceIndex
        /// nil when the driver reports none of them.
        package let ethernet: EthernetCounters?
        package let statistics: [DriverStatistic]

        init(index: InterfaceIndex, ethernet: EthernetCounters?, statistics: [DriverStatistic]) {
            self.index = index
            self.ethernet = ethernet
            self.statistics = statistics
        }
    }

    /// All of them at one moment.
    package final class Snapshot: Sendable {
        /// Ascending by interface; one for each that has something to say.
        package let entries: [Entry]

        init(_ entries: [Entry]) {
            self.entries = entries
        }

        package func entry(_ index: InterfaceIndex) -> Entry? {
            let position = entries.firstPosition { $0.index >= index }
            return position < entries.count && entries[position].index == index ? entries[position] : nil
        }
    }

    /// What a reader is after.
    package enum Demand: Sendable {
        /// What hardware adds to the kernel's own counts.
        case hardware
        /// What any driver counts.
        case everything
    }

    private struct State {
        var snapshot = Snapshot([])
        var lastHardwareDemand: MonotonicTime?
        var lastDemand: MonotonicTime?
        var lastHardware: MonotonicTime?
        /// Interfaces that were there at the last full reading, ascending.
        var known: [InterfaceIndex] = []
    }

    /// How often hardware is read without demand.
    private static let period: Duration = .seconds(10)
    /// For how long one read counts as demand.
    private static let demandLasts: Duration = .seconds(60)

    private let platform: any InterfacePlatform
    private let clock: any MonotonicClock
    private let state = Mutex(State())

    package init(platform: any InterfacePlatform, clock: any MonotonicClock) {
        self.platform = platform
        self.clock = clock
    }

    /// What is known now; marks that somebody wants to know.
    package func demand(_ demand: Demand) -> Snapshot {
        let now = clock.now()
        return state.withLock { state in
            switch demand {
            case .hardware: state.lastHardwareDemand = now
            case .everything: state.lastDemand = now
            }
            return state.snapshot
        }
    }

    /// What is known now, without asking for more.
    package var latest: Snapshot {
        state.withLock { $0.snapshot }
    }

    /// Reads what is due. On the upkeep thread, about once a second.
    package func tick(_ interfaces: InterfaceSnapshot) {
        let now = clock.now()
        let (isWanted, isHardwareDue, known, old) = state.withLock { state in
            func isRecent(_ demand: MonotonicTime?) -> Bool { demand.map { now - $0 <= Self.demandLasts } ?? false }
            let isWanted = isRecent(state.lastDemand)
            let isHardwareDue =
                isWanted || isRecent(state.lastHardwareDemand)
                || state.lastHardware.map { now - $0 >= Self.period } ?? true
            return (isWanted, isHardwareDue, state.known, state.snapshot)
        }
        let isNew = !interfaces.rows.elementsEqual(known) { $0.index == $1 }
        guard isWanted || isHardwareDue || isNew else { return }
        var entries: [Entry] = []
        for row in interfaces.rows {
            // An interface is read once when it is new, so that the first reader finds something.
            if isWanted || row.isPhysical && isHardwareDue || !known.hasSorted(row.index) {
                if let entry = read(row.link) { entries.append(entry) }
            } else if let entry = old.entry(row.index) {
                entries.append(entry)
            }
        }
        let snapshot = Snapshot(entries)
        state.withLock { state in
            state.snapshot = snapshot
            state.known = interfaces.rows.map(\.index)
            if isHardwareDue { state.lastHardware = now }
        }
    }

    private func read(_ link: Link) -> Entry? {
        // A driver that cannot say, or an interface that is gone by now, has nothing to show.
        var ethernet = (try? platform.ethernetCounters(of: link.index)) ?? EthernetCounters()
        let statistics = (try? platform.driverStatistics(of: link)) ?? []
        ethernet.complete(with: statistics)
        guard !ethernet.isEmpty || !statistics.isEmpty else { return nil }
        return Entry(index: link.index, ethernet: ethernet.isEmpty ? nil : ethernet, statistics: statistics)
    }
}

extension [InterfaceIndex] {
    /// Whether it is among these, which ascend.
    fileprivate func hasSorted(_ index: InterfaceIndex) -> Bool {
        let position = firstPosition { $0 >= index }
        return position < count && self[position] == index
    }
}
