/// An object identifier: a path of sub-identifiers from the root of the registration tree.
///
/// At most 128 sub-identifiers, each 0..4294967295 (RFC 2578 section 3.5). Ordered lexicographically, the order in
/// which GETNEXT visits objects. The storage is reused when an `OID` is mutated in place, so a long-lived variable
/// serves as a scratch buffer without allocation.
package struct OID: Sendable, Hashable {
    /// The sub-identifiers from the root.
    package var words: [UInt32]

    /// RFC 2578 section 3.5: "a value of at most 128 sub-identifiers".
    package static let maximumLength = 128

    package init(_ words: [UInt32]) {
        self.words = words
    }

    package init(_ words: some Sequence<UInt32>) {
        self.words = Array(words)
    }

    /// Parses the dotted form, with or without a leading dot; nil when it is not one.
    package init?(_ text: some StringProtocol) {
        let body = text.first == "." ? text.dropFirst() : text[...]
        var words: [UInt32] = []
        for part in body.split(separator: ".", omittingEmptySubsequences: false) {
            guard let word = UInt32(part) else { return nil }
            words.append(word)
        }
        guard !words.isEmpty, words.count <= Self.maximumLength else { return nil }
        self.words = words
    }

    package var count: Int { words.count }
    package var isEmpty: Bool { words.isEmpty }

    package func starts(with prefix: OID) -> Bool {
        words.starts(with: prefix.words)
    }

    package func appending(_ word: UInt32) -> OID {
        OID(words + [word])
    }

    package func appending(_ more: some Sequence<UInt32>) -> OID {
        OID(words + more)
    }

    /// Replaces the whole identifier, keeping the storage.
    package mutating func assign(_ prefix: OID, _ word: UInt32) {
        words.removeAll(keepingCapacity: true)
        words.append(contentsOf: prefix.words)
        words.append(word)
    }

    /// Removes every sub-identifier, keeping the storage.
    package mutating func removeAll() {
        words.removeAll(keepingCapacity: true)
    }
}

extension OID: Comparable {
    package static func < (left: OID, right: OID) -> Bool {
        let shared = min(left.words.count, right.words.count)
        for position in 0..<shared where left.words[position] != right.words[position] {
            return left.words[position] < right.words[position]
        }
        return left.words.count < right.words.count
    }
}

extension OID: ExpressibleByArrayLiteral {
    package init(arrayLiteral elements: UInt32...) {
        self.init(elements)
    }
}

extension OID: CustomStringConvertible {
    package var description: String {
        words.map { String($0) }.joined(separator: ".")
    }
}
