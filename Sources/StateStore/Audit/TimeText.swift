package import NetworkModel

/// Moments as RFC 3339 has them, in UTC, to the nanosecond: `2025-01-31T23:59:59.123456789Z`.
package enum TimeText {
    /// Years outside 0..9999 are shown as the nearest of these.
    package static func text(of time: WallTime) -> String {
        // From 0000-01-01T00:00:00Z to 9999-12-31T23:59:59Z.
        let seconds = min(max(time.seconds, -62_167_219_200), 253_402_300_799)
        let days = (seconds - (seconds % 86_400 + 86_400) % 86_400) / 86_400
        let second = seconds - days * 86_400
        let (year, month, day) = date(ofDay: days)
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T"
            + "\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
            + ".\(padded(Int64(time.nanoseconds), 9))Z"
    }

    /// What `text(of:)` wrote, or a shorter form of it: `2025-01-31`, `2025-01-31T23:59`, `2025-01-31T23:59:59`, with or
    /// without a fraction and the final Z. nil when it is none.
    package static func time(from text: some StringProtocol) -> WallTime? {
        var rest = Substring(text)
        if rest.hasSuffix("Z") { rest.removeLast() }
        guard let year = number(&rest, 4, before: "-"), let month = number(&rest, 2, before: "-"),
            let day = number(&rest, 2, before: "T"), (1...12).contains(month)
        else { return nil }
        let isWhole = !rest.isEmpty
        guard let hour = isWhole ? number(&rest, 2, before: ":") : 0,
            let minute = isWhole ? number(&rest, 2, before: ":") : 0,
            let second = rest.isEmpty ? 0 : number(&rest, 2, before: "."), hour < 24, minute < 60, second < 60
        else { return nil }
        let digits = rest.utf8
        guard digits.count <= 9, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        let fraction = digits.isEmpty ? 0 : UInt32(rest + String(repeating: "0", count: 9 - digits.count)) ?? 0
        let days = dayNumber(year: year, month: month, day: day)
        guard date(ofDay: days) == (year, month, day) else { return nil }
        return WallTime(seconds: days * 86_400 + hour * 3600 + minute * 60 + second, nanoseconds: fraction)
    }

    /// Days since 1970-01-01 in the Gregorian calendar, counted in eras of 400 years that begin on 1 March.
    private static func dayNumber(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func date(ofDay day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch + (monthFromMarch < 10 ? 3 : -9)
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }

    /// Takes a number of exactly `width` digits and the separator behind it, which the end of the text may stand for.
    private static func number(_ text: inout Substring, _ width: Int, before separator: Character) -> Int64? {
        let digits = text.prefix(width)
        guard digits.utf8.count == width, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        text.removeFirst(width)
        if let next = text.first {
            guard next == separator else { return nil }
            text.removeFirst()
        }
        return Int64(digits)
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
