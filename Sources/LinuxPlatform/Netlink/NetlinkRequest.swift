import CNetlink

/// A message on its way to the kernel. What does not fit is noticed when it is sent.
struct NetlinkRequest: ~Copyable {
    let handle: OpaquePointer
    private(set) var isComplete = true

    /// - Parameter flags: NLM_F_* beside NLM_F_REQUEST.
    /// - Throws: when memory is exhausted.
    init(type: Int, flags: Int32 = 0) throws(NetlinkError) {
        guard let handle = nlmsg_alloc_simple(Int32(truncatingIfNeeded: type), NLM_F_REQUEST | flags) else {
            throw .transport(errno: ENOMEM)
        }
        self.handle = handle
    }

    deinit {
        nlmsg_free(handle)
    }

    /// Appends a fixed header.
    mutating func append<Header: BitwiseCopyable>(_ header: Header) {
        var header = header
        note(nlmsg_append(handle, &header, MemoryLayout<Header>.size, 4))
    }

    mutating func put(_ type: Int, _ number: UInt32) {
        note(nla_put_u32(handle, Int32(truncatingIfNeeded: type), number))
    }

    mutating func put(_ type: Int, _ octets: [UInt8]) {
        note(nla_put(handle, Int32(truncatingIfNeeded: type), Int32(clamping: octets.count), octets))
    }

    /// An attribute without a value.
    mutating func putFlag(_ type: Int) {
        note(nla_put_flag(handle, Int32(truncatingIfNeeded: type)))
    }

    /// An attribute that holds what `fill` puts.
    mutating func nest(_ type: Int, _ fill: (inout NetlinkRequest) -> Void) {
        guard let nest = nla_nest_start(handle, Int32(truncatingIfNeeded: type) | nestedFlag) else {
            isComplete = false
            return
        }
        fill(&self)
        nla_nest_end_keep_empty(handle, nest)
    }

    private mutating func note(_ status: Int32) {
        if status < 0 { isComplete = false }
    }
}

// NLA_F_NESTED is an expression that the importer leaves out.
private let nestedFlag: Int32 = 1 << 15
