/// The host's processors in the order in which they are worth giving work of one interface to.
///
/// Two threads of a core share its execution units: a second one adds little (Documentation/networking/scaling.rst says
/// nothing, for interrupts). What another NUMA node handles crosses over to it first.
struct ProcessorOrder: Sendable, Hashable {
    /// The threads of each core, ascending; the cores next to the device first, then by their number.
    let cores: [[Int]]
    /// How many of these cores are next to the device.
    private let near: Int

    /// - Parameter local: the processors next to the device; where none of `places` is, all of them count as such.
    init(_ places: [ProcessorPlace], near local: ProcessorSet) {
        let local = Set(local.numbers)
        let cores = Dictionary(grouping: places, by: \.core)
            .map { (isNear: $0.value.contains { local.contains($0.number) }, threads: $0.value.map(\.number).sorted()) }
            .sorted { left, right in
                left.isNear != right.isNear ? left.isNear : left.threads.lexicographicallyPrecedes(right.threads)
            }
        self.cores = cores.map(\.threads)
        let near = cores.count(where: \.isNear)
        self.near = near == 0 ? cores.count : near
    }

    /// Those that are worth passing packets to: one of each core next to the device; where that is one core only, of each
    /// core; and all threads where there is but one.
    var worthwhile: [Int] {
        if near > 1 { return cores.prefix(near).compactMap(\.first) }
        return cores.count > 1 ? cores.compactMap(\.first) : cores.first ?? []
    }

    /// Those that take the packets of each of `queues` receive queues: each queue its part, all the same number.
    func receiving(_ queues: Int) -> [ProcessorSet] {
        let processors = worthwhile
        guard !processors.isEmpty else { return [] }
        return Self.dealt(queues < processors.count ? processors : byThread, to: queues)
    }

    /// Those that send by each of `queues` transmit queues. Every processor sends, so none is left out; the threads of a
    /// core share a queue rather than that two cores do.
    func sending(_ queues: Int) -> [ProcessorSet] {
        guard queues > 0, !cores.isEmpty else { return [] }
        guard queues <= cores.count else { return Self.dealt(byThread, to: queues) }
        return (0..<queues).map { queue in
            ProcessorSet(cores.indices.filter { $0 % queues == queue }.flatMap { cores[$0] })
        }
    }

    /// The first thread of each core, then the second ones.
    private var byThread: [Int] {
        (0..<(cores.map(\.count).max() ?? 0)).flatMap { rank in
            cores.compactMap { rank < $0.count ? $0[rank] : nil }
        }
    }

    /// In turn; where there are more queues than processors, some processors serve several.
    private static func dealt(_ processors: [Int], to queues: Int) -> [ProcessorSet] {
        (0..<queues).map { queue in
            guard queues < processors.count else { return ProcessorSet([processors[queue % processors.count]]) }
            return ProcessorSet(processors.indices.filter { $0 % queues == queue }.map { processors[$0] })
        }
    }
}
