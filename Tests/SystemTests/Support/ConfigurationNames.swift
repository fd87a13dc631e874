import SMI

/// ORION-CONFIG-MIB, written out: the tests do not take it from the code they test.
enum ConfigurationNames {
    static let module: OID = [1, 3, 6, 1, 4, 1, 32473, 77, 2, 5]
    static let revision = module + [1, 1, 1, 0]
    static let state = module + [1, 1, 2, 0]
    static let lock = module + [1, 1, 4, 0]
    static let driftCount = module + [1, 1, 5, 0]
    static let settingValue = module + [1, 2, 1, 2]
    static let sessionTimeout = module + [1, 3, 1, 6]
    static let sessionTarget = module + [1, 3, 1, 7]
    static let sessionOperation = module + [1, 3, 1, 9]
    static let sessionState = module + [1, 3, 1, 10]
    static let sessionResult = module + [1, 3, 1, 11]
    static let sessionRowStatus = module + [1, 3, 1, 13]
    static let editEntry = module + [1, 4, 1]
    static let editValue = editEntry + [1]
    static let editUnset = editEntry + [2]
    static let editRowStatus = editEntry + [3]
    static let findingSetting = module + [1, 5, 1, 3]
    static let findingStep = module + [1, 5, 1, 4]
    static let findingText = module + [1, 5, 1, 5]
    static let revisionState = module + [1, 6, 1, 5]
    static let revisionReason = module + [1, 6, 1, 9]
    /// orionMonitoringSampleIntervalConfigured, of ORION-MONITORING-MIB.
    static let sampleInterval: OID = [1, 3, 6, 1, 4, 1, 32473, 77, 2, 6, 1, 1, 2, 0]
    static let changed = module + [0, 1]
    static let rolledBack = module + [0, 3]
    static let driftRepaired = module + [0, 6]

    /// The session of the tests.
    static let owner = counted("ops")

    /// A string in an index: its octets behind their number.
    static func counted(_ text: String) -> OID {
        OID([UInt32(text.utf8.count)] + text.utf8.map { UInt32($0) })
    }

    /// The name that an index of one string holds.
    static func name(_ index: some Sequence<UInt32>) -> String {
        String(decoding: index.dropFirst().map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self)
    }

    /// What snmpset is told to edit a setting in the session of the tests.
    static func edit(_ path: String, _ value: String) -> (OID, type: String, value: String) {
        (editValue + owner + counted(path), type: "s", value: value)
    }
}

extension OID {
    static func + (left: OID, right: OID) -> OID { OID(left.words + right.words) }
}
