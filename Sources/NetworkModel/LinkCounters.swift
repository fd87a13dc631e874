/// The 64-bit counters of one interface (struct rtnl_link_stats64, linux/if_link.h).
package struct LinkCounters: Sendable, Hashable {
    package var receivedPackets: UInt64 = 0
    package var transmittedPackets: UInt64 = 0
    package var receivedOctets: UInt64 = 0
    package var transmittedOctets: UInt64 = 0
    package var receiveErrors: UInt64 = 0
    package var transmitErrors: UInt64 = 0
    package var receiveDropped: UInt64 = 0
    package var transmitDropped: UInt64 = 0
    /// Multicast packets received; some drivers count broadcast here too.
    package var receivedMulticast: UInt64 = 0
    package var collisions: UInt64 = 0
    package var receiveLengthErrors: UInt64 = 0
    package var receiveOverErrors: UInt64 = 0
    package var receiveCRCErrors: UInt64 = 0
    package var receiveFrameErrors: UInt64 = 0
    package var receiveFIFOErrors: UInt64 = 0
    package var receiveMissedErrors: UInt64 = 0
    package var transmitAbortedErrors: UInt64 = 0
    package var transmitCarrierErrors: UInt64 = 0
    package var transmitFIFOErrors: UInt64 = 0
    package var transmitHeartbeatErrors: UInt64 = 0
    package var transmitWindowErrors: UInt64 = 0
    package var receiveNoHandler: UInt64 = 0

    package init() {}
}

/// The counters of every interface, read by one dump.
package struct CounterSample: Sendable {
    /// When the dump was complete.
    package var time: MonotonicTime
    /// Ascending by interface.
    package var indexes: [InterfaceIndex]
    /// Beside `indexes`.
    package var counters: [LinkCounters]

    package init(time: MonotonicTime, indexes: [InterfaceIndex] = [], counters: [LinkCounters] = []) {
        self.time = time
        self.indexes = indexes
        self.counters = counters
    }
}

/// Counters that standard ethtool statistics groups give (ETHTOOL_MSG_STATS_GET) and RFC 3635 asks for. nil: the driver
/// does not report it.
package struct EthernetCounters: Sendable, Hashable {
    package var alignmentErrors: UInt64?
    package var fcsErrors: UInt64?
    package var singleCollisionFrames: UInt64?
    package var multipleCollisionFrames: UInt64?
    package var deferredTransmissions: UInt64?
    package var lateCollisions: UInt64?
    package var excessiveCollisions: UInt64?
    package var internalMACTransmitErrors: UInt64?
    package var carrierSenseErrors: UInt64?
    package var frameTooLongs: UInt64?
    package var internalMACReceiveErrors: UInt64?
    package var symbolErrors: UInt64?
    package var sqeTestErrors: UInt64?
    package var receivedPauseFrames: UInt64?
    package var transmittedPauseFrames: UInt64?
    package var unknownControlOpcodes: UInt64?
    package var receivedMulticastFrames: UInt64?
    package var receivedBroadcastFrames: UInt64?
    package var transmittedMulticastFrames: UInt64?
    package var transmittedBroadcastFrames: UInt64?

    package init() {}

    /// Whether the driver reports none of them.
    package var isEmpty: Bool { self == EthernetCounters() }
}

/// One of a driver's own statistics (ETHTOOL_GSTATS), by the driver's name for it.
package struct DriverStatistic: Sendable, Hashable {
    package let name: String
    package let value: UInt64

    package init(name: String, value: UInt64) {
        self.name = name
        self.value = value
    }
}
