/// The SNMP base type an object is sent as.
package enum BaseType: Sendable, Hashable {
    case integer
    case octetString
    case objectIdentifier
    case ipAddress
    case counter32
    case gauge32
    case timeTicks
    case opaque
    case counter64
}

/// What values an object may take: the base type and the refinements its SYNTAX clause states.
package struct Syntax: Sendable, Hashable {
    package let base: BaseType
    /// Allowed values of a number; empty when the base type's own range holds.
    package let ranges: [ClosedRange<Int64>]
    /// Allowed lengths of an OCTET STRING in octets; empty when 0..65535 holds.
    package let sizes: [ClosedRange<Int>]
    /// The named numbers of an enumeration, ascending; empty when it is none.
    package let enumeration: [Int32]

    package init(
        _ base: BaseType, ranges: [ClosedRange<Int64>] = [], sizes: [ClosedRange<Int>] = [], enumeration: [Int32] = []
    ) {
        self.base = base
        self.ranges = ranges
        self.sizes = sizes
        self.enumeration = enumeration
    }

    /// What RFC 3416 section 4.2.5 answers when `value` is set on an object of this syntax; nil when it fits.
    package func refusal(of value: Value) -> ErrorStatus? {
        switch (base, value) {
        case (.integer, .integer(let number)):
            if !enumeration.isEmpty, !enumeration.contains(number) { return .wrongValue }
            return within(Int64(number))
        case (.counter32, .counter32(let number)), (.gauge32, .gauge32(let number)),
            (.timeTicks, .timeTicks(let number)):
            return within(Int64(number))
        case (.octetString, .octetString(let octets)):
            return sizes.isEmpty || sizes.contains { $0.contains(octets.count) } ? nil : .wrongLength
        case (.objectIdentifier, .objectIdentifier), (.ipAddress, .ipAddress), (.opaque, .opaque),
            (.counter64, .counter64):
            return nil
        default:
            return .wrongType
        }
    }

    private func within(_ number: Int64) -> ErrorStatus? {
        ranges.isEmpty || ranges.contains { $0.contains(number) } ? nil : .wrongValue
    }
}

/// MAX-ACCESS of an object (RFC 2578 section 7.3).
package enum Access: Sendable, Hashable {
    case notAccessible
    case accessibleForNotify
    case readOnly
    case readWrite
    case readCreate

    package var isReadable: Bool { self == .readOnly || self == .readWrite || self == .readCreate }
    package var isWritable: Bool { self == .readWrite || self == .readCreate }
}

/// A scalar object or a column of a table.
package struct ObjectSchema: Sendable, Hashable {
    package let name: String
    /// The OBJECT-TYPE's own identifier, without instance.
    package let oid: OID
    package let syntax: Syntax
    package let access: Access

    package init(_ name: String, _ oid: OID, _ syntax: Syntax, _ access: Access) {
        self.name = name
        self.oid = oid
        self.syntax = syntax
        self.access = access
    }
}

/// One part of a table's INDEX clause.
package struct IndexSchema: Sendable, Hashable {
    /// How a value becomes sub-identifiers (RFC 2578 section 7.7).
    package enum Encoding: Sendable, Hashable {
        /// One sub-identifier.
        case integer
        /// A string or identifier of one fixed length: that many sub-identifiers.
        case fixed(Int)
        /// A length, then the sub-identifiers.
        case counted
        /// IMPLIED: the sub-identifiers to the end.
        case implied
    }

    package let name: String
    package let encoding: Encoding

    package init(_ name: String, _ encoding: Encoding) {
        self.name = name
        self.encoding = encoding
    }
}

/// A conceptual table: its entry, its columns in order and its index.
package struct TableSchema: Sendable, Hashable {
    package let name: String
    /// The table's identifier.
    package let oid: OID
    /// The entry's identifier; a column's instance is entry.column.index.
    package let entry: OID
    /// The columns that can be read, ascending by the last sub-identifier; deprecated ones left out.
    package let columns: [ObjectSchema]
    /// The index, for a table that AUGMENTS another that of the other.
    package let index: [IndexSchema]

    package init(_ name: String, _ oid: OID, entry: OID, columns: [ObjectSchema], index: [IndexSchema]) {
        self.name = name
        self.oid = oid
        self.entry = entry
        self.columns = columns
        self.index = index
    }
}

/// A NOTIFICATION-TYPE and the objects it must carry, in order.
package struct NotificationSchema: Sendable, Hashable {
    package let name: String
    package let oid: OID
    package let objects: [OID]

    package init(_ name: String, _ oid: OID, objects: [OID]) {
        self.name = name
        self.oid = oid
        self.objects = objects
    }
}
