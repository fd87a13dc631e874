import COpenSSL
import NetworkManagement

/// HMAC-SHA-256 under one key, for many messages one after the other. Not for several threads at once.
final class MessageAuthenticator {
    private let context: OpaquePointer
    private var key: [UInt8]

    init(key: [UInt8]) throws(StoreError) {
        guard let algorithm = EVP_MAC_fetch(nil, "HMAC", nil) else { throw Cryptography.failure("EVP_MAC_fetch") }
        defer { EVP_MAC_free(algorithm) }
        guard let context = EVP_MAC_CTX_new(algorithm) else { throw Cryptography.failure("EVP_MAC_CTX_new") }
        self.context = context
        self.key = key
        try setDigest()
    }

    convenience init(key: SecretKey) throws(StoreError) {
        try self.init(key: key.withOctets { Array($0) })
    }

    deinit {
        EVP_MAC_CTX_free(context)
        key.wipe()
    }

    func begin() throws(StoreError) {
        guard EVP_MAC_init(context, key, key.count, nil) == 1 else { throw Cryptography.failure("EVP_MAC_init") }
    }

    func update(_ octets: UnsafeBufferPointer<UInt8>) throws(StoreError) {
        guard !octets.isEmpty else { return }
        guard EVP_MAC_update(context, octets.baseAddress, octets.count) == 1 else {
            throw Cryptography.failure("EVP_MAC_update")
        }
    }

    /// The digest of what came since `begin`, 32 octets.
    func finish() throws(StoreError) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: SecretKey.length)
        var length = 0
        guard EVP_MAC_final(context, &digest, &length, digest.count) == 1, length == digest.count else {
            throw Cryptography.failure("EVP_MAC_final")
        }
        return digest
    }

    private func setDigest() throws(StoreError) {
        var name = Array("SHA256".utf8CString)
        let status = name.withUnsafeMutableBufferPointer { name in
            let parameters = [
                OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.baseAddress, 0),
                OSSL_PARAM_construct_end(),
            ]
            return EVP_MAC_CTX_set_params(context, parameters)
        }
        guard status == 1 else { throw Cryptography.failure("EVP_MAC_CTX_set_params") }
    }
}
