import NetworkModel

/// Which interface will stand on which: a port below its master, and what an interface runs on below it.
///
/// The work is in proportion to the interfaces, however a candidate arranges them, and so is the memory.
struct InterfaceNesting {
    /// How many interfaces the kernel lets stand on one another, the lowest included (MAX_NEST_DEV of
    /// linux/netdevice.h).
    static let maximum = 8

    /// Interfaces that stand on themselves: of each such circle its members.
    private(set) var loops: [[String]] = []
    /// The first of each pile that the kernel would refuse, ascending by name.
    private(set) var excessive: [String] = []
    /// What stands on each.
    private var above: [String: [String]] = [:]

    init(
        _ resolution: InterfaceResolution, _ sections: [String: ConfigurationItem], _ links: [String: ObservedLink],
        _ previous: [String: ConfigurationItem]
    ) {
        for (name, item) in sections {
            if let lower = item["lower"]?.text { above[lower, default: []].append(name) }
        }
        for (name, item) in resolution.wanted {
            if let master = item["master"]?.text, !master.isEmpty { above[name, default: []].append(master) }
        }
        for (name, link) in links {
            // One that goes with its section stands on nothing any more.
            if previous[name]?["kind"] != nil, sections[name]?["kind"] == nil { continue }
            if let lower = link.lower, lower != name, sections[name]?["lower"] == nil {
                above[lower, default: []].append(name)
            }
            if let master = link.master, resolution.wanted[name]?["master"] == nil {
                above[name, default: []].append(master)
            }
        }
        let order = visit()
        measure(order)
    }

    /// Goes through everything from below, depth first, and notes the loops.
    ///
    /// - Returns: the interfaces, each before what stands on it, loops apart.
    private mutating func visit() -> [String] {
        var finished: [String] = []
        /// Where each stands in `path`; -1 when it is finished.
        var places: [String: Int] = [:]
        for start in above.keys.sorted() where places[start] == nil {
            var path: [(name: String, next: Int)] = [(start, 0)]
            places[start] = 0
            while let (name, next) = path.last {
                let uppers = above[name] ?? []
                guard next < uppers.count else {
                    places[name] = -1
                    finished.append(name)
                    path.removeLast()
                    continue
                }
                path[path.count - 1].next += 1
                let upper = uppers[next]
                switch places[upper] {
                case nil:
                    places[upper] = path.count
                    path.append((upper, 0))
                case .some(let place) where place >= 0: loops.append(path[place...].map(\.name))
                default: break
                }
            }
        }
        return finished.reversed()
    }

    private mutating func measure(_ order: [String]) {
        var levels: [String: Int] = [:]
        for name in order {
            let level = levels[name] ?? 1
            if level == Self.maximum + 1 { excessive.append(name) }
            for upper in above[name] ?? [] where (levels[upper] ?? 1) <= level { levels[upper] = level + 1 }
        }
        excessive.sort()
    }
}
