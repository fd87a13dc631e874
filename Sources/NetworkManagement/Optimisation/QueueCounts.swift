package import NetworkModel

/// Packets that each queue of an interface passed since its driver was loaded, by the queue's number.
package struct QueueCounts: Sendable, Hashable {
    package var receive: [UInt64] = []
    package var transmit: [UInt64] = []

    package init() {}

    package var isEmpty: Bool { receive.isEmpty && transmit.isEmpty }

    /// From what a driver counts by names of its own (ethtool -S), where these tell of queues.
    ///
    /// Known are "rx_queue_0_packets" (virtio_net before Linux 6.9, igb, ixgbe, ice, hv_netvsc), "rx0_packets" (mlx5),
    /// "queue_0_rx_cnt" (ena), "rx-0.packets" (i40e), "[0]: rx_ucast_packets" (bnxt_en), "q0_rx_pkt_n" (stmmac), and
    /// vmxnet3's "Rx Queue#" with "ucast pkts rx" after it. e1000e has one queue, and no such name.
    package init(_ statistics: [DriverStatistic]) {
        var counts: [Direction: [Int: UInt64]] = [:]
        // vmxnet3 tells the queue's number by the value of a line of its own.
        var section: (direction: Direction, queue: Int)?
        for statistic in statistics {
            let words = Word.all(in: statistic.name)
            if let (direction, queue) = Self.queue(words) {
                counts[direction, default: [:]][queue, default: 0] &+= statistic.value
            } else if words.count == 2, words[1] == .text("queue"), let direction = Direction(words[0]) {
                section = Int(exactly: statistic.value).map { (direction, $0) }
            } else if let section, words.count == 3, Self.casts.contains(words[0]), words[1] == .text("pkts"),
                Direction(words[2]) == section.direction, section.queue < Self.most
            {
                counts[section.direction, default: [:]][section.queue, default: 0] &+= statistic.value
            }
        }
        self.init(receive: counts[.receive] ?? [:], transmit: counts[.transmit] ?? [:])
    }

    /// By the numbers of the queues. Those go from 0 without gaps: others are no queues', such as the 64 of a counter of
    /// packets of 64 octets.
    package init(receive: [Int: UInt64], transmit: [Int: UInt64]) {
        func whole(_ counts: [Int: UInt64]) -> [UInt64] {
            let values = (0..<counts.count).compactMap { counts[$0] }
            return values.count == counts.count ? values : []
        }
        self.receive = whole(receive)
        self.transmit = whole(transmit)
    }

    private enum Direction {
        case receive, transmit

        init?(_ word: Word) {
            switch word {
            case .text("rx"): self = .receive
            case .text("tx"): self = .transmit
            default: return nil
            }
        }
    }

    /// Letters or a number; what stands between them is dropped.
    private enum Word: Hashable {
        case text(String)
        case number(Int)

        /// More words than any name of a queue's counter has make it none.
        static func all(in name: String) -> [Word] {
            var words: [Word] = []
            var rest = name.utf8[...]
            while let first = rest.first, words.count < 8 {
                let isLetter = Word.isLetter(first)
                let part = rest.prefix { isLetter ? Word.isLetter($0) : Word.isDigit($0) }
                if isLetter {
                    words.append(.text(String(part)?.lowercased() ?? ""))
                } else if !part.isEmpty {
                    words.append(.number(String(part).flatMap { Int($0) } ?? .max))
                }
                rest = rest.dropFirst(max(1, part.count))
            }
            return words
        }

        private static func isLetter(_ octet: UInt8) -> Bool { (0x61...0x7A).contains(octet | 0x20) }
        private static func isDigit(_ octet: UInt8) -> Bool { (0x30...0x39).contains(octet) }
    }

    /// The most queues a device may have in one direction (netif_alloc_netdev_queues of net/core/dev.c allows more, and no
    /// driver takes them).
    private static let most = 4096
    private static let casts: Set<Word> = [.text("ucast"), .text("mcast"), .text("bcast")]
    private static let fillers: Set<Word> = [.text("queue"), .text("q")]
    /// What the words after the direction are in a counter of packets.
    private static let packets: Set<[Word]> = [
        [.text("packets")], [.text("cnt")], [.text("pkt"), .text("n")], [.text("ucast"), .text("packets")],
        [.text("mcast"), .text("packets")], [.text("bcast"), .text("packets")],
    ]

    private static func queue(_ words: [Word]) -> (Direction, Int)? {
        var number: Int?
        var rest: [Word] = []
        for word in words where !fillers.contains(word) {
            if case .number(let value) = word {
                guard number == nil, value < most else { return nil }
                number = value
            } else {
                rest.append(word)
            }
        }
        guard let number, let direction = rest.first.flatMap({ Direction($0) }),
            packets.contains(Array(rest.dropFirst()))
        else { return nil }
        return (direction, number)
    }
}

/// What part of an interface's packets each of its queues passed, 0...1; empty where that is not known.
package struct QueueShares: Sendable, Hashable {
    package var receive: [Double] = []
    package var transmit: [Double] = []

    package init() {}

    /// From what was counted before, and since; empty where nothing passed or the queues are others.
    package init(from old: QueueCounts, to new: QueueCounts) {
        receive = Self.shares(old.receive, new.receive)
        transmit = Self.shares(old.transmit, new.transmit)
    }

    private static func shares(_ old: [UInt64], _ new: [UInt64]) -> [Double] {
        guard old.count == new.count else { return [] }
        let growth = zip(old, new).map { $1 > $0 ? Double($1 - $0) : 0 }
        let total = growth.reduce(0, +)
        return total > 0 ? growth.map { $0 / total } : []
    }
}
