package import NetworkModel

/// Which operation: whose, and its number.
package struct OperationKey: Sendable, Hashable {
    /// 1..32 octets: a label that whoever asks chooses.
    package let owner: [UInt8]
    /// 1..2147483647.
    package let number: UInt32

    package init(owner: [UInt8], number: UInt32) {
        self.owner = owner
        self.number = number
    }

    /// The owner of what the daemon does by itself, and of what other settings start.
    package static let ownOwner = Array("oriond".utf8)
}

/// What an operation does. Extensible: each manager declares its own.
package struct OperationKind: Sendable, Hashable, CustomStringConvertible {
    /// As "driver-load": for the log and the audit.
    package let description: String

    package init(_ name: String) { description = name }
}

/// What an operation is done to.
package enum OperationTarget: Sendable, Hashable {
    /// The daemon itself, or the host as a whole.
    case system
    case interface(InterfaceIndex)
    /// A driver by name.
    case driver(String)
    /// A device by bus and address.
    case device(DeviceAddress)
    /// A row that only its manager knows: which table, and the row's name there.
    case row(table: String, name: String)
}

extension OperationTarget: CustomStringConvertible {
    package var description: String {
        switch self {
        case .system: "system"
        case .interface(let index): "interface \(index.number)"
        case .driver(let name): "driver \(PrintableOctets.text(of: name.utf8))"
        case .device(let address): "device \(address)"
        case .row(let table, let name): "\(table) \(PrintableOctets.text(of: name.utf8))"
        }
    }
}

/// What is to be done, to what, and how.
package struct OperationOrder: Sendable, Hashable {
    package let kind: OperationKind
    package let target: OperationTarget
    /// In the terms of the kind; 0..255 octets.
    package let argument: String

    package init(_ kind: OperationKind, _ target: OperationTarget, argument: String = "") {
        self.kind = kind
        self.target = target
        self.argument = argument
    }
}

package enum OperationState: UInt8, Sendable, Hashable, CaseIterable {
    case queued = 1
    case running = 2
    case succeeded = 3
    case failed = 4
    case aborted = 5
    case timedOut = 6

    package var isFinal: Bool { self != .queued && self != .running }
}

/// One operation at one moment.
package struct Operation: Sendable, Hashable {
    package let key: OperationKey
    package let order: OperationOrder
    package let requester: Principal
    package var state: OperationState = .queued
    /// Percent, 0..100.
    package var progress: UInt8 = 0
    /// nil unless it ended without success.
    package var error: ManagementError.Code?
    /// What it did, or why not; empty until it has ended.
    package var result = ""
    /// It is to end as soon as it can.
    package var isAbortRequested = false
    package let created: MonotonicTime
    package var started: MonotonicTime?
    package var ended: MonotonicTime?

    init(key: OperationKey, order: OperationOrder, requester: Principal, created: MonotonicTime) {
        self.key = key
        self.order = order
        self.requester = requester
        self.created = created
    }

    /// How long it has taken so far; nil before it began.
    package func duration(at now: MonotonicTime) -> Duration? {
        started.map { (ended ?? now) - $0 }
    }
}
