import COpenSSL
import NetworkManagement

/// What the ciphers and the hashes share.
enum Cryptography {
    /// Unpredictable octets.
    static func randomOctets(_ count: Int) throws(StoreError) -> [UInt8] {
        var octets = [UInt8](repeating: 0, count: count)
        guard RAND_bytes(&octets, Int32(count)) == 1 else { throw failure("RAND_bytes") }
        return octets
    }

    /// Derives a key for one purpose from a master key (HKDF with SHA-256, RFC 5869, without salt).
    ///
    /// - Parameter length: 1..8160 octets.
    static func derive(_ purpose: String, from master: SecretKey, length: Int) throws(StoreError) -> [UInt8] {
        try master.withOctets { octets throws(StoreError) in
            try hkdf(input: Array(octets), salt: [], info: Array(purpose.utf8), length: length)
        }
    }

    /// RFC 5869 sections 2.2 and 2.3.
    static func hkdf(input: [UInt8], salt: [UInt8], info: [UInt8], length: Int) throws(StoreError) -> [UInt8] {
        // "If not provided, it is set to a string of HashLen zeros."
        let salt = salt.isEmpty ? [UInt8](repeating: 0, count: SecretKey.length) : salt
        var extracted = try hmac(key: salt, input)
        defer { extracted.wipe() }
        var output: [UInt8] = []
        var block: [UInt8] = []
        var number: UInt8 = 1
        while output.count < length {
            block = try hmac(key: extracted, block + info + [number])
            output += block
            number &+= 1
        }
        return Array(output.prefix(length))
    }

    /// HMAC-SHA-256 (RFC 2104) in one go.
    static func hmac(key: [UInt8], _ message: [UInt8]) throws(StoreError) -> [UInt8] {
        let authenticator = try MessageAuthenticator(key: key)
        return try message.withUnsafeBufferPointer { octets throws(StoreError) in
            try authenticator.begin()
            try authenticator.update(octets)
            return try authenticator.finish()
        }
    }

    /// SHA-256 (FIPS 180-4): 32 octets.
    static func sha256(_ message: [UInt8]) throws(StoreError) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        var length = digest.count
        guard EVP_Q_digest(nil, "SHA256", nil, message, message.count, &digest, &length) == 1 else {
            throw failure("EVP_Q_digest")
        }
        return digest
    }

    /// Whether two digests are the same, in a time that does not tell where they differ.
    static func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
    }

    /// What to throw when libcrypto refuses a call.
    static func failure(_ call: String) -> StoreError {
        let code = ERR_get_error()
        var text = [CChar](repeating: 0, count: 256)
        ERR_error_string_n(code, &text, text.count)
        let end = text.firstIndex(of: 0) ?? text.endIndex
        let reason = String(decoding: text[..<end].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return StoreError(.failed, "libcrypto, \(call): \(reason)")
    }
}
