package import NetworkModel

/// What snmpd's access control lets its users do, in figures, as its module tells.
///
/// The grammar; numbers and text as in `PrincipalRecord`:
///
///     summary = %xFF "orion1access;p=" uint32 ";a=" uint32 ";n=" uint32 ";g=" uint32 ";w=" uint32 *writer
///     writer  = ";u=" text ";m=" 0..2147483647 ";l=" ("1" / "2" / "3")
package struct AgentAccess: Sendable, Hashable {
    /// An entry of access control that lets its group write objects of ours without encryption.
    package struct WeakWriter: Sendable, Hashable, CustomStringConvertible {
        package let group: [UInt8]
        /// nil for any.
        package let model: SecurityModel?
        package let level: SecurityLevel

        package init(group: [UInt8], model: SecurityModel?, level: SecurityLevel) {
            self.group = group
            self.model = model
            self.level = level
        }

        package var description: String {
            "snmpd's group \"\(PrintableOctets.text(of: group))\" (\(model.map { "\($0)" } ?? "any model")) may write"
                + " objects of oriond with \(level)"
        }
    }

    /// Users and communities by the least level at which they may do anything.
    package let usersAuthPriv: UInt32
    package let usersAuthNoPriv: UInt32
    package let usersNoAuth: UInt32
    package let groups: UInt32
    /// All weak writers, also those that are not named.
    package let weakWriterCount: UInt32
    package let weakWriters: [WeakWriter]

    package static let signature = [0xFF] + Array("orion1access;".utf8)
    /// The most weak writers that are named.
    package static let maximumNamed = 16

    /// Whether `octets` claim to be a summary.
    package static func isClaimed(by octets: [UInt8]) -> Bool { octets.starts(with: signature) }

    /// Reads the whole of `octets`, or refuses it.
    package init(parsing octets: [UInt8]) throws(PrincipalRecordError) {
        var scanner = RecordScanner(octets: octets, position: 0)
        guard octets.count <= RefusalReport.maximumLength, Self.isClaimed(by: octets) else {
            throw scanner.failure("record", "not a summary of access control")
        }
        scanner.position = Self.signature.count
        let figures = 0...Int64(UInt32.max)
        usersAuthPriv = UInt32(try scanner.integer("p", in: figures))
        usersAuthNoPriv = UInt32(try scanner.integer("a", in: figures))
        usersNoAuth = UInt32(try scanner.integer("n", in: figures))
        groups = UInt32(try scanner.integer("g", in: figures))
        weakWriterCount = UInt32(try scanner.integer("w", in: figures, isLast: true))
        var writers: [WeakWriter] = []
        for _ in 0..<min(Int(weakWriterCount), Self.maximumNamed) {
            try scanner.separator("w")
            let group = try scanner.text("u")
            let model = Int32(try scanner.integer("m", in: 0...Int64(Int32.max)))
            let number = try scanner.integer("l", in: 1...3, isLast: true)
            let level = SecurityLevel(rawValue: UInt8(number)) ?? .noAuthNoPriv
            writers.append(WeakWriter(group: group, model: SecurityModel(number: model), level: level))
        }
        guard scanner.isAtEnd else { throw scanner.failure("record", "something follows the last field") }
        weakWriters = writers
    }
}
