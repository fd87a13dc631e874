import NetworkModel

/// What snmpd's module says of a request that snmpd's own access control (VACM) refused, in one datagram.
///
/// A principal record followed by `;k=` operation `;e=` code `;o=` object `;n=` lost.
package struct RefusalReport: Sendable, Hashable {
    package enum Operation: String, Sendable, Hashable {
        case get
        case getNext = "getnext"
        case getBulk = "getbulk"
        case set
    }

    package let record: PrincipalRecord
    package let operation: Operation
    /// VACM_* of net-snmp's agent library, above 0.
    package let code: Int32
    /// The refused object in dotted decimal.
    package let object: String
    /// Reports before this one that never left snmpd.
    package let lost: UInt32

    /// The longest report that the module writes.
    package static let maximumLength = 4095

    /// Reads the whole of `octets`, or refuses it.
    package init(parsing octets: [UInt8]) throws(PrincipalRecordError) {
        var operation: Operation?
        var code: Int64 = 0
        var object = ""
        var lost: Int64 = 0
        record = try PrincipalRecord(parsing: octets, atMost: Self.maximumLength) {
            scanner, _ throws(PrincipalRecordError) in
            try scanner.separator("a")
            let word = try scanner.text("k")
            operation = Operation(rawValue: String(decoding: word, as: UTF8.self))
            guard operation != nil else { throw scanner.failure("k", "not get, getnext, getbulk or set") }
            code = try scanner.integer("e", in: 1...Int64(Int32.max))
            object = try scanner.objectName("o")
            lost = try scanner.integer("n", in: 0...Int64.max, isLast: true)
        }
        self.operation = operation ?? .get
        self.code = Int32(code)
        self.object = object
        self.lost = UInt32(clamping: lost)
    }
}

extension RecordScanner {
    /// Dotted decimal of at most 128 numbers (RFC 2741 section 5.1), and the `;` behind it.
    mutating func objectName(_ field: String) throws(PrincipalRecordError) -> String {
        let octets = try dotted(field)
        let parts = octets.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count <= 128,
            parts.allSatisfy({ part in
                UInt32(String(decoding: part, as: UTF8.self)).map { String($0).utf8.elementsEqual(part) } ?? false
            })
        else { throw failure(field, "not an object name in dotted decimal") }
        return String(decoding: octets, as: UTF8.self)
    }
}
