import NetworkModel

/// Whether a change did harm, by what was measured before it and with it.
///
/// In doubt a change is taken back: it can be asked for again, and what was lost meanwhile cannot.
package enum EffectJudgement: Sendable, Hashable {
    case good(String)
    case harmful(String)

    /// So much more of all packets may be lost or damaged than before without its counting as harm.
    private static let tolerance = 0.001
    /// Fewer dropped packets than this in a trial are chance.
    private static let fewest = 5.0
    /// A rate below this, in packets per second, says nothing about what passes.
    private static let busy = 100.0
    /// What passes may fall to this share of what it was.
    private static let leastRate = 0.5

    /// - Parameters:
    ///   - before: measured without the change.
    ///   - after: measured with it.
    ///   - keepsCarrier: whether the link has carrier still, when it had it before.
    package init(_ rule: FindingRule, before: InterfaceLoad, after: InterfaceLoad, keepsCarrier: Bool) {
        if !keepsCarrier {
            self = .harmful("the link has lost its carrier")
        } else if Self.isWorse(before.lossRatio, after.lossRatio, after.drops * after.seconds) {
            self = .harmful(
                "\(percent(after.lossRatio)) of the packets were dropped, and \(percent(before.lossRatio)) before")
        } else if Self.isWorse(before.errorRatio, after.errorRatio, after.errors * after.seconds) {
            self = .harmful(
                "\(percent(after.errorRatio)) of the packets had errors, and \(percent(before.errorRatio)) before")
        } else if before.packets >= Self.busy, after.packets < before.packets * Self.leastRate,
            after.octets < before.octets * Self.leastRate
        {
            self = .harmful("\(whole(after.packets)) packets/s passed, and \(whole(before.packets)) before")
        } else if rule == .coalescing, let old = before.interruptsPerPacket, let new = after.interruptsPerPacket,
            new > old
        {
            self = .harmful("\(percent(new)) interrupts per 100 packets, and \(percent(old)) before")
        } else if rule == .balance, let old = before.imbalance, let new = after.imbalance, new > old + 0.05 {
            self = .harmful("the shares are \(percent(new)) apart, and \(percent(old)) before")
        } else if before.packets == 0, after.packets == 0 {
            self = .good("nothing passed, before and after")
        } else {
            self = .good(
                "\(whole(after.packets)) packets/s, \(percent(after.lossRatio)) dropped; before: "
                    + "\(whole(before.packets)), \(percent(before.lossRatio))")
        }
    }

    private static func isWorse(_ before: Double, _ after: Double, _ count: Double) -> Bool {
        count >= fewest && after > before * 1.25 + tolerance
    }
}

/// "12.34 %".
func percent(_ share: Double) -> String {
    let hundredths = Int((share * 10_000).rounded().clamped(to: 0...1e15))
    let rest = hundredths % 100
    return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest) %"
}

func whole(_ rate: Double) -> String { "\(Int(rate.rounded().clamped(to: 0...1e15)))" }

extension Double {
    fileprivate func clamped(to range: ClosedRange<Double>) -> Double {
        Swift.max(range.lowerBound, Swift.min(range.upperBound, self))
    }
}
