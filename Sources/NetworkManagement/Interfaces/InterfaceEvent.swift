import NetworkModel

/// What happened to an interface. Carries the row as it was at that moment, not as it may be when the event is read.
package enum InterfaceEvent: Sendable {
    /// All interfaces were read for the first time; `statusChanged` of each follows.
    case discovered
    case appeared(InterfaceRow)
    case disappeared(InterfaceRow)
    /// Its name, alias, address, MTU, queue length, layering or link settings changed, by whomever. Told on the tick
    /// after the change, once for all that changed since the one before.
    case configurationChanged(InterfaceRow)
    /// The operational status left or entered `down`, and a console is to be told (RFC 2863 linkUp and linkDown).
    case linkUp(InterfaceRow)
    case linkDown(InterfaceRow)
    /// It appeared, or its operational or administrative status or its master changed, whether a console is told or not.
    /// `before` is nil when it appeared.
    case statusChanged(InterfaceRow, before: InterfaceRow?)
    /// Notifications are held back from here on.
    case flapping(InterfaceRow)
    /// Nothing changed for the settling time: notifications flow again.
    case settled(InterfaceRow)
    /// Events of the kernel were lost and everything was read anew.
    case resynchronised(overrun: Bool)
    /// There are more interfaces than `manager_max_interfaces`: this one is shown, not managed.
    case limitExceeded(InterfaceRow)
}
