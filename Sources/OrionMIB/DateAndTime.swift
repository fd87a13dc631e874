import NetworkModel
import SMI

extension Value {
    /// A DateAndTime (RFC 2579) in universal time, eleven octets.
    static func dateAndTime(_ time: WallTime) -> Value {
        var days = time.seconds / 86400
        var second = time.seconds % 86400
        if second < 0 {
            second += 86400
            days -= 1
        }
        let date = CivilDate(daysSince1970: days)
        let year = UInt16(clamping: date.year)
        return .bytes([
            UInt8(year >> 8), UInt8(truncatingIfNeeded: year), date.month, date.day, UInt8(second / 3600),
            UInt8(second / 60 % 60), UInt8(second % 60), UInt8(time.nanoseconds / 100_000_000), UInt8(ascii: "+"), 0, 0,
        ])
    }
}

/// A day of the Gregorian calendar.
private struct CivilDate {
    let year: Int64
    let month: UInt8
    let day: UInt8

    /// The calendar repeats every 400 years, 146097 days; years are counted from March, so that a leap day is the last.
    init(daysSince1970 days: Int64) {
        // 0000-03-01 is 719468 days before 1970-01-01.
        let shifted = days &+ 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        // Months from March have 31, 30, 31, 30, 31 days over and over: 153 in five.
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = UInt8(dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
        month = UInt8(monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9)
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }
}
