import Foundation

/// A link as `ip -d -s -j addr` of iproute2 shows it.
struct KernelLink: Sendable, Decodable {
    let ifindex: UInt32
    let ifname: String
    let flags: [String]
    let mtu: UInt32
    let operstate: String
    let linkType: String
    let address: String?
    let ifalias: String?
    let promiscuity: UInt32?
    /// The name of the bridge or bond it is a port of.
    let master: String?
    /// The name of the link it runs on, or of a veth's peer.
    let link: String?
    let linkinfo: Information?
    let stats64: Statistics?
    /// The transmit queue's length.
    let txqlen: UInt32?
    private let addrInfo: [Address]?

    enum CodingKeys: String, CodingKey {
        case ifindex, ifname, flags, mtu, operstate, address, ifalias, promiscuity, master, link, linkinfo, stats64
        case txqlen
        case linkType = "link_type"
        case addrInfo = "addr_info"
    }

    struct Information: Sendable, Decodable {
        let kind: String?

        enum CodingKeys: String, CodingKey {
            case kind = "info_kind"
        }
    }

    struct Statistics: Sendable, Decodable {
        let rx: Direction
        let tx: Direction
    }

    struct Direction: Sendable, Decodable {
        let bytes: UInt64
        let packets: UInt64
        let errors: UInt64
        let dropped: UInt64
        let multicast: UInt64?
    }

    private struct Address: Sendable, Decodable {
        let local: String?
        let prefixlen: Int?
        let scope: String?
    }

    var kind: String? { linkinfo?.kind }

    /// Its addresses but link-local ones, each with its prefix length.
    var addresses: [String] {
        (addrInfo ?? []).filter { $0.scope != "link" }.map { "\($0.local ?? "")/\($0.prefixlen ?? -1)" }
    }

    /// The octets of the link-layer address.
    var octets: [UInt8] {
        (address ?? "").split(separator: ":").compactMap { UInt8($0, radix: 16) }
    }

    /// The links of a namespace, ascending by index.
    static func all(in namespace: NetworkNamespace) async throws -> [KernelLink] {
        let text = try await succeed(["ip", "-n", namespace.name, "-d", "-s", "-j", "addr"])
        return try JSONDecoder().decode([KernelLink].self, from: Data(text.utf8)).sorted { $0.ifindex < $1.ifindex }
    }

    static func named(_ name: String, in namespace: NetworkNamespace) async throws -> KernelLink {
        guard let link = try await all(in: namespace).first(where: { $0.ifname == name }) else {
            throw MissingLink(name: name)
        }
        return link
    }
}

struct MissingLink: Error {
    let name: String
}
