/// Reads the fields of a principal record, one after the other.
struct RecordScanner {
    let octets: [UInt8]
    var position: Int

    func failure(_ field: String, _ reason: String) -> PrincipalRecordError {
        PrincipalRecordError(field: field, reason: reason, position: position)
    }

    var isAtEnd: Bool { position == octets.count }

    /// A decimal number and the `;` behind it.
    mutating func integer(_ field: String, in range: ClosedRange<Int64>, isLast: Bool = false)
        throws(PrincipalRecordError) -> Int64
    {
        try label(field)
        let isNegative = position < octets.count && octets[position] == UInt8(ascii: "-")
        if isNegative { position += 1 }
        let start = position
        var value: Int64 = 0
        while position < octets.count, (0x30...0x39).contains(octets[position]) {
            // Eleven digits are more than any field has, and fit.
            guard position - start < 11 else { throw failure(field, "too many digits") }
            value = value * 10 + Int64(octets[position] - 0x30)
            position += 1
        }
        guard position > start else { throw failure(field, "a decimal number is missing") }
        guard octets[start] != 0x30 || (position == start + 1 && !isNegative) else {
            throw failure(field, "a leading zero")
        }
        let number = isNegative ? -value : value
        guard range.contains(number) else {
            throw failure(field, "\(number) is outside \(range.lowerBound)..\(range.upperBound)")
        }
        if !isLast { try separator(field) }
        return number
    }

    /// A percent-encoded text and the `;` behind it; the last field of a record has none.
    mutating func text(_ field: String, isLast: Bool = false) throws(PrincipalRecordError) -> [UInt8] {
        try label(field)
        var text: [UInt8] = []
        while position < octets.count, octets[position] != UInt8(ascii: ";") {
            guard text.count < PrincipalRecord.maximumText else {
                throw failure(field, "more than \(PrincipalRecord.maximumText) octets")
            }
            let octet = octets[position]
            if octet == UInt8(ascii: "%") {
                guard position + 2 < octets.count, let high = digit(octets[position + 1]),
                    let low = digit(octets[position + 2])
                else { throw failure(field, "% without two upper-case hexadecimal digits") }
                let decoded = high << 4 | low
                guard !Self.isPlain(decoded) else { throw failure(field, "an escape where none is needed") }
                text.append(decoded)
                position += 3
            } else {
                guard Self.isPlain(octet) else { throw failure(field, "an octet that has to be escaped") }
                text.append(octet)
                position += 1
            }
        }
        if !isLast { try separator(field) }
        return text
    }

    /// Digits and dots, and the `;` behind them.
    mutating func dotted(_ field: String) throws(PrincipalRecordError) -> ArraySlice<UInt8> {
        try label(field)
        let start = position
        while position < octets.count, octets[position] == UInt8(ascii: ".") || (0x30...0x39).contains(octets[position])
        {
            position += 1
        }
        let found = octets[start..<position]
        try separator(field)
        return found
    }

    private mutating func label(_ field: String) throws(PrincipalRecordError) {
        let label = Array("\(field)=".utf8)
        guard octets.dropFirst(position).starts(with: label) else { throw failure(field, "\"\(field)=\" is missing") }
        position += label.count
    }

    mutating func separator(_ field: String) throws(PrincipalRecordError) {
        guard position < octets.count, octets[position] == UInt8(ascii: ";") else {
            throw failure(field, "\";\" is missing")
        }
        position += 1
    }

    private static func isPlain(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"),
            UInt8(ascii: ":"), UInt8(ascii: "@"), UInt8(ascii: "/"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private func digit(_ octet: UInt8) -> UInt8? {
        switch octet {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): octet - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): octet - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
