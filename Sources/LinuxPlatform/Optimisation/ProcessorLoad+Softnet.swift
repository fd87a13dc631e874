import NetworkManagement

extension ProcessorLoad {
    /// Reads /proc/net/softnet_stat: a line for each processor that is there, of hexadecimal words; the first is the
    /// packets it took, and since Linux 5.10 the thirteenth its number (softnet_seq_show, net/core/net-procfs.c).
    static func read(softnet text: some StringProtocol) -> [ProcessorLoad] {
        text.split(separator: "\n").enumerated().compactMap { position, line in
            let words = line.split(separator: " ")
            guard let first = words.first, let packets = UInt64(first, radix: 16) else { return nil }
            let number = words.count > 12 ? Int(words[12], radix: 16) : nil
            return ProcessorLoad(number: number ?? position, packets: packets)
        }
    }
}
