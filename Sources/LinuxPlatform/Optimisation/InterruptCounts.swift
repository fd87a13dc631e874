/// The lines of /proc/interrupts, by the number of the interrupt: how often each came, on all processors together.
struct InterruptCounts {
    private(set) var counts: [Int: UInt64] = [:]

    /// What is no numbered line, such as those of the machine's own interrupts, is passed over.
    init(_ text: some StringProtocol) {
        for line in text.split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":"),
                let number = Int(line[..<colon].drop { $0 == " " })
            else { continue }
            // One column for each processor, then words.
            var sum: UInt64 = 0
            for word in line[line.index(after: colon)...].split(separator: " ") {
                guard let count = UInt64(word) else { break }
                sum &+= count
            }
            counts[number] = sum
        }
    }
}
