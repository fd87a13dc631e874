/// Octets as they arrive, until the PDUs in them are whole. Its size is fixed.
final class InputBuffer {
    private let memory: UnsafeMutableRawBufferPointer
    private var count = 0
    /// Whether there may be whole PDUs that were not taken.
    private(set) var isHeldBack = false

    /// - Parameter capacity: at least the largest PDU, in octets.
    init(capacity: Int) {
        memory = .allocate(byteCount: capacity, alignment: 8)
    }

    deinit {
        memory.deallocate()
    }

    func removeAll() {
        count = 0
        isHeldBack = false
    }

    /// Reads once, as much as there is room for.
    func fill(from socket: MasterSocket) -> MasterSocket.Transfer {
        let transfer = socket.receive(into: UnsafeMutableRawBufferPointer(rebasing: memory[count...]))
        if case .octets(let added) = transfer { count += added }
        return transfer
    }

    /// Offers everything to `body`, and keeps what it did not use.
    ///
    /// - Parameter body: returns how many octets it used.
    func drain(_ body: (UnsafeRawBufferPointer) -> Int) {
        let used = body(UnsafeRawBufferPointer(rebasing: memory[..<count]))
        let rest = count - used
        if used > 0, rest > 0, let base = memory.baseAddress {
            base.copyMemory(from: base + used, byteCount: rest)
        }
        count = rest
        isHeldBack = rest >= PDUHeader.length
    }
}
