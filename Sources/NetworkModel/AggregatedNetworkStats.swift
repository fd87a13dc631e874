/// What several interfaces did together.
package struct AggregatedNetworkStats: Sendable, Hashable {
    /// Which interfaces.
    package enum Scope: Sendable, Hashable {
        case all
        /// Those of one driver, by its name.
        case driver(String)
        /// Those of one kind, by `Link.kindName`.
        case kind(String)
    }

    package let scope: Scope
    /// How many there are now.
    package var interfaces = 0
    /// What they counted since the daemon began to look, interfaces that are gone by now included: it only grows. Octets,
    /// packets, errors, discards; of each, received and transmitted.
    package var totals = SIMD8<UInt64>()
    /// Per second, from the sample before to the latest, in the same order.
    package var rates = SIMD8<Float>()

    package init(_ scope: Scope) {
        self.scope = scope
    }
}
