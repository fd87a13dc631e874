/// A MIB module as the reader found it: plain facts, nothing of libsmi's.
package struct MIBModule: Sendable, Equatable {
    package var name: String
    /// Where it was read from.
    package var path: String
    package var description: String
    /// Every node that has a name and is no object, ascending by identifier.
    package var identifiers: [Identifier] = []
    /// The textual conventions, in the module's order.
    package var conventions: [Convention] = []
    /// Ascending by identifier.
    package var scalars: [Object] = []
    /// Ascending by identifier.
    package var tables: [Table] = []
    /// Ascending by identifier.
    package var notifications: [Notification] = []

    /// The identifier of the module itself; empty when it has none.
    package var root: [UInt32] { identifiers.first { $0.kind == .module }?.oid ?? [] }
}

extension MIBModule {
    /// STATUS (RFC 2578 section 7.4).
    package enum Status: Sendable, Equatable {
        case current
        case deprecated
        case obsolete
    }

    /// MAX-ACCESS (RFC 2578 section 7.3).
    package enum Access: String, Sendable, Equatable {
        case notAccessible = "not-accessible"
        case accessibleForNotify = "accessible-for-notify"
        case readOnly = "read-only"
        case readWrite = "read-write"
        case readCreate = "read-create"

        var isReadable: Bool { self == .readOnly || self == .readWrite || self == .readCreate }
        var isWritable: Bool { self == .readWrite || self == .readCreate }
    }

    /// What an object is sent as.
    package enum Base: String, Sendable, Equatable {
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

    /// A node that names a place in the tree.
    package struct Identifier: Sendable, Equatable {
        package enum Kind: Sendable, Equatable {
            case value
            case module
            case identity
            case group
            case compliance
            case capabilities
        }

        package var name: String
        package var oid: [UInt32]
        package var kind: Kind
        package var description: String
    }

    /// A name for a number of an enumeration, or for a bit.
    package struct NamedNumber: Sendable, Equatable {
        package var name: String
        package var number: Int32
    }

    /// A textual convention and where it is defined.
    package struct ConventionName: Sendable, Hashable {
        package var module: String
        package var name: String
    }

    /// The syntax of an object, the conventions it goes by resolved.
    package struct Syntax: Sendable, Equatable {
        package var base: Base
        /// The convention or application type the object names; nil for a type of its own.
        package var convention: ConventionName?
        /// The object restricts what its convention allows.
        package var isRefined = false
        /// BITS: `namedNumbers` are the bits of a string.
        package var isBits = false
        /// Allowed numbers; empty when the base type's own range holds.
        package var ranges: [ClosedRange<Int64>] = []
        /// Allowed lengths in octets; empty when 0..65535 holds.
        package var sizes: [ClosedRange<Int64>] = []
        /// Ascending.
        package var namedNumbers: [NamedNumber] = []
    }

    /// A textual convention.
    package struct Convention: Sendable, Equatable {
        package var name: String
        package var status: Status
        package var syntax: Syntax
        package var description: String
    }

    /// A scalar or a column.
    package struct Object: Sendable, Equatable {
        package var name: String
        package var oid: [UInt32]
        package var syntax: Syntax
        package var access: Access
        package var status: Status
        package var units: String?
        /// DEFVAL as the module writes it; nil when there is none.
        package var defaultValue: String?
        package var description: String
    }

    /// An object by the module that defines it.
    package struct ObjectName: Sendable, Equatable {
        package var module: String
        package var name: String
        package var oid: [UInt32]
    }

    /// One part of an INDEX clause.
    package struct Index: Sendable, Equatable {
        package var object: ObjectName
        package var syntax: Syntax
        package var isImplied: Bool
    }

    /// A conceptual table and its row.
    package struct Table: Sendable, Equatable {
        package var name: String
        package var oid: [UInt32]
        package var entryName: String
        package var entry: [UInt32]
        package var status: Status
        package var description: String
        package var entryDescription: String
        /// The entry it AUGMENTS, whose index it has.
        package var augments: ObjectName?
        package var index: [Index]
        /// Ascending by identifier.
        package var columns: [Object]
    }

    /// A NOTIFICATION-TYPE.
    package struct Notification: Sendable, Equatable {
        package var name: String
        package var oid: [UInt32]
        package var status: Status
        package var objects: [ObjectName]
        package var description: String
    }
}
