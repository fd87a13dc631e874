/// How long the master takes to answer our own requests: pings, notifications, registrations. From the moment a request
/// is written until its answer is read, so that what it waits behind counts.
package struct RoundTrips: Sendable, Equatable {
    /// Requests that were answered.
    package private(set) var count: UInt64 = 0
    /// Nanoseconds, of the latest; 0 before the first.
    package private(set) var last: Int64 = 0
    /// Nanoseconds, smoothed as in RFC 6298 section 2: an eighth of each new one.
    package private(set) var smoothed: Int64 = 0
    /// Nanoseconds.
    package private(set) var longest: Int64 = 0

    package init() {}

    mutating func add(_ nanoseconds: Int64) {
        let taken = max(0, nanoseconds)
        smoothed = count == 0 ? taken : smoothed + (taken - smoothed) / 8
        count += 1
        last = taken
        longest = max(longest, taken)
    }
}
