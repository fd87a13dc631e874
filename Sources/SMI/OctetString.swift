/// The content of an OCTET STRING: bytes, or a text that is sent as its UTF-8 bytes.
///
/// The text form exists so that a name held by a snapshot reaches the wire without a copy into an array first. Two
/// values are equal when their bytes are.
package struct OctetString: Sendable {
    enum Storage: Sendable {
        case bytes([UInt8])
        case text(String)
    }

    let storage: Storage

    package init(_ bytes: [UInt8]) {
        storage = .bytes(bytes)
    }

    package init(_ text: String) {
        storage = .text(text)
    }

    package var count: Int {
        switch storage {
        case .bytes(let bytes): bytes.count
        case .text(let text): text.utf8.count
        }
    }

    package var bytes: [UInt8] {
        switch storage {
        case .bytes(let bytes): bytes
        case .text(let text): Array(text.utf8)
        }
    }

    /// The text, when the bytes are valid UTF-8.
    package var text: String? {
        switch storage {
        case .bytes(let bytes): String(validating: bytes, as: UTF8.self)
        case .text(let text): text
        }
    }

    /// Calls `body` with the bytes in place; no allocation.
    package func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        switch storage {
        case .bytes(let bytes):
            return bytes.withUnsafeBufferPointer(body)
        case .text(var text):
            return text.withUTF8(body)
        }
    }
}

extension OctetString: Hashable {
    package static func == (left: OctetString, right: OctetString) -> Bool {
        left.withBytes { leftBytes in right.withBytes { leftBytes.elementsEqual($0) } }
    }

    package func hash(into hasher: inout Hasher) {
        withBytes { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

extension OctetString: ExpressibleByStringLiteral, ExpressibleByArrayLiteral {
    package init(stringLiteral value: String) {
        self.init(value)
    }

    package init(arrayLiteral elements: UInt8...) {
        self.init(elements)
    }
}

extension OctetString: CustomStringConvertible {
    package var description: String {
        if let text, text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) {
            return "\"\(text)\""
        }
        return bytes.map { byte in
            let hex = String(byte, radix: 16)
            return hex.count == 1 ? "0" + hex : hex
        }.joined(separator: " ")
    }
}
