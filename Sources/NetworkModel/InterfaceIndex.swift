/// The kernel's number of an interface, and IF-MIB's ifIndex: 1..2147483647.
package struct InterfaceIndex: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let number: UInt32

    /// nil when `number` is 0 or above 2147483647 (InterfaceIndex, RFC 2863).
    @inlinable
    package init?(_ number: some BinaryInteger) {
        guard number > 0, number <= Int32.max else { return nil }
        self.number = UInt32(number)
    }

    package static func < (left: Self, right: Self) -> Bool { left.number < right.number }

    package var description: String { String(number) }
}
