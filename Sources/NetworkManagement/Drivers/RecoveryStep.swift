/// What is done about a driver that does not work, from the gentlest to the harshest.
package enum RecoveryStep: String, Sendable, Hashable, CaseIterable, Comparable {
    /// Sets the interfaces of the device down and up.
    case linkBounce = "link-bounce"
    /// Resets the device on its bus, its interfaces being down.
    case deviceReset = "device-reset"
    /// Takes the device from the driver and gives it back.
    case rebind
    /// Unloads the driver and loads it again.
    case reload
    /// Gives the device its next driver.
    case fallback

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }
}
