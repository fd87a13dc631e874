import NetworkModel

/// Where the 15-minute intervals begin and end.
///
/// They begin with the quarters of an hour of the clock on the wall as it is when the first sample is taken. That clock may
/// be set later, they go on.
struct IntervalTimeline {
    /// An interval that ended.
    struct Closed {
        /// The quarter of an hour of the day that it was.
        let phase: Int
        /// How many passed behind it in which nobody sampled.
        let missed: Int
        /// When it was to end.
        let end: MonotonicTime
    }

    let length: Duration
    /// When the interval that is under way is to end.
    private(set) var end: MonotonicTime
    /// The interval that is under way, counted from 1970.
    private var number: Int64

    init(length: Duration, at now: MonotonicTime, _ wall: WallTime) {
        self.length = length
        let seconds = max(1, length.components.seconds)
        number = wall.seconds / seconds
        end = now + (length - .seconds(wall.seconds % seconds))
    }

    /// The quarter of an hour of the day that an interval is, `back` before the one that is under way.
    func phase(back: Int) -> Int {
        let season = Int64(PerformanceTable.seasonLength)
        return Int(((number - Int64(back)) % season + season) % season)
    }

    /// Begins the next interval when the time of the one under way is over; those that passed meanwhile are passed over.
    mutating func close(at now: MonotonicTime) -> Closed? {
        guard now >= end else { return nil }
        let closed = Closed(phase: phase(back: 0), missed: Int((now - end) / length), end: end)
        end = end + length * (closed.missed + 1)
        number += Int64(closed.missed + 1)
        return closed
    }

    /// Lays out stored intervals of one interface, ascending by end, without those that ended after `now`.
    ///
    /// - Returns: the latest first, from the one before the interval that is under way on; with an empty one wherever
    ///   nothing is known in between.
    func line(up stored: [StoredInterval], at now: MonotonicTime, atMost count: Int) -> [PerformanceInterval] {
        let seconds = max(1, length.components.seconds)
        let start = number * seconds
        let present = start + seconds - Int64(max(.zero, end - now) / .seconds(1))
        var line: [PerformanceInterval] = []
        var place = 0
        var reference = start
        for stored in stored.reversed() where stored.end.seconds <= present {
            // Distances are rounded: the clock may have been set, and intervals lie between its quarters then.
            place += Int(max(0, (reference - stored.end.seconds + seconds / 2) / seconds))
            reference = stored.end.seconds
            guard place < count else { break }
            while line.count < place { line.append(PerformanceInterval()) }
            if line.count == place {
                line.append(stored.interval)
            } else if Int64(line[place].seconds + stored.interval.seconds) <= seconds {
                // Parts of one: oriond was started anew within it.
                line[place] = line[place] + stored.interval
                line[place].isValid = false
            }
            // Else the clock was set back, and what was stored later stands.
        }
        return line
    }
}
