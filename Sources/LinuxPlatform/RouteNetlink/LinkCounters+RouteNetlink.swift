import CNetlink
import NetworkModel

extension LinkCounters {
    /// Octets of struct rtnl_link_stats64 in the oldest kernel that has it.
    static let smallestSize = 23 * MemoryLayout<UInt64>.size

    /// Reads struct rtnl_link_stats64, whose members are all 64 bits wide; it grows at its end from kernel to kernel.
    ///
    /// - Parameter payload: at least `smallestSize` octets.
    mutating func read(routeNetlink payload: UnsafeRawBufferPointer) {
        precondition(payload.count >= Self.smallestSize)
        func counter(_ position: Int) -> UInt64 {
            payload.loadUnaligned(fromByteOffset: position &* 8, as: UInt64.self)
        }
        receivedPackets = counter(0)
        transmittedPackets = counter(1)
        receivedOctets = counter(2)
        transmittedOctets = counter(3)
        receiveErrors = counter(4)
        transmitErrors = counter(5)
        receiveDropped = counter(6)
        transmitDropped = counter(7)
        receivedMulticast = counter(8)
        collisions = counter(9)
        receiveLengthErrors = counter(10)
        receiveOverErrors = counter(11)
        receiveCRCErrors = counter(12)
        receiveFrameErrors = counter(13)
        receiveFIFOErrors = counter(14)
        receiveMissedErrors = counter(15)
        transmitAbortedErrors = counter(16)
        transmitCarrierErrors = counter(17)
        transmitFIFOErrors = counter(18)
        transmitHeartbeatErrors = counter(19)
        transmitWindowErrors = counter(20)
        // 21 and 22 count compressed packets, which nothing asks for.
        receiveNoHandler = payload.count >= 24 * MemoryLayout<UInt64>.size ? counter(23) : 0
    }
}
