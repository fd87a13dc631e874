/// Writes JSON members one behind the other. Strings have no control characters: whoever calls has escaped them.
struct JSONWriter {
    private(set) var octets: [UInt8] = []

    mutating func raw(_ text: String) {
        octets += text.utf8
    }

    /// A comma where one is needed, and the key.
    mutating func key(_ key: String) {
        if let last = octets.last, last != UInt8(ascii: "{"), last != UInt8(ascii: "[") {
            octets.append(UInt8(ascii: ","))
        }
        quoted(key)
        octets.append(UInt8(ascii: ":"))
    }

    mutating func string(_ key: String, _ value: String) {
        self.key(key)
        quoted(value)
    }

    mutating func integer(_ key: String, _ value: some BinaryInteger) {
        self.key(key)
        octets += String(value).utf8
    }

    mutating func quoted(_ text: String) {
        octets.append(UInt8(ascii: "\""))
        for octet in text.utf8 {
            if octet == UInt8(ascii: "\"") || octet == UInt8(ascii: "\\") { octets.append(UInt8(ascii: "\\")) }
            octets.append(octet)
        }
        octets.append(UInt8(ascii: "\""))
    }
}
