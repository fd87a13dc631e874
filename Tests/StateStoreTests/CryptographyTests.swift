import Foundation
import Glibc
import NetworkManagement
import Testing

@testable import StateStore

@Suite struct `Keys and seals` {
    static func octets(_ hexadecimal: String) -> [UInt8] { Hexadecimal.parse(Array(hexadecimal.utf8)) ?? [] }

    /// RFC 4231 test cases 1, 2 and 6.
    @Test(arguments: [
        (
            String(repeating: "0b", count: 20), "4869205468657265",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            String(repeating: "aa", count: 131),
            "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6579204669727374",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
    ])
    func `HMAC-SHA-256 gives the digests of RFC 4231`(key: String, message: String, digest: String) throws {
        #expect(try Cryptography.hmac(key: Self.octets(key), Self.octets(message)) == Self.octets(digest))
    }

    /// RFC 5869 test cases 1 and 3.
    @Test(arguments: [
        (
            "000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9",
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
        ),
        (
            "", "",
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
        ),
    ])
    func `HKDF gives the keys of RFC 5869`(salt: String, info: String, output: String) throws {
        let derived = try Cryptography.hkdf(
            input: [UInt8](repeating: 0x0B, count: 22), salt: Self.octets(salt), info: Self.octets(info), length: 42)
        #expect(derived == Self.octets(output))
    }

    /// Test case 14 of McGrew and Viega, "The Galois/Counter Mode of Operation".
    @Test func `AES-256-GCM opens a sealed text of its authors`() throws {
        let key = try #require(SecretKey([UInt8](repeating: 0, count: 32)))
        let sealed =
            [UInt8](repeating: 0, count: 12)
            + Self.octets("cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919")
        let opened = try AuthenticatedCipher.open(sealed[...], key: key, authenticating: [])
        #expect(opened == [UInt8](repeating: 0, count: 16))
    }

    @Test func `a sealed value opens for its purpose alone, whole alone, under its key alone`() throws {
        let sealer = Sealer(keys: try KeyRing())
        for length in [0, 1, 16, 1000] {
            let secret = [UInt8](repeating: 0x5A, count: length)
            let sealed = try sealer.seal(secret, for: "test")
            #expect(try sealer.open(sealed, for: "test") == secret)
            #expect(try sealer.seal(secret, for: "test") != sealed)
            #expect(throws: StoreError(.corrupt, "")) { try sealer.open(sealed, for: "other") }
            #expect(throws: StoreError(.corrupt, "")) { try sealer.open(sealed.dropLast(), for: "test") }
            #expect(throws: StoreError(.wrongKey, "")) {
                try Sealer(keys: KeyRing()).open(sealed, for: "test")
            }
            for position in sealed.indices where position % 7 == 0 || position < 40 {
                var changed = sealed
                changed[position] ^= 1
                #expect(throws: StoreError.self) { try sealer.open(changed, for: "test") }
            }
        }
        for end in 0..<40 {
            #expect(throws: StoreError(.corrupt, "")) {
                try sealer.open([UInt8](repeating: 1, count: end).prefix(min(end, 8)) + [], for: "test")
            }
        }
    }

    @Test func `a key file is made once, for its owner alone, and read again`() throws {
        let directory = try TemporaryDirectory()
        let file = KeyFile(credentials: nil, directory: directory.path)
        #expect(!file.exists)
        let made = try file.create()
        #expect(try file.read().currentIdentifier == made.currentIdentifier)
        var status = stat()
        #expect(stat(file.path, &status) == 0)
        #expect(status.st_mode & 0o7777 == 0o400)
        #expect(throws: StoreError.self) { try file.create() }
        for mode: mode_t in [0o440, 0o404, 0o600 | 0o020] {
            chmod(file.path, mode)
            #expect(throws: StoreError(.permissions, "")) { try file.read() }
        }
        chmod(file.path, 0o600)
        _ = try file.read()
        // A link is not followed.
        try FileManager.default.moveItem(atPath: file.path, toPath: file.path + ".real")
        try FileManager.default.createSymbolicLink(atPath: file.path, withDestinationPath: file.path + ".real")
        #expect(throws: StoreError(.permissions, "")) { try file.read() }
    }

    @Test func `a credential of systemd's comes first, and is not written`() throws {
        let directory = try TemporaryDirectory()
        let credentials = try TemporaryDirectory()
        #expect(!KeyFile(credentials: credentials.path, directory: directory.path).isCredential)
        try credentials.write([UInt8](repeating: 7, count: 32), to: KeyFile.name)
        let file = KeyFile(credentials: credentials.path, directory: directory.path)
        #expect(file.isCredential)
        chmod(file.path, 0o440)
        _ = try file.read()
        #expect(throws: StoreError(.readOnly, "")) { try file.rotate() }
        chmod(file.path, 0o444)
        #expect(throws: StoreError(.permissions, "")) { try file.read() }
    }

    @Test func `rotation keeps the earlier keys, which still open what they sealed`() throws {
        let directory = try TemporaryDirectory()
        let file = KeyFile(credentials: nil, directory: directory.path)
        let first = try file.create()
        let sealed = try Sealer(keys: first).seal([1, 2, 3], for: "test")
        let second = try file.rotate()
        #expect(second.currentIdentifier != first.currentIdentifier)
        let sealer = Sealer(keys: try file.read())
        #expect(try sealer.open(sealed, for: "test") == [1, 2, 3])
        #expect(sealer.isStale(sealed))
        #expect(!sealer.isStale(try sealer.seal([], for: "test")))
        for _ in 0..<70 { _ = try file.rotate() }
        #expect(try file.read().keys.count == 64)
    }

    @Test(arguments: [
        "", "orion-keys 1\n", "orion-keys 1", "orion-keys 2\n" + String(repeating: "a", count: 64) + "\n",
        "orion-keys 1\n" + String(repeating: "a", count: 64),
        "orion-keys 1\n" + String(repeating: "A", count: 64) + "\n",
        "orion-keys 1\n" + String(repeating: "a", count: 63) + "\n", "orion-keys 1\n\n",
        String(repeating: "x", count: 31), String(repeating: "x", count: 33), String(repeating: "x", count: 9000),
    ])
    func `a malformed key file is refused`(contents: String) throws {
        let directory = try TemporaryDirectory()
        try directory.write(Array(contents.utf8), to: KeyFile.name)
        let file = KeyFile(credentials: nil, directory: directory.path)
        chmod(file.path, 0o400)
        #expect(throws: StoreError(.corrupt, "")) { try file.read() }
    }
}
