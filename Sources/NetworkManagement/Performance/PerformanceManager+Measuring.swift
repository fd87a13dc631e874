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
        groups.empty()
        groups.add(to: 0, indexes.count)
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
            let kind = groups.number(.kind(row.link.kindName))
            let driver = row.device?.driver.map { groups.number(.driver($0)) } ?? -1
            groups.add(to: kind)
            if driver >= 0 { groups.add(to: driver) }
            table.hot[position].group = (kind, driver)
        }
        groups.takeSlots(of: &table, at: now)
        groupIntervals = nil
    }

    /// Measures the interfaces at `positions` of the sample.
    ///
    /// - Parameters:
    ///   - seconds: since the sample before; 0 when there was none.
    ///   - weight: of the new value in smoothed rates.
    mutating func measure(
        _ sample: borrowing CounterSample, _ positions: Range<Int>, seconds: Float, weight: Float,
        into metrics: inout [PerformanceMetrics], _ groupDeltas: inout [PerformanceGroups.Delta]
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
                            let group = row.pointee.group
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
                                groupDeltas[0].isBroken = true
                                groupDeltas[Int(group.kind)].isBroken = true
                                if group.driver >= 0 { groupDeltas[Int(group.driver)].isBroken = true }
                                continue
                            }
                            let delta = now &- before
                            let rates = SIMD8<Float>(delta) * perSecond
                            metrics[position] = PerformanceTable.takeRates(
                                rates, weight: weight, into: row, windows + slot * 2 * length)
                            groupDeltas[Int(group.kind)].add(delta)
                            if group.driver >= 0 { groupDeltas[Int(group.driver)].add(delta) }
                            if group.kind != 0 { groupDeltas[0].add(delta) }
                        }
                    }
                }
            }
        }
    }
}
