/// What an alarm is about. The numbers are those of ORION-ALARM-MIB and of the state on disk: they never change.
package enum AlarmKind: UInt8, Sendable, Hashable, CaseIterable {
    /// An interface that is to be up is not.
    case linkDown = 1
    /// An interface changes its state more often than is told.
    case flapping = 2
    /// A threshold is crossed; the detail is the threshold's name.
    case threshold = 3
    /// A measure is outside what its own past foretells.
    case anomaly = 4
    /// A measure will reach its limit soon.
    case saturation = 5
    /// A driver could not be loaded, or works no longer.
    case driverFailed = 6
    /// There are more objects than may be managed; the detail says of what.
    case capacityExceeded = 7
    /// The audit takes no records.
    case auditFailed = 8
    /// SETs come without the principal who sent them.
    case principalMissing = 9
    /// Counters are sampled more rarely than configured.
    case samplingDegraded = 10
    /// The host is not as configured.
    case configurationDrift = 11
    /// A configuration file was not accepted.
    case configurationRejected = 12
    /// The members of a group carry unequal shares.
    case imbalance = 13
    /// oriond itself uses more than its budget; the detail says of what.
    case resourceExceeded = 14
    /// An operation does not come back though its time is up; the detail says which.
    case operationStuck = 15
    /// An interface is open to more than is meant; the detail says how: "promiscuous", or "address".
    case interfaceExposed = 16
}
