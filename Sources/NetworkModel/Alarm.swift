/// An alarm that is raised at present.
package struct Alarm: Sendable, Hashable {
    /// The sequence number of the record that raised it: it stays, and no other alarm ever has it.
    package let identifier: UInt32
    package var key: AlarmKey
    package var severity: AlarmSeverity
    /// One line for people, at most 255 octets.
    package var text: String
    /// By the calendar.
    package let raised: WallTime
    /// When its severity last changed, or when it was raised.
    package var changed: WallTime
    /// How often its condition came and went since it was raised; more than 0 only while it is damped, or was.
    package var transitions: UInt32 = 0
    /// Its condition comes and goes too often to be told each time: it stays raised until the condition has rested.
    package var isDamped = false
    /// The identifier of the alarm that explains this one, which therefore is not told; nil for one that stands for itself.
    package var cause: UInt32?
    package var acknowledgement: AlarmAcknowledgement?

    package init(
        identifier: UInt32, key: AlarmKey, severity: AlarmSeverity, text: String, raised: WallTime
    ) {
        self.identifier = identifier
        self.key = key
        self.severity = severity
        self.text = text
        self.raised = raised
        changed = raised
    }
}

/// That somebody has seen an alarm.
package struct AlarmAcknowledgement: Sendable, Hashable {
    /// The security name of who said so.
    package let principal: String
    package let time: WallTime

    package init(principal: String, time: WallTime) {
        self.principal = principal
        self.time = time
    }
}

/// One line of the alarms' history.
package struct AlarmRecord: Sendable, Hashable {
    package enum Event: UInt8, Sendable, Hashable, CaseIterable {
        case raised = 1
        case cleared = 2
        /// Its severity is another.
        case changed = 3
        case acknowledged = 4
        /// An acknowledgement was taken back.
        case unacknowledged = 5
    }

    /// From 1, without gaps, across restarts; 0 is passed over when the 32 bits are used up.
    package let sequence: UInt32
    package let event: Event
    package let time: WallTime
    /// The identifier of the alarm.
    package let alarm: UInt32
    package let key: AlarmKey
    package let severity: AlarmSeverity
    package let text: String
    /// Who acknowledged; empty for what nobody did.
    package let principal: String
    /// Whether it was handed out as a notification: not so when another alarm explains it, or by throttling.
    package var isNotified: Bool

    package init(
        sequence: UInt32, event: Event, time: WallTime, alarm: Alarm, principal: String = "", isNotified: Bool
    ) {
        self.init(
            sequence: sequence, event: event, time: time, alarm: alarm.identifier, key: alarm.key,
            severity: alarm.severity, text: alarm.text, principal: principal, isNotified: isNotified)
    }

    package init(
        sequence: UInt32, event: Event, time: WallTime, alarm: UInt32, key: AlarmKey, severity: AlarmSeverity,
        text: String, principal: String, isNotified: Bool
    ) {
        self.sequence = sequence
        self.event = event
        self.time = time
        self.alarm = alarm
        self.key = key
        self.severity = severity
        self.text = text
        self.principal = principal
        self.isNotified = isNotified
    }
}
