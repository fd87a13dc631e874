package import NetworkManagement

/// The host's keys: the present one, and earlier ones that still open what they sealed.
///
/// The file holds either 32 octets, one key as `head -c 32 /dev/urandom` makes it, or text: a line `orion-keys 1`, then
/// one key of 64 lower-case hexadecimal digits per line, the present one first.
package struct KeyRing: Sendable {
    /// One master key and what is derived from it. The master itself is used for nothing else.
    struct Key: Sendable {
        /// Eight octets derived from the key, which name it without telling it.
        let identifier: [UInt8]
        let sealing: SecretKey
        let chain: SecretKey
        let head: SecretKey
        fileprivate let master: SecretKey

        init(master: SecretKey) throws(StoreError) {
            self.master = master
            identifier = try Cryptography.derive("orion key identifier 1", from: master, length: 8)
            sealing = try Self.derive("orion sealing 1", from: master)
            chain = try Self.derive("orion audit chain 1", from: master)
            head = try Self.derive("orion audit head 1", from: master)
        }

        private static func derive(_ purpose: String, from master: SecretKey) throws(StoreError) -> SecretKey {
            var octets = try Cryptography.derive(purpose, from: master, length: SecretKey.length)
            defer { octets.wipe() }
            guard let key = SecretKey(octets) else { throw Cryptography.failure("HKDF") }
            return key
        }
    }

    /// The keys that one file holds at most.
    static let maximumKeys = 64
    private static let title = "orion-keys 1"

    /// The present one first; never empty.
    let keys: [Key]
    /// The present one.
    let current: Key

    private init(current: Key, earlier: [Key]) {
        self.current = current
        keys = [current] + earlier
    }

    /// A ring of one new key.
    package init() throws(StoreError) {
        self.init(current: try Key(master: .random()), earlier: [])
    }

    /// Reads the contents of a key file.
    ///
    /// - Parameter path: named in the error.
    init(contents: [UInt8], path: String) throws(StoreError) {
        if let master = SecretKey(contents) {
            self.init(current: try Key(master: master), earlier: [])
            return
        }
        let malformed = StoreError(
            .corrupt, "\(path): expected 32 octets, or \"\(Self.title)\" and keys of 64 hexadecimal digits")
        var lines = contents.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard lines.last?.isEmpty == true, lines.removeFirst().elementsEqual(Self.title.utf8) else { throw malformed }
        lines.removeLast()
        guard (1...Self.maximumKeys).contains(lines.count) else { throw malformed }
        var keys: [Key] = []
        for line in lines {
            guard var octets = Hexadecimal.parse(line), let master = SecretKey(octets) else { throw malformed }
            octets.wipe()
            keys.append(try Key(master: master))
        }
        self.init(current: keys.removeFirst(), earlier: keys)
    }

    /// What the key file holds.
    var contents: [UInt8] {
        var text = Array("\(Self.title)\n".utf8)
        for key in keys {
            text += key.master.withOctets { Hexadecimal.octets(of: $0) }
            text.append(UInt8(ascii: "\n"))
        }
        return text
    }

    /// The same with a new present key; the oldest goes when there are more than 64.
    func rotated() throws(StoreError) -> KeyRing {
        KeyRing(current: try Key(master: .random()), earlier: Array(keys.prefix(Self.maximumKeys - 1)))
    }

    func key(_ identifier: [UInt8]) -> Key? {
        keys.first { $0.identifier == identifier }
    }

    /// The name of the present key, sixteen hexadecimal digits: safe to show.
    package var currentIdentifier: String { Hexadecimal.text(of: current.identifier) }
}
