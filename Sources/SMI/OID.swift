/// An object identifier: a path of sub-identifiers from the root of the registration tree.
///
/// At most 128 sub-identifiers, each 0..4294967295 (RFC 2578 section 3.5). Ordered lexicographically, the order in
/// which GETNEXT visits objects. The storage is reused when an `OID` is mutated in place, so a long-lived variable
/// serves as a scratch buffer without allocation.
package struct OID: Sendable, Hashable {
    /// The sub-identifiers from the root.
    package var words: [UInt32]

    /// RFC 2578 section 3.5: "a value of at most 128 sub-identifiers".
    package static var maximumLength: Int { 128 }

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
        words.withUnsafeBufferPointer { words in prefix.words.withUnsafeBufferPointer { words.starts(with: $0) } }
    }

    package func appending(_ word: UInt32) -> OID {
        appending(CollectionOfOne(word))
    }

    package func appending(_ more: some Collection<UInt32>) -> OID {
        var longer: [UInt32] = []
        longer.reserveCapacity(words.count + more.count)
        longer += words
        longer += more
        return OID(longer)
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

    /// Lets `fill` write an identifier of `count` sub-identifiers over this one, keeping the storage.
    ///
    /// - Parameter fill: is given room for exactly `count`, which holds anything.
    package mutating func overwrite(count: Int, _ fill: (UnsafeMutableBufferPointer<UInt32>) -> Void) {
        if words.count > count {
            words.removeLast(words.count - count)
        } else if words.count < count {
            words.append(contentsOf: repeatElement(0, count: count - words.count))
        }
        words.withUnsafeMutableBufferPointer { fill($0) }
    }
}

extension OID: Comparable {
    package static func < (left: OID, right: OID) -> Bool {
        left.words.withUnsafeBufferPointer { left in
            right.words.withUnsafeBufferPointer { left.precedes($0) }
        }
    }
}

/// Comparisons of sub-identifiers where they lie. Every request makes dozens of them, so they are loops over raw words;
/// no position reaches the shorter of the two counts.
extension UnsafeBufferPointer<UInt32> {
    @inline(__always)
    func starts(with prefix: Self) -> Bool {
        guard count >= prefix.count else { return false }
        for position in 0..<prefix.count where self[position] != prefix[position] { return false }
        return true
    }

    @inline(__always)
    func precedes(_ other: Self) -> Bool {
        for position in 0..<Swift.min(count, other.count) where self[position] != other[position] {
            return self[position] < other[position]
        }
        return count < other.count
    }

    /// The first position whose word is `word` or higher, when they ascend; `count` when there is none.
    @inline(__always)
    func first(from word: UInt32) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < word { low = middle + 1 } else { high = middle }
        }
        return low
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
