import NetworkModel

extension EthernetCounters {
    /// What is counted, and the names under which drivers count it themselves: the first list of which a driver has a name
    /// is the one, and its values are added up, as those of several queues or of XON and XOFF.
    private struct Source: Sendable {
        let counter: any WritableKeyPath<EthernetCounters, UInt64?> & Sendable
        let names: [Set<String>]
    }

    // Names of the drivers of Intel's cards (e1000, e1000e, igb, e100), 8139cp, r8169, tg3, bnx2 and vmxnet3.
    private static let sources = [
        Source(
            counter: \.alignmentErrors,
            names: [["rx_align_errors"], ["align_errors"], ["frame_align"], ["rx_frame_errors"]]),
        Source(counter: \.fcsErrors, names: [["rx_fcs_errors"], ["rx_crc_errors"]]),
        Source(
            counter: \.singleCollisionFrames,
            names: [["tx_single_coll_ok"], ["tx_single_collisions"], ["tx_ok_1col"]]),
        Source(
            counter: \.multipleCollisionFrames,
            names: [["tx_multi_coll_ok"], ["tx_multi_collisions"], ["tx_mult_collisions"], ["tx_ok_mcol"]]),
        Source(counter: \.deferredTransmissions, names: [["tx_deferred_ok"], ["tx_deferred"]]),
        Source(
            counter: \.lateCollisions,
            names: [["tx_abort_late_coll"], ["tx_late_collisions"], ["tx_window_errors"]]),
        Source(
            counter: \.excessiveCollisions,
            names: [["tx_excessive_collisions"], ["tx_excess_collisions"], ["tx_aborted_errors"]]),
        Source(counter: \.carrierSenseErrors, names: [["tx_carrier_sense_errors"], ["tx_carrier_errors"]]),
        Source(
            counter: \.frameTooLongs,
            names: [["rx_long_length_errors"], ["rx_frame_too_long_errors"], ["rx_oversize_packets"]]),
        Source(
            counter: \.receivedPauseFrames,
            names: [["rx_flow_control_xon", "rx_flow_control_xoff"], ["rx_flow_control_pause"]]),
        Source(
            counter: \.transmittedPauseFrames,
            names: [["tx_flow_control_xon", "tx_flow_control_xoff"], ["tx_flow_control_pause"]]),
        Source(counter: \.unknownControlOpcodes, names: [["rx_flow_control_unsupported"]]),
        Source(
            counter: \.receivedMulticastFrames, names: [["rx_multicast"], ["rx_ok_mcast"], ["  mcast pkts rx"]]),
        Source(
            counter: \.receivedBroadcastFrames, names: [["rx_broadcast"], ["rx_ok_bcast"], ["  bcast pkts rx"]]),
        Source(counter: \.transmittedMulticastFrames, names: [["tx_multicast"], ["  mcast pkts tx"]]),
        Source(counter: \.transmittedBroadcastFrames, names: [["tx_broadcast"], ["  bcast pkts tx"]]),
    ]

    /// Takes from a driver's own statistics what it did not tell in ethtool's standard groups: most drivers that are older
    /// than those (Linux 5.13) only tell it this way.
    mutating func complete(with statistics: [DriverStatistic]) {
        guard !statistics.isEmpty else { return }
        for source in Self.sources where self[keyPath: source.counter] == nil {
            for names in source.names {
                let values = statistics.filter { names.contains($0.name) }.map(\.value)
                guard !values.isEmpty else { continue }
                self[keyPath: source.counter] = values.reduce(0, &+)
                break
            }
        }
    }
}
