import NetworkManagement

/// Computes the links of the chain under one key. Not for several threads at once.
struct AuditChain {
    private let authenticator: MessageAuthenticator

    init(key: SecretKey) throws(StoreError) {
        authenticator = try MessageAuthenticator(key: key)
    }

    /// The digest of a line whose body is `body`, behind a line of digest `previous`.
    func digest(after previous: [UInt8], _ body: ArraySlice<UInt8>) throws(StoreError) -> [UInt8] {
        try authenticator.begin()
        try previous.withUnsafeBufferPointer { octets throws(StoreError) in try authenticator.update(octets) }
        try body.withUnsafeBufferPointer { octets throws(StoreError) in try authenticator.update(octets) }
        return try authenticator.finish()
    }
}
