import CNetlink
import NetworkManagement
import NetworkModel

/// One RTM_NEWQDISC message: struct tcmsg and TCA_* attributes (linux/rtnetlink.h).
struct KernelDiscipline: Equatable {
    let interface: InterfaceIndex
    /// TC_H_MAJ of its own handle; 0 for one that the kernel made by itself.
    let major: UInt32
    /// The handle of what it is in: TC_H_ROOT, or that of a class.
    let parent: UInt32
    let kind: String
    let drops: UInt64

    /// - Returns: nil when it is not on the way out of an interface of ours, or not well formed.
    init?(_ payload: UnsafeRawBufferPointer) {
        guard payload.count >= MemoryLayout<tcmsg>.size else { return nil }
        let header = payload.loadUnaligned(as: tcmsg.self)
        guard header.tcm_parent != ingress, let index = InterfaceIndex(header.tcm_ifindex) else { return nil }
        interface = index
        major = header.tcm_handle >> 16
        parent = header.tcm_parent
        var kind = ""
        var drops: UInt64 = 0
        for attribute in NetlinkAttributes(payload, after: MemoryLayout<tcmsg>.size) {
            switch attribute.type {
            case kindOfDiscipline: kind = attribute.text(atMost: longestKind)
            case statistics:
                for nested in attribute.nested
                where nested.type == queueStatistics && nested.payload.count >= MemoryLayout<gnet_stats_queue>.size {
                    drops = UInt64(nested.payload.loadUnaligned(as: gnet_stats_queue.self).drops)
                }
            default: break
            }
        }
        guard !kind.isEmpty else { return nil }
        self.kind = kind
        self.drops = drops
    }

    var isOutermost: Bool { parent == root }

    /// Whether `other`, of the same interface, is in a class of this one.
    func contains(_ other: KernelDiscipline) -> Bool {
        // One that has no number has no classes either, but for the outermost mq, which the kernel makes by itself.
        !other.isOutermost && other.parent >> 16 == major && (major != 0 || isOutermost)
    }

    /// As tc(8) writes it.
    var place: String {
        isOutermost ? "root" : "\(String(parent >> 16, radix: 16)):\(String(parent & 0xFFFF, radix: 16))"
    }
}

extension Queueing {
    /// - Parameter disciplines: all of one interface.
    init(_ disciplines: [KernelDiscipline]) {
        self.init()
        let outer = disciplines.filter { discipline in disciplines.contains { discipline.contains($0) } }
        for discipline in disciplines {
            if discipline.isOutermost { drops &+= discipline.drops }
            guard !outer.contains(discipline) else { continue }
            let isOfDevice =
                discipline.isOutermost
                || outer.contains {
                    $0.isOutermost && onePerQueue.contains($0.kind) && $0.contains(discipline)
                }
            innermost.append(
                QueueDiscipline(
                    kind: discipline.kind, place: discipline.place, drops: discipline.drops,
                    isBoundByQueueLength: isOfDevice && discipline.kind == "pfifo_fast"))
        }
    }
}

// A change of the queue length reaches the disciplines of the device's queues, and of these pfifo_fast alone takes it
// (dev_qdisc_change_tx_queue_len of net/sched/sch_generic.c); pfifo and bfifo take it when they are made, and keep that
// (fifo_init). The kinds that give each queue of the device a discipline:
private let onePerQueue: Set<String> = ["mq", "mqprio"]

// TC_H_ROOT and TC_H_INGRESS (linux/pkt_sched.h), TCA_KIND and TCA_STATS2 (linux/rtnetlink.h) and TCA_STATS_QUEUE
// (linux/gen_stats.h), which the importer has as other types; IFNAMSIZ bounds the kind (struct Qdisc_ops).
private let root: UInt32 = 0xFFFF_FFFF
private let ingress: UInt32 = 0xFFFF_FFF1
private let kindOfDiscipline = 1
private let statistics = 7
private let queueStatistics = 3
private let longestKind = 16
