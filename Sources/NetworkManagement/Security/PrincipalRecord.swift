package import NetworkModel

/// What snmpd's module says about one request, in the context field of the AgentX PDU.
///
/// The grammar, in full:
///
///     record  = %xFF "orion1;r=" int32 ";t=" uint32 ";v=" ("0" / "1" / "3") ";u=" text ";m=" 1..2147483647
///               ";l=" ("1" / "2" / "3") ";c=" text ";a=" text
///     text    = *( ALPHA / DIGIT / "-" / "." / "_" / "~" / ":" / "@" / "/" / ("%" 2HEXUPPER) )
///
/// The first octet occurs in no UTF-8 text, so no well-formed context name begins as a record does (SnmpAdminString,
/// RFC 3411 section 5). Numbers are decimal without leading zeros. Fields come once each, in this order. A name and a context hold at most
/// 255 octets once decoded. Anything else is no record: the module writes one form only, so whatever differs was not
/// written by it.
package struct PrincipalRecord: Sendable, Hashable {
    /// The version of the SNMP message (RFC 3412 msgVersion).
    package enum Version: UInt8, Sendable, Hashable {
        case v1 = 0
        case v2c = 1
        case v3 = 3
    }

    /// The manager's request-id: the same in a retransmission.
    package let request: Int32
    /// The AgentX h.transactionID of the PDU that the record came in.
    package let transaction: UInt32
    package let version: Version
    package let principal: Principal

    package init(request: Int32, transaction: UInt32, version: Version, principal: Principal) {
        self.request = request
        self.transaction = transaction
        self.version = version
        self.principal = principal
    }

    /// How every record begins.
    package static let signature = [0xFF] + Array("orion1;".utf8)
    /// The longest record that the module writes.
    package static let maximumLength = 2047
    /// The most octets of a name, a context or an address once decoded.
    package static let maximumText = 255
}

/// Why a context field is no principal record, and where.
package struct PrincipalRecordError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The field at fault, as "u", or "record" for the whole.
    package let field: String
    /// What was expected.
    package let reason: String
    /// The octet at which it shows, from 0.
    package let position: Int

    package init(field: String, reason: String, position: Int) {
        self.field = field
        self.reason = reason
        self.position = position
    }

    package var description: String { "principal record, field \(field), octet \(position): \(reason)" }
}

extension PrincipalRecord {
    /// Whether `octets` claim to be a record: whatever does, and does not parse, is malformed or forged.
    package static func isClaimed(by octets: [UInt8]) -> Bool {
        octets.starts(with: signature)
    }

    /// Reads the whole of `octets`, or refuses it.
    package init(parsing octets: [UInt8]) throws(PrincipalRecordError) {
        try self.init(parsing: octets, atMost: Self.maximumLength) { _, _ throws(PrincipalRecordError) in }
    }

    /// Reads a record, and with `rest` what follows it.
    init(
        parsing octets: [UInt8], atMost limit: Int,
        rest: (inout RecordScanner, PrincipalRecord) throws(PrincipalRecordError) -> Void
    ) throws(PrincipalRecordError) {
        guard octets.count <= limit else {
            throw PrincipalRecordError(field: "record", reason: "longer than \(limit) octets", position: limit)
        }
        guard octets.starts(with: Self.signature) else {
            throw PrincipalRecordError(
                field: "record", reason: "does not begin with 0xFF \"orion1;\"", position: 0)
        }
        var scanner = RecordScanner(octets: octets, position: Self.signature.count)
        let request = try scanner.integer("r", in: Int64(Int32.min)...Int64(Int32.max))
        let transaction = try scanner.integer("t", in: 0...Int64(UInt32.max))
        let versionNumber = try scanner.integer("v", in: 0...3)
        guard let version = Version(rawValue: UInt8(versionNumber)) else {
            throw scanner.failure("v", "not 0, 1 or 3")
        }
        let name = try scanner.text("u")
        let modelNumber = try scanner.integer("m", in: 1...Int64(Int32.max))
        guard let model = SecurityModel(number: Int32(modelNumber)) else { throw scanner.failure("m", "no model") }
        // Community-based models and versions belong together (RFC 3584 section 5.3).
        guard (version == .v1) == (model == .v1), (version == .v2c) == (model == .v2c) else {
            throw scanner.failure("m", "model \(modelNumber) does not go with version \(versionNumber)")
        }
        let levelNumber = try scanner.integer("l", in: 1...3)
        guard let level = SecurityLevel(rawValue: UInt8(levelNumber)) else { throw scanner.failure("l", "no level") }
        guard version == .v3 || level == .noAuthNoPriv else {
            throw scanner.failure("l", "a community protects nothing: the level has to be 1")
        }
        let context = try scanner.text("c")
        let address = try scanner.text("a", isLast: true)
        self.init(
            request: Int32(request), transaction: UInt32(transaction), version: version,
            principal: Principal(
                name: name, model: model, level: level, context: context, source: SourceAddress(peer: address)))
        try rest(&scanner, self)
        guard scanner.isAtEnd else { throw scanner.failure("record", "something follows the last field") }
    }
}
