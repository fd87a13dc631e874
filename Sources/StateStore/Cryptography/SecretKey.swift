import COpenSSL
import NetworkManagement

/// Thirty-two secret octets that are wiped when nobody holds them any more.
///
/// `@unchecked Sendable`: the memory is written in `init` and wiped in `deinit`, and only read between.
final class SecretKey: @unchecked Sendable {
    /// Octets of a key: AES-256, and the output of SHA-256.
    static let length = 32

    private let storage: UnsafeMutableRawBufferPointer

    /// nil unless `octets` are 32. The caller's copy is the caller's to wipe.
    init?(_ octets: some Collection<UInt8>) {
        guard octets.count == Self.length else { return nil }
        storage = .allocate(byteCount: Self.length, alignment: 16)
        storage.copyBytes(from: octets)
    }

    /// A new key from libcrypto's generator.
    static func random() throws(StoreError) -> SecretKey {
        var octets = try Cryptography.randomOctets(length)
        defer { octets.wipe() }
        guard let key = SecretKey(octets) else { throw Cryptography.failure("RAND_bytes") }
        return key
    }

    deinit {
        OPENSSL_cleanse(storage.baseAddress, storage.count)
        storage.deallocate()
    }

    func withOctets<Result, Failure>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(storage))
    }
}

extension [UInt8] {
    /// Overwrites what was secret, in a way that the compiler does not leave out.
    mutating func wipe() {
        withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) }
    }
}
