package import SMI

/// A notification for the master agent to send to its targets.
package struct Notification: Sendable, Hashable {
    /// The NOTIFICATION-TYPE: the value of snmpTrapOID.0.
    package let identity: OID
    /// The objects it carries, in order, without sysUpTime.0 and snmpTrapOID.0.
    package let bindings: [VarBind]
    /// While it waits, a newer one with the same key takes its content and its place; nil to be never replaced.
    package let key: String?
    /// nil for the default context.
    package let context: OctetString?

    package init(_ identity: OID, _ bindings: [VarBind], key: String? = nil, context: OctetString? = nil) {
        self.identity = identity
        self.bindings = bindings
        self.key = key
        self.context = context
    }

    /// snmpTrapOID.0 (RFC 3418).
    private static let trapIdentity: OID = [1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0]

    var pdu: NotifyPDU {
        NotifyPDU([VarBind(Self.trapIdentity, .objectIdentifier(identity))] + bindings)
    }
}
