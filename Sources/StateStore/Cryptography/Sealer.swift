package import NetworkManagement

/// Seals secrets under the host's present key, and opens what any of its keys sealed.
///
/// A sealed value is: version (1), key identifier (8 octets), nonce (12), ciphertext, tag (16). Version, identifier and
/// purpose are authenticated too, so that a value sealed for one purpose does not open for another.
package struct Sealer: Sendable {
    private static let version: UInt8 = 1
    private static let headerLength = 9

    private let keys: KeyRing

    package init(keys: KeyRing) {
        self.keys = keys
    }

    package func seal(_ plaintext: [UInt8], for purpose: String) throws(StoreError) -> [UInt8] {
        let header = [Self.version] + keys.current.identifier
        return header
            + (try AuthenticatedCipher.seal(
                plaintext, key: keys.current.sealing, authenticating: header + Array(purpose.utf8)))
    }

    /// - Throws: `.wrongKey` when the key that sealed it is not in the ring; `.corrupt` when the value is damaged, or was
    ///   sealed for another purpose.
    package func open(_ sealed: [UInt8], for purpose: String) throws(StoreError) -> [UInt8] {
        guard sealed.count >= Self.headerLength, sealed[0] == Self.version else {
            throw StoreError(.corrupt, "sealed value (\(purpose)): not of this form")
        }
        let header = Array(sealed.prefix(Self.headerLength))
        let identifier = Array(header.dropFirst())
        guard let key = keys.key(identifier) else {
            throw StoreError(
                .wrongKey,
                "sealed value (\(purpose)): sealed by key \(Hexadecimal.text(of: identifier)), which is not in the key file"
            )
        }
        let opened = try AuthenticatedCipher.open(
            sealed.dropFirst(Self.headerLength), key: key.sealing, authenticating: header + Array(purpose.utf8))
        guard let opened else { throw StoreError(.corrupt, "sealed value (\(purpose)): damaged") }
        return opened
    }

    /// Whether another than the present key sealed it.
    package func isStale(_ sealed: [UInt8]) -> Bool {
        sealed.count >= Self.headerLength && !sealed[1..<Self.headerLength].elementsEqual(keys.current.identifier)
    }
}
