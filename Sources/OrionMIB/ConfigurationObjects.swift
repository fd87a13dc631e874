package import NetworkManagement
package import NetworkModel
import OrionSchema
package import SMI

/// ORION-CONFIG-MIB over the configuration manager.
package struct ConfigurationObjects: Sendable {
    let manager: ConfigurationManager
    let interfaces: InterfaceManager
    let wallClock: any WallClock
    private let clock: any MonotonicClock
    let queue: ConfigurationQueue

    package init(
        _ manager: ConfigurationManager, interfaces: InterfaceManager, clock: any MonotonicClock,
        wallClock: any WallClock, queue: ConfigurationQueue
    ) {
        self.manager = manager
        self.interfaces = interfaces
        self.clock = clock
        self.wallClock = wallClock
        self.queue = queue
    }

    package var tables: [any TableSource] {
        let sessions = CandidateRows(manager)
        return [
            ConfigurationSettingTable(manager), CandidateSessionTable(sessions), CandidateEditTable(sessions),
            CandidateFindingTable(sessions), ConfigurationRevisionTable(manager), ConfigurationDriftTable(manager),
        ]
    }

    package var writableTables: [any WritableTable] { [WritableSessionTable(), WritableEditTable()] }

    package var preparer: any SetPreparer { ConfigurationPreparer(configuration: self) }

    /// What has the configuration know of interfaces that are set by other objects than its own.
    package var absorber: any SetPreparer { AbsorptionPreparer(configuration: self, interfaces: interfaces) }

    package var scalars: [ScalarSource] {
        OrionConfigMIB.Scalar.allCases.map { scalar in ScalarSource(scalar.schema) { value(of: scalar) } }
    }

    package var writableScalars: [WritableScalar] {
        OrionConfigMIB.WritableScalar.allCases.compactMap { scalar in
            guard let schema = OrionConfigMIB.Scalar(rawValue: scalar.rawValue)?.schema else { return nil }
            return WritableScalar(schema) { value throws(WriteRefusal) in
                switch scalar {
                case .orionConfigLock:
                    guard case .integer(let number) = value else { throw WriteRefusal(.wrongType) }
                    return .configuration(.lock(number))
                }
            }
        }
    }

    private func value(of scalar: OrionConfigMIB.Scalar) -> Value? {
        let snapshot = manager.snapshot
        let counts = snapshot.counts
        switch scalar {
        case .orionConfigRevision: return .gauge32(snapshot.revision)
        case .orionConfigState:
            let state: OrionConfigMIB.OrionConfigState = snapshot.deadline == nil ? .confirmed : .unconfirmed
            return .integer(state.rawValue)
        case .orionConfigTimeLeft:
            guard let deadline = snapshot.deadline else { return .gauge32(0) }
            return .gauge32(UInt32(clamping: (deadline - clock.now()).components.seconds))
        case .orionConfigLock: return .integer(manager.lock)
        case .orionConfigDriftCount: return .gauge32(UInt32(clamping: snapshot.drift.count))
        case .orionConfigCommits: return .counter64(counts.commits)
        case .orionConfigFailures: return .counter64(counts.failures)
        case .orionConfigRollbacks: return .counter64(counts.rollbacks)
        case .orionConfigDrifts: return .counter64(counts.drifts)
        case .orionConfigRepairs: return .counter64(counts.repairs)
        case .orionConfigLastDuration: return .microseconds(counts.lastDuration)
        case .orionConfigLastKernelTime: return .microseconds(counts.lastKernelTime)
        case .orionConfigSessionsMaximum: return .gauge32(UInt32(clamping: CandidateSession.maximum))
        }
    }
}

/// What is done after a SET was answered, one after the other and off the protocol's thread.
package struct ConfigurationQueue: Sendable {
    /// Does what a session asked for.
    let perform: @Sendable ([UInt8], Principal) -> Void
    /// Takes in what a SET changed of interfaces.
    let absorb: @Sendable ([(interface: String, key: String, value: SettingValue)], Principal) -> Void

    package init(
        perform: @escaping @Sendable ([UInt8], Principal) -> Void,
        absorb: @escaping @Sendable ([(interface: String, key: String, value: SettingValue)], Principal) -> Void
    ) {
        self.perform = perform
        self.absorb = absorb
    }
}

extension Value {
    fileprivate static func microseconds(_ duration: Duration) -> Value {
        .gauge32(UInt32(clamping: Int64(duration / .microseconds(1))))
    }

    /// An OrionSettingValue.
    static func setting(_ value: SettingValue) -> Value {
        .text(value.plainText.limited(toOctets: 4096))
    }
}

/// orionConfigSettingTable: laid out once for each configuration.
struct ConfigurationSettingTable: TableSource {
    private final class Rows: Sendable {
        let settings: [(path: SettingPath, value: SettingValue)]
        let index: RowIndex

        init(_ configuration: NetworkConfiguration) {
            let rows = configuration.settings.map { (CountedIndex.words($0.path.description.utf8), $0) }
                .filter { $0.0.count <= 81 }
                .sorted { $0.0.lexicographicallyPrecedes($1.0) }
            settings = rows.map(\.1)
            index = RowIndex(rows.map(\.0))
        }
    }

    private let manager: ConfigurationManager
    private let rows = Derived<ConfigurationSnapshot, Rows> { Rows($0.configuration) }

    init(_ manager: ConfigurationManager) {
        self.manager = manager
    }

    var schema: TableSchema { OrionConfigMIB.OrionConfigSettingEntry.table }

    func open() -> any TableReading { Reading(content: rows.of(manager.snapshot)) }

    private struct Reading: TableReading {
        let content: Rows

        var rows: RowIndex { content.index }

        func value(column: Int, row position: Int) -> Value? {
            guard let column = OrionConfigMIB.OrionConfigSettingEntry.Column(rawValue: column) else { return nil }
            let (path, value) = content.settings[position]
            switch column {
            case .orionConfigSettingValue: return .setting(value)
            case .orionConfigSettingDefault: return path.defaultValue.map { .setting($0) }
            case .orionConfigSettingSyntax: return .line(path.syntax?.expectation ?? "")
            case .orionConfigSettingEffect:
                let effect: OrionConfigMIB.OrionConfigSettingEffect = path.effect == .reload ? .reload : .restart
                return .integer(effect.rawValue)
            case .orionConfigSettingDescription: return .line(path.summary)
            }
        }
    }
}

/// orionConfigRevisionTable.
struct ConfigurationRevisionTable: TableSource {
    let manager: ConfigurationManager

    init(_ manager: ConfigurationManager) {
        self.manager = manager
    }

    var schema: TableSchema { OrionConfigMIB.OrionConfigRevisionEntry.table }

    func open() -> any TableReading { Reading(revisions: manager.snapshot.revisions) }

    private struct Reading: TableReading {
        let revisions: [ConfigurationRevision]

        var rows: RowIndex { .integers(revisions.map(\.number)) }

        func value(column: Int, row position: Int) -> Value? {
            guard let column = OrionConfigMIB.OrionConfigRevisionEntry.Column(rawValue: column) else { return nil }
            return revisions[position].value(column)
        }
    }
}

extension ConfigurationRevision {
    func value(_ column: OrionConfigMIB.OrionConfigRevisionEntry.Column) -> Value {
        switch column {
        case .orionConfigRevisionTime: .dateAndTime(WallTime(seconds: seconds))
        case .orionConfigRevisionPrincipal: .line(principal)
        case .orionConfigRevisionOrigin: .integer(Int32(origin.rawValue))
        case .orionConfigRevisionState: .integer(Int32(state.rawValue))
        case .orionConfigRevisionChanges: .gauge32(changes)
        case .orionConfigRevisionComment: .line(comment)
        case .orionConfigRevisionDigest: .bytes(digest)
        case .orionConfigRevisionReason: .line(reason)
        }
    }
}

/// orionConfigDriftTable.
struct ConfigurationDriftTable: TableSource {
    let manager: ConfigurationManager

    init(_ manager: ConfigurationManager) {
        self.manager = manager
    }

    var schema: TableSchema { OrionConfigMIB.OrionConfigDriftEntry.table }

    func open() -> any TableReading { Reading(drift: manager.snapshot.drift) }

    private struct Reading: TableReading {
        let drift: [ConfigurationDrift]

        var rows: RowIndex { .integers(drift.indices.map { UInt32(clamping: $0 + 1) }) }

        func value(column: Int, row position: Int) -> Value? {
            guard let column = OrionConfigMIB.OrionConfigDriftEntry.Column(rawValue: column) else { return nil }
            switch column {
            case .orionConfigDriftSetting: return .line(drift[position].setting)
            case .orionConfigDriftInterface: return .line(drift[position].interface)
            case .orionConfigDriftText: return .line(drift[position].text)
            }
        }
    }
}
