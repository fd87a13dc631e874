import NetworkManagement
import SMI

extension AuditValue {
    init(_ setting: InterfaceSetting) {
        switch setting {
        case .adminState(let up): self = .integer(up ? 1 : 2)
        case .alias(let alias): self = .text(alias)
        case .mtu(let number), .queueLength(let number): self = .integer(Int64(number))
        case .promiscuous(let isTrue), .linkNotifications(let isTrue), .managed(let isTrue):
            self = .integer(isTrue ? 1 : 2)
        }
    }

    init?(_ value: Value) {
        switch value {
        case .integer(let number): self = .integer(Int64(number))
        case .counter32(let number), .gauge32(let number), .timeTicks(let number), .ipAddress(let number):
            self = .integer(Int64(number))
        case .counter64(let number): self = .integer(Int64(clamping: number))
        case .octetString(let octets): self = .octets(octets.bytes)
        case .opaque(let bytes): self = .octets(bytes)
        case .objectIdentifier(let oid): self = .text(oid.description)
        case .null, .noSuchObject, .noSuchInstance, .endOfMIBView: return nil
        }
    }
}
