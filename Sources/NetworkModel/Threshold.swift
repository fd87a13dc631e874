/// What is watched of which interfaces, and when that is an alarm.
package struct Threshold: Sendable, Hashable {
    /// What is watched. The numbers are those of ORION-PERFORMANCE-MIB and of the state on disk.
    package enum Variable: UInt8, Sendable, Hashable, CaseIterable {
        /// Thousands of bits per second.
        case inBits = 1
        case outBits = 2
        /// Per second.
        case inPackets = 3
        case outPackets = 4
        case inErrors = 5
        case outErrors = 6
        case inDiscards = 7
        case outDiscards = 8
        /// Thousandths of a percent of the speed.
        case inUtilisation = 9
        case outUtilisation = 10
        /// Of a million packets.
        case inErrorRatio = 11
        case outErrorRatio = 12
        case inDiscardRatio = 13
        case outDiscardRatio = 14
    }

    /// Whether the first value may raise the alarm (alarmStartupAlarm of RFC 2819).
    package enum Startup: UInt8, Sendable, Hashable, CaseIterable {
        case rising = 1
        case falling = 2
        case risingOrFalling = 3
    }

    package enum Origin: UInt8, Sendable, Hashable, CaseIterable {
        case configuration = 1
        case management = 2
    }

    /// 1..32 octets without control characters.
    package let name: String
    package var variable = Variable.inUtilisation
    /// Of the names of the interfaces.
    package var pattern = GlobPattern.any
    /// The value that raises the alarm; nil for a row that is not ready.
    package var rising: UInt32?
    /// The value that clears it. A greater one than `rising` watches for values that are too low.
    package var falling: UInt32?
    /// How long a value has to be beyond; whole seconds, 0...86400.
    package var duration: Duration = .zero
    package var severity = AlarmSeverity.minor
    package var startup = Startup.risingOrFalling
    package var origin = Origin.management
    package var storage = StorageType.nonVolatile
    package var isActive = false

    package init(name: String) {
        self.name = name
    }

    /// Whether it can be active.
    package var isReady: Bool { rising != nil && falling != nil }

    /// How many there can be.
    package static let maximum = 256
    package static let longestDuration: Duration = .seconds(86_400)
}
