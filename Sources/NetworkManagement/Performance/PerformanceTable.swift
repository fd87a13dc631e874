import NetworkModel

/// What is measured of each interface, in flat memory: a pass over ten thousand of them allocates nothing and looks
/// nothing up.
///
/// An interface has a slot, and so has a group of them; slots of interfaces that are gone are used again. One thread at a time.
struct PerformanceTable: ~Copyable {
    /// Samples that a sliding window holds.
    static let windowLength = 240
    /// 15-minute intervals that are kept (RFC 3593 section 3).
    static let intervalCount = 96
    /// Seasonal factors: one for each quarter of an hour of a day, in each direction.
    static let seasonLength = 96

    /// What a pass touches of a slot, two cache lines.
    struct Hot {
        var previous = SIMD8<UInt64>()
        /// `current interval = previous - base`, as discontinuities move the base along.
        var base = SIMD8<UInt64>()
        /// Smoothed rates: octets in and out, packets in and out, per second.
        var smoothed = SIMD4<Float>()
        /// Nothing is known but the present counters yet.
        var isFresh = true
        /// The latest rates come from two samples.
        var isRated = false
        /// The current interval saw a discontinuity, or began in its midst.
        var isSuspect = true
        var group: (kind: Int32, driver: Int32) = (0, -1)
        var windowCount: Int32 = 0
        var windowNext: Int32 = 0
    }

    /// What is touched each quarter of an hour, or when somebody asks.
    struct Cold {
        var index: InterfaceIndex?
        var created: MonotonicTime?
        var discontinuity: MonotonicTime?
        var intervals: Int32 = 0
        var nextInterval: Int32 = 0
        /// Where the current interval began.
        var began = MonotonicTime(nanoseconds: 0)
        /// The quantiles as of pass number `quantilePass`.
        var quantiles: (received: Quantiles, transmitted: Quantiles) = (Quantiles(), Quantiles())
        var quantilePass: UInt64 = 0
        var seasons: (received: HoltWinters, transmitted: HoltWinters) = (HoltWinters(), HoltWinters())
    }

    private(set) var capacity = 0
    private(set) var hot: UnsafeMutablePointer<Hot>
    private(set) var cold: UnsafeMutablePointer<Cold>
    /// Octets per second received, then transmitted, of each slot.
    private(set) var windows: UnsafeMutablePointer<Float>
    private var intervals: UnsafeMutablePointer<PackedInterval>
    private(set) var seasons: UnsafeMutablePointer<Float>
    /// Beside the intervals of a slot, from the first one on that had any.
    private var faults: [Int32: [IntervalFaults]] = [:]
    private var free: [Int32] = []

    /// Octets of memory that one slot takes; 1.5 KiB more when its interface had errors or discards.
    static let octetsPerSlot =
        MemoryLayout<Hot>.stride + MemoryLayout<Cold>.stride + 2 * windowLength * MemoryLayout<Float>.stride
        + intervalCount * MemoryLayout<PackedInterval>.stride
        + 2 * seasonLength * MemoryLayout<Float>.stride

    init() {
        hot = .allocate(capacity: 0)
        cold = .allocate(capacity: 0)
        windows = .allocate(capacity: 0)
        intervals = .allocate(capacity: 0)
        seasons = .allocate(capacity: 0)
    }

    deinit {
        // All of it is plain memory.
        hot.deallocate()
        cold.deallocate()
        windows.deallocate()
        intervals.deallocate()
        seasons.deallocate()
    }

    /// A slot for an interface that has none, or for a group, which has no index; as new.
    mutating func takeSlot(_ index: InterfaceIndex?, at now: MonotonicTime) -> Int32 {
        if free.isEmpty { grow() }
        let slot = free.removeLast()
        reset(slot, index, at: now)
        return slot
    }

    mutating func freeSlot(_ slot: Int32) {
        cold[Int(slot)].index = nil
        faults[slot] = nil
        free.append(slot)
    }

    /// Forgets everything about the slot's interface: it is another one by now.
    mutating func reset(_ slot: Int32, _ index: InterfaceIndex?, at now: MonotonicTime) {
        faults[slot] = nil
        let slot = Int(slot)
        var blank = Cold()
        blank.index = index
        blank.began = now
        (hot + slot).initialize(to: Hot())
        (cold + slot).initialize(to: blank)
        (seasons + slot * 2 * Self.seasonLength).initialize(repeating: 0, count: 2 * Self.seasonLength)
    }

    /// Takes the rates since the sample before into what is smoothed and into the window.
    @inline(__always)
    func takeRates(_ rates: SIMD8<Float>, weight: Float, into slot: Int) -> PerformanceMetrics {
        Self.takeRates(rates, weight: weight, into: hot + slot, windows + slot * 2 * Self.windowLength)
    }

    /// The same for those who have the places of the slot and of its window.
    @inline(__always)
    static func takeRates(
        _ rates: SIMD8<Float>, weight: Float, into row: UnsafeMutablePointer<Hot>, _ window: UnsafeMutablePointer<Float>
    ) -> PerformanceMetrics {
        let fresh = rates.lowHalf
        let smoothed = row.pointee.smoothed
        // The first rate is the average of itself.
        let blended = row.pointee.windowCount == 0 ? fresh : smoothed + (fresh - smoothed) * weight
        row.pointee.smoothed = blended
        row.pointee.isRated = true
        let next = Int(row.pointee.windowNext)
        window[next] = rates[0]
        window[windowLength + next] = rates[1]
        row.pointee.windowNext = Int32(next + 1 == windowLength ? 0 : next + 1)
        if row.pointee.windowCount < windowLength { row.pointee.windowCount += 1 }
        return PerformanceMetrics(rates: rates, smoothed: blended, isValid: true)
    }

    /// Adds a finished interval; the oldest gives way.
    mutating func append(_ interval: PerformanceInterval, to slot: Int) {
        let place = Int(cold[slot].nextInterval)
        intervals[slot * Self.intervalCount + place] = PackedInterval(interval)
        let found = IntervalFaults(interval)
        if !found.isEmpty || faults[Int32(slot)] != nil {
            faults[Int32(slot), default: Array(repeating: IntervalFaults(), count: Self.intervalCount)][place] = found
        }
        cold[slot].nextInterval = Int32((place + 1) % Self.intervalCount)
        cold[slot].intervals = min(cold[slot].intervals + 1, Int32(Self.intervalCount))
    }

    /// The finished interval `back` before the latest, which is 0; nil when there are not so many.
    func interval(_ slot: Int, back: Int) -> PerformanceInterval? {
        place(slot, back: back).map { place in
            PerformanceInterval(
                intervals[slot * Self.intervalCount + place], faults[Int32(slot)]?[place] ?? IntervalFaults())
        }
    }

    /// The same without its errors and discards.
    func traffic(_ slot: Int, back: Int) -> PackedInterval? {
        place(slot, back: back).map { intervals[slot * Self.intervalCount + $0] }
    }

    private func place(_ slot: Int, back: Int) -> Int? {
        guard back >= 0, back < Int(cold[slot].intervals) else { return nil }
        return (Int(cold[slot].nextInterval) - 1 - back + Self.intervalCount) % Self.intervalCount
    }

    /// Gives the memory of free slots back.
    ///
    /// - Parameter used: the slots in use.
    /// - Returns: where each of them is from now on.
    mutating func compact(_ used: [Int32]) -> [Int32: Int32] {
        var places: [Int32: Int32] = [:]
        var new = PerformanceTable()
        while new.capacity < used.count { new.grow() }
        for slot in used {
            let place = new.free.removeLast()
            places[slot] = place
            new.faults[place] = faults[slot]
            let (from, to) = (Int(slot), Int(place))
            (new.hot + to).initialize(to: hot[from])
            (new.cold + to).initialize(to: cold[from])
            Self.copy(windows, from, new.windows, to, 2 * Self.windowLength)
            Self.copy(intervals, from, new.intervals, to, Self.intervalCount)
            Self.copy(seasons, from, new.seasons, to, 2 * Self.seasonLength)
        }
        self = new
        return places
    }

    private static func copy<Element>(
        _ source: UnsafeMutablePointer<Element>, _ from: Int, _ target: UnsafeMutablePointer<Element>, _ to: Int,
        _ perSlot: Int
    ) {
        // Not all of it need be set: as plain memory.
        UnsafeMutableRawPointer(target + to * perSlot).copyMemory(
            from: source + from * perSlot, byteCount: perSlot * MemoryLayout<Element>.stride)
    }

    /// Makes room for more slots. What is new is not touched until a slot of it is taken, so that room that is not used
    /// takes no memory.
    private mutating func grow() {
        let new = max(32, capacity + capacity / 2)
        hot = Self.move(hot, capacity, new, 1)
        cold = Self.move(cold, capacity, new, 1)
        windows = Self.move(windows, capacity, new, 2 * Self.windowLength)
        intervals = Self.move(intervals, capacity, new, Self.intervalCount)
        seasons = Self.move(seasons, capacity, new, 2 * Self.seasonLength)
        free = (capacity..<new).reversed().map { Int32($0) } + free
        capacity = new
    }

    private static func move<Element>(
        _ old: UnsafeMutablePointer<Element>, _ oldSlots: Int, _ newSlots: Int, _ perSlot: Int
    ) -> UnsafeMutablePointer<Element> {
        let new = UnsafeMutablePointer<Element>.allocate(capacity: newSlots * perSlot)
        new.moveInitialize(from: old, count: oldSlots * perSlot)
        old.deallocate()
        return new
    }
}
