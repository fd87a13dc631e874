package import NetworkModel

/// Which interface runs on top of which (RFC 2863 section 3.1.1).
package struct InterfaceStack: Sendable {
    /// One layer on another. 0 stands for "nothing": above the topmost and below the lowest.
    package struct Relation: Sendable, Hashable, Comparable {
        package let higher: UInt32
        package let lower: UInt32

        package init(higher: UInt32, lower: UInt32) {
            self.higher = higher
            self.lower = lower
        }

        package static func < (left: Self, right: Self) -> Bool {
            (left.higher, left.lower) < (right.higher, right.lower)
        }
    }

    /// Ascending; every interface has a relation above it and one below it.
    package let relations: [Relation]

    init(_ rows: InterfaceRows) {
        var real: Set<Relation> = []
        var isUnder: Set<UInt32> = []
        var isOver: Set<UInt32> = []
        let present = Set(rows.map(\.index.number))
        func relate(_ higher: InterfaceIndex, _ lower: InterfaceIndex) {
            guard higher != lower, present.contains(higher.number), present.contains(lower.number) else { return }
            real.insert(Relation(higher: higher.number, lower: lower.number))
            isUnder.insert(lower.number)
            isOver.insert(higher.number)
        }
        for row in rows {
            if let master = row.link.master { relate(master, row.index) }
            if let lower = row.link.layerBelow { relate(row.index, lower) }
        }
        var relations = Array(real)
        for index in present {
            if !isUnder.contains(index) { relations.append(Relation(higher: 0, lower: index)) }
            if !isOver.contains(index) { relations.append(Relation(higher: index, lower: 0)) }
        }
        self.relations = relations.sorted()
    }

    /// What `index` runs on, ascending.
    package func layersBelow(_ index: InterfaceIndex) -> [InterfaceIndex] {
        let first = relations.firstPosition { $0.higher >= index.number }
        return relations[first...].prefix { $0.higher == index.number }.compactMap { InterfaceIndex($0.lower) }
    }
}
