import NetworkModel
import Testing

@testable import NetworkManagement

struct EthernetCountersTests {
    private static func counters(_ statistics: KeyValuePairs<String, UInt64>) -> EthernetCounters {
        var counters = EthernetCounters()
        counters.complete(with: statistics.map { DriverStatistic(name: $0.key, value: $0.value) })
        return counters
    }

    @Test func `what drivers count by names of their own is taken for what it is`() {
        // As ethtool -S shows it.
        let e1000 = Self.counters([
            "rx_packets": 1, "rx_broadcast": 2, "tx_broadcast": 3, "rx_multicast": 4, "tx_multicast": 5,
            "rx_crc_errors": 6, "rx_frame_errors": 7, "tx_aborted_errors": 8, "tx_carrier_errors": 9,
            "tx_window_errors": 10,
            "tx_abort_late_coll": 11, "tx_deferred_ok": 12, "tx_single_coll_ok": 13, "tx_multi_coll_ok": 14,
            "rx_long_length_errors": 15, "rx_align_errors": 16, "rx_flow_control_xon": 17, "rx_flow_control_xoff": 18,
            "tx_flow_control_xon": 19, "tx_flow_control_xoff": 20,
        ])
        var wanted = EthernetCounters()
        wanted.receivedBroadcastFrames = 2
        wanted.transmittedBroadcastFrames = 3
        wanted.receivedMulticastFrames = 4
        wanted.transmittedMulticastFrames = 5
        wanted.fcsErrors = 6
        wanted.excessiveCollisions = 8
        wanted.carrierSenseErrors = 9
        wanted.lateCollisions = 11
        wanted.deferredTransmissions = 12
        wanted.singleCollisionFrames = 13
        wanted.multipleCollisionFrames = 14
        wanted.frameTooLongs = 15
        wanted.alignmentErrors = 16
        wanted.receivedPauseFrames = 35
        wanted.transmittedPauseFrames = 39
        #expect(e1000 == wanted)

        let realtek = Self.counters(["frame_align": 1, "tx_ok_1col": 2, "tx_ok_mcol": 3, "rx_ok_bcast": 4])
        #expect(realtek.alignmentErrors == 1)
        #expect(realtek.singleCollisionFrames == 2)
        #expect(realtek.multipleCollisionFrames == 3)
        #expect(realtek.receivedBroadcastFrames == 4)
    }

    @Test func `queues add up, to no more than a counter holds`() {
        let counters = Self.counters([
            "Rx Queue#": 0, "  mcast pkts rx": 2, "Rx Queue#": 1, "  mcast pkts rx": 3, "tx_flow_control_xon": .max,
            "tx_flow_control_xoff": 2,
        ])
        #expect(counters.receivedMulticastFrames == 5)
        #expect(counters.transmittedPauseFrames == 1)
    }

    @Test func `what the standard groups told stays, and what nobody counts is absent`() {
        var counters = EthernetCounters()
        counters.fcsErrors = 1
        counters.complete(with: [DriverStatistic(name: "rx_crc_errors", value: 2)])
        #expect(counters.fcsErrors == 1)
        #expect(counters.alignmentErrors == nil)
        #expect(Self.counters(["pkts": 1, "": 2, "rx_crc_errors_total": 3]).isEmpty)
        #expect(Self.counters([:]).isEmpty)
    }
}
