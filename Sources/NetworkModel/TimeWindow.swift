/// The part of the week in which a rule applies.
package struct TimeWindow: Sendable, Hashable {
    /// Days of the week, by the day on which the window opens.
    package struct Days: OptionSet, Sendable, Hashable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        package static let monday = Days(rawValue: 1 << 0)
        package static let tuesday = Days(rawValue: 1 << 1)
        package static let wednesday = Days(rawValue: 1 << 2)
        package static let thursday = Days(rawValue: 1 << 3)
        package static let friday = Days(rawValue: 1 << 4)
        package static let saturday = Days(rawValue: 1 << 5)
        package static let sunday = Days(rawValue: 1 << 6)
        package static let weekdays: Days = [.monday, .tuesday, .wednesday, .thursday, .friday]
        package static let all = Days(rawValue: 0x7F)
    }

    /// Whose midnight counts.
    package enum Zone: UInt8, Sendable, Hashable, CaseIterable {
        case utc = 1
        /// The host's time zone, summer time included.
        case local = 2
    }

    package let days: Days
    /// Minutes after midnight, 0..1439.
    package let start: UInt16
    /// Minutes after midnight, 1..1440, exclusive; at or before `start` it lies on the next day.
    package let end: UInt16
    package let zone: Zone

    /// Minutes in a day, and in a week.
    private static let day: Int64 = 1440
    private static let week: Int64 = 7 * 1440

    /// nil when no day is given, `start` is above 1439, or `end` is 0 or above 1440.
    package init?(days: Days, start: UInt16, end: UInt16, zone: Zone) {
        guard !days.isEmpty, days.isSubset(of: .all), start < 1440, (1...1440).contains(end) else { return nil }
        self.days = days
        self.start = start
        self.end = end
        self.zone = zone
    }

    /// Whether it is open at a minute of the week, 0..10079 from Monday's midnight.
    package func contains(minuteOfWeek minute: Int64) -> Bool {
        let weekday = minute / Self.day
        let minuteOfDay = minute % Self.day
        if start < end {
            return has(weekday) && minuteOfDay >= start && minuteOfDay < end
        }
        return (has(weekday) && minuteOfDay >= start) || (has((weekday + 6) % 7) && minuteOfDay < end)
    }

    /// The minute of the week, 0..10079 from Monday's midnight, at `time` in a zone that is `offset` seconds ahead of UTC.
    package static func minuteOfWeek(at time: WallTime, offset: Int64) -> Int64 {
        let minutes = (time.seconds &+ offset).flooredQuotient(by: 60)
        // 1970-01-01 was a Thursday.
        let sinceMonday = minutes &+ 3 * day
        return sinceMonday - sinceMonday.flooredQuotient(by: week) * week
    }

    private func has(_ weekday: Int64) -> Bool {
        days.rawValue & (1 << UInt8(weekday)) != 0
    }
}

extension Int64 {
    fileprivate func flooredQuotient(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
