import Foundation
import NetworkModel

/// A link as `ip -d -s -j link` shows it.
struct ReportedLink: Decodable {
    struct Information: Decodable {
        var infoKind: String?
        var infoSlaveKind: String?
    }
    struct Statistics: Decodable {
        struct Direction: Decodable {
            var bytes: UInt64
            var packets: UInt64
            var errors: UInt64
            var dropped: UInt64
            var multicast: UInt64?
            var overErrors: UInt64?
            var carrierErrors: UInt64?
            var collisions: UInt64?
        }
        var rx: Direction
        var tx: Direction
    }
    var ifindex: UInt32
    var ifname: String
    var ifalias: String?
    var flags: [String]
    var mtu: UInt32
    var qdisc: String
    var operstate: String
    var txqlen: UInt32?
    var group: String
    var linkType: String
    var address: String?
    var broadcast: String?
    var permaddr: String?
    var promiscuity: UInt32
    var minMtu: UInt32
    var maxMtu: UInt32
    var linkinfo: Information?
    var numTxQueues: UInt32
    var numRxQueues: UInt32
    /// A name, or with another namespace an index.
    var link: String?
    var linkIndex: UInt32?
    var linkNetnsid: Int?
    var master: String?
    var parentbus: String?
    var parentdev: String?
    var protoDown: Bool?
    var stats64: Statistics

    static func all(_ data: Data) throws -> [ReportedLink] {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode([ReportedLink].self, from: data)
    }

    /// The names of the flags of linux/if.h as `ip` prints them, where the model has a bit for them.
    static let flagNames: [(String, LinkFlags)] = [
        ("UP", .up), ("BROADCAST", .broadcast), ("LOOPBACK", .loopback), ("POINTOPOINT", .pointToPoint),
        ("PROMISC", .promiscuous), ("ALLMULTI", .allMulticast), ("MULTICAST", .multicast), ("LOWER_UP", .lowerUp),
        ("DORMANT", .dormant),
    ]

    static let hardwareTypes: [String: UInt16] = ["ether": 1, "loopback": 772, "none": 65534]

    static let operationalStates: [String: OperationalState] = [
        "UNKNOWN": .unknown, "NOTPRESENT": .notPresent, "DOWN": .down, "LOWERLAYERDOWN": .lowerLayerDown,
        "TESTING": .testing, "DORMANT": .dormant, "UP": .up,
    ]
}
