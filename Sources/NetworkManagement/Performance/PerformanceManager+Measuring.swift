import NetworkModel

// The pass itself. All of it runs under the state's lock.

extension PerformanceManager.State {
    /// Gives every interface of the sample a slot, and takes those of interfaces that are gone.
    mutating func realign(_ sample: CounterSample) {
        let present = Set(sample.indexes)
        for (index, slot) in slotOf where !present.contains(index) {
            table.freeSlot(slot)
            slotOf[index] = nil
        }
        slots.removeAll(keepingCapacity: true)
        for index in sample.indexes {
            if let slot = slotOf[index] {
                slots.append(slot)
            } else {
                let slot = table.takeSlot(index, at: sample.time)
                slotOf[index] = slot
                slots.append(slot)
            }
        }
        indexes = sample.indexes
        numbers = indexes.map(\.number)
        intervalIndex = nil
    }

    /// Puts each interface into the groups of its kind and its driver, and begins anew with one that was made anew under
    /// the same index.
    mutating func group(_ interfaces: InterfaceSnapshot, at now: MonotonicTime, _ timeline: IntervalTimeline) {
        for group in groups.indices { groups[group].interfaces = 0 }
        groups[0].interfaces = indexes.count
        for (index, slot) in zip(indexes, slots) {
            guard let row = interfaces.row(index) else { continue }
            let position = Int(slot)
            if table.cold[position].created != row.created {
                // The first reading of a row tells when it was made; another one, that it is another interface.
                let isAnother = table.cold[position].created != nil || !table.hot[position].isFresh
                if isAnother, row.created.map({ $0 > table.cold[position].began }) ?? false {
                    table.reset(slot, index, at: now)
                    intervalIndex = nil
                    table.cold[position].discontinuity = now
                }
                table.cold[position].created = row.created
            }
            restoreHistory(of: row, slot: position, timeline, at: now)
            let kind = groupNumber(.kind(row.link.kindName))
            let driver = row.interface.device?.driver.map { groupNumber(.driver($0)) } ?? -1
            groups[Int(kind)].interfaces += 1
            if driver >= 0 { groups[Int(driver)].interfaces += 1 }
            table.hot[position].group = (kind, driver)
        }
    }

    private mutating func groupNumber(_ scope: AggregatedNetworkStats.Scope) -> Int32 {
        if let number = groupOf[scope] { return number }
        let number = Int32(groups.count)
        groups.append(AggregatedNetworkStats(scope))
        groupOf[scope] = number
        return number
    }

    /// Measures the interfaces at `positions` of the sample.
    ///
    /// - Parameters:
    ///   - seconds: since the sample before; 0 when there was none.
    ///   - weight: of the new value in smoothed rates.
    mutating func measure(
        _ sample: borrowing CounterSample, _ positions: Range<Int>, seconds: Float, weight: Float,
        into metrics: inout [PerformanceMetrics], _ groupDeltas: inout [SIMD8<UInt64>]
    ) {
        let perSecond: Float = seconds > 0 ? 1 / seconds : 0
        let hot = table.hot
        let cold = table.cold
        let windows = table.windows
        let length = PerformanceTable.windowLength
        let time = sample.time
        slots.withUnsafeBufferPointer { slots in
            sample.counters.withUnsafeBufferPointer { counters in
                metrics.withUnsafeMutableBufferPointer { metrics in
                    groupDeltas.withUnsafeMutableBufferPointer { groupDeltas in
                        for position in positions {
                            let slot = Int(slots[position])
                            let now = counters[position].measured
                            let row = hot + slot
                            let before = row.pointee.previous
                            row.pointee.previous = now
                            if row.pointee.isFresh {
                                row.pointee.isFresh = false
                                row.pointee.base = now
                                continue
                            }
                            if any(now .< before) {
                                // A reset or a wrap: what was counted in between nobody knows. The interval goes on from
                                // here, and no rate is told for this once.
                                row.pointee.base = now &- (before &- row.pointee.base)
                                row.pointee.isSuspect = true
                                row.pointee.isRated = false
                                cold[slot].discontinuity = time
                                continue
                            }
                            let delta = now &- before
                            let rates = SIMD8<Float>(delta) * perSecond
                            let fresh = rates.lowHalf
                            let smoothed = row.pointee.smoothed
                            // The first rate is the average of itself.
                            let blended =
                                row.pointee.windowCount == 0 ? fresh : smoothed + (fresh - smoothed) * weight
                            row.pointee.smoothed = blended
                            row.pointee.isRated = true
                            let next = Int(row.pointee.windowNext)
                            let window = windows + slot * 2 * length
                            window[next] = rates[0]
                            window[length + next] = rates[1]
                            row.pointee.windowNext = Int32(next + 1 == length ? 0 : next + 1)
                            if row.pointee.windowCount < length { row.pointee.windowCount += 1 }
                            let group = row.pointee.group
                            groupDeltas[Int(group.kind)] &+= delta
                            if group.driver >= 0 { groupDeltas[Int(group.driver)] &+= delta }
                            if group.kind != 0 { groupDeltas[0] &+= delta }
                            metrics[position] = PerformanceMetrics(rates: rates, smoothed: blended, isValid: true)
                        }
                    }
                }
            }
        }
    }

    /// Adds what a pass found to the groups.
    mutating func sum(_ deltas: [SIMD8<UInt64>], seconds: Float) -> [AggregatedNetworkStats] {
        let perSecond: Float = seconds > 0 ? 1 / seconds : 0
        // In the order of PerformanceCounter, which puts the two directions side by side as the groups have them.
        for (number, delta) in deltas.enumerated() {
            groups[number].totals &+= delta
            groups[number].rates = SIMD8<Float>(delta) * perSecond
        }
        // A kind or driver that is no longer there keeps its totals, but is not shown.
        return groups.enumerated().filter { $0.offset == 0 || $0.element.interfaces > 0 }.map(\.element)
    }
}
