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
        [settingTable] + CandidateRows(manager).tables + [revisionTable, driftTable]
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
        // Validation refuses what is longer than an object takes.
        .text(value.plainText)
    }
}

// MARK: - What is in force, and what was

extension ConfigurationObjects {
    /// orionConfigSettingTable: laid out once for each configuration.
    private var settingTable: any TableSource {
        typealias Entry = OrionConfigMIB.OrionConfigSettingEntry
        let rows = Derived<ConfigurationSnapshot, SettingRows> { SettingRows($0.configuration) }
        return ColumnTable<Entry.Column>(Entry.table) { [manager] in
            let content = rows.of(manager.snapshot)
            return (content.index, { content.settings[$1].value($0) })
        }
    }

    private var revisionTable: any TableSource {
        typealias Entry = OrionConfigMIB.OrionConfigRevisionEntry
        return ColumnTable<Entry.Column>(Entry.table) { [manager] in
            let revisions = manager.snapshot.revisions
            return (.integers(revisions.map(\.number)), { revisions[$1].value($0) })
        }
    }

    private var driftTable: any TableSource {
        typealias Entry = OrionConfigMIB.OrionConfigDriftEntry
        return ColumnTable<Entry.Column>(Entry.table) { [manager] in
            let drift = manager.snapshot.drift
            return (.integers(drift.indices.map { UInt32(clamping: $0 + 1) }), { drift[$1].value($0) })
        }
    }
}

private final class SettingRows: Sendable {
    struct Row: Sendable {
        let path: SettingPath
        let setting: SettingValue

        func value(_ column: OrionConfigMIB.OrionConfigSettingEntry.Column) -> Value? {
            switch column {
            case .orionConfigSettingValue: return .setting(setting)
            case .orionConfigSettingDefault: return path.defaultValue.map { .setting($0) }
            case .orionConfigSettingSyntax: return .line(path.syntax?.expectation ?? "")
            case .orionConfigSettingEffect:
                let effect: OrionConfigMIB.OrionConfigSettingEffect = path.effect == .reload ? .reload : .restart
                return .integer(effect.rawValue)
            case .orionConfigSettingDescription: return .line(path.summary)
            }
        }
    }

    let settings: [Row]
    let index: RowIndex

    init(_ configuration: NetworkConfiguration) {
        let rows = configuration.settings.map { (CountedIndex.words($0.path.description.utf8), $0) }
            // Validation refuses longer ones. The number of octets stands before them.
            .filter { $0.0.count <= 1 + SettingPath.maximumOctets }
            .sorted { $0.0.lexicographicallyPrecedes($1.0) }
        settings = rows.map { Row(path: $0.1.path, setting: $0.1.value) }
        index = RowIndex(rows.map(\.0))
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

extension ConfigurationDrift {
    fileprivate func value(_ column: OrionConfigMIB.OrionConfigDriftEntry.Column) -> Value {
        switch column {
        case .orionConfigDriftSetting: .line(setting)
        case .orionConfigDriftInterface: .line(interface)
        case .orionConfigDriftText: .line(text)
        }
    }
}
