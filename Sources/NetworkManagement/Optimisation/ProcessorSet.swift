/// Some of the host's processors, by their numbers.
package struct ProcessorSet: Sendable, Hashable, Codable {
    /// Ascending, 0..8191 (the largest CONFIG_NR_CPUS).
    package let numbers: [Int]

    package init(_ numbers: some Sequence<Int>) {
        self.numbers = Set(numbers.filter { (0..<8192).contains($0) }).sorted()
    }

    package static let none = ProcessorSet([])

    package var isEmpty: Bool { numbers.isEmpty }

    /// As the kernel's bitmaps are written (bitmap_parse): words of 32 bits in hexadecimal, the highest first, with commas.
    package init?(mask: some StringProtocol) {
        var numbers: [Int] = []
        for (place, word) in mask.split(separator: ",", omittingEmptySubsequences: false).reversed().enumerated() {
            guard (1...8).contains(word.utf8.count), let bits = UInt32(word, radix: 16) else { return nil }
            numbers += (0..<32).filter { bits & (1 << UInt32($0)) != 0 }.map { place * 32 + $0 }
        }
        self.init(numbers)
    }

    /// As the kernel's lists are written (bitmap_list_string): ascending numbers and ranges, with commas; empty for none.
    package init?(list: some StringProtocol) {
        var numbers: [Int] = []
        for part in list.isEmpty ? [] : list.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map { Int($0) }
            guard let first = ends.first.flatMap(\.self), let last = ends.last.flatMap(\.self),
                first > numbers.last ?? -1, first <= last, last < 8192
            else { return nil }
            numbers += first...last
        }
        self.init(numbers)
    }

    /// What `init(mask:)` reads.
    package var mask: String {
        var words = [UInt32](repeating: 0, count: (numbers.last ?? 0) / 32 + 1)
        for number in numbers { words[number / 32] |= 1 << UInt32(number % 32) }
        let texts = words.reversed().map { String($0, radix: 16) }
        return texts[0]
            + texts.dropFirst().map { "," + String(repeating: "0", count: 8 - $0.utf8.count) + $0 }.joined()
    }
}
