/// Octets as text that is safe in a log, on a terminal and in a table, and that can be turned back.
///
/// Printable characters of valid UTF-8 stay as they are; a backslash is doubled; every other octet (control characters,
/// invisible and direction-changing characters, what is not UTF-8) becomes `\xHH`.
package enum PrintableOctets {
    package static func text(of octets: some Collection<UInt8>) -> String {
        // Nearly everything is plain ASCII.
        if octets.allSatisfy(isPlain) { return String(decoding: octets, as: UTF8.self) }
        var text = ""
        var position = octets.startIndex
        while position < octets.endIndex {
            let plain = octets[position...].prefix(while: isPlain)
            if !plain.isEmpty {
                text += String(decoding: plain, as: UTF8.self)
                position = plain.endIndex
                continue
            }
            var decoder = UTF8()
            var rest = octets[position...].makeIterator()
            guard case .scalarValue(let scalar) = decoder.decode(&rest) else {
                text += escape(octets[position])
                position = octets.index(after: position)
                continue
            }
            let end = octets.index(position, offsetBy: UTF8.width(scalar))
            if scalar == "\\" {
                text += "\\\\"
            } else if isPrintable(scalar) {
                text.unicodeScalars.append(scalar)
            } else {
                for octet in octets[position..<end] { text += escape(octet) }
            }
            position = end
        }
        return text
    }

    /// The octets that `text(of:)` made `text` from; nil when it is not of that form.
    package static func octets(from text: some StringProtocol) -> [UInt8]? {
        var octets: [UInt8] = []
        var input = text.utf8.makeIterator()
        while let octet = input.next() {
            guard octet == UInt8(ascii: "\\") else {
                octets.append(octet)
                continue
            }
            switch input.next() {
            case UInt8(ascii: "\\"): octets.append(UInt8(ascii: "\\"))
            case UInt8(ascii: "x"):
                guard let high = input.next().flatMap(digit), let low = input.next().flatMap(digit) else { return nil }
                octets.append(high << 4 | low)
            default: return nil
            }
        }
        return octets
    }

    private static func isPlain(_ octet: UInt8) -> Bool {
        octet >= 0x20 && octet < 0x7F && octet != UInt8(ascii: "\\")
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar.value >= 0x20 && scalar.value < 0x7F }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            return false
        default: return true
        }
    }

    private static func escape(_ octet: UInt8) -> String {
        let digits = Array("0123456789abcdef".unicodeScalars)
        var text = "\\x"
        text.unicodeScalars.append(digits[Int(octet >> 4)])
        text.unicodeScalars.append(digits[Int(octet & 15)])
        return text
    }

    private static func digit(_ octet: UInt8) -> UInt8? {
        switch octet {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): octet - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): octet - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
