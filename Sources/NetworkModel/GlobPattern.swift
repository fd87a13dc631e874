/// A pattern over octets: `*` stands for any run of octets, `?` for one octet, `\` takes the next octet literally.
///
/// The whole subject has to match. Matching is case sensitive, and works on octets rather than characters, because
/// neither a security name nor an interface name has to be text.
package struct GlobPattern: Sendable, Hashable, CustomStringConvertible {
    /// One step of a pattern.
    package enum Element: Sendable, Hashable {
        case octet(UInt8)
        case anyOctet
        case anyRun
    }

    /// The pattern as it was written, 1..255 octets.
    package let source: [UInt8]
    /// The pattern taken apart; no two `anyRun` stand side by side.
    package let elements: [Element]

    /// The longest pattern in octets (SnmpAdminString, RFC 3411).
    package static let maximumLength = 255

    /// What matches everything.
    package static let any = GlobPattern(elements: [.anyRun], source: [UInt8(ascii: "*")])

    private init(elements: [Element], source: [UInt8]) {
        self.elements = elements
        self.source = source
    }

    /// nil when `source` is empty, longer than 255 octets, or ends in the middle of an escape.
    package init?(_ source: some Sequence<UInt8>) {
        let source = Array(source)
        guard !source.isEmpty, source.count <= Self.maximumLength else { return nil }
        var elements: [Element] = []
        var isEscaped = false
        for octet in source {
            if isEscaped {
                elements.append(.octet(octet))
                isEscaped = false
                continue
            }
            switch octet {
            case UInt8(ascii: "\\"): isEscaped = true
            case UInt8(ascii: "?"): elements.append(.anyOctet)
            case UInt8(ascii: "*"): if elements.last != .anyRun { elements.append(.anyRun) }
            default: elements.append(.octet(octet))
            }
        }
        guard !isEscaped else { return nil }
        self.elements = elements
        self.source = source
    }

    /// nil as above.
    package init?(_ source: String) {
        self.init(source.utf8)
    }

    /// The pattern that matches exactly `literal`; nil when it does not fit into 255 octets once escaped, or is empty.
    package init?(literal: some Sequence<UInt8>) {
        let special = [UInt8(ascii: "\\"), UInt8(ascii: "?"), UInt8(ascii: "*")]
        self.init(literal.flatMap { special.contains($0) ? [UInt8(ascii: "\\"), $0] : [$0] })
    }

    /// The octets to match when the pattern has no wildcard; nil when it has one.
    package var literal: [UInt8]? {
        var octets: [UInt8] = []
        for element in elements {
            guard case .octet(let octet) = element else { return nil }
            octets.append(octet)
        }
        return octets
    }

    /// The octets before the first wildcard.
    package var literalPrefix: [UInt8] {
        var octets: [UInt8] = []
        for element in elements {
            guard case .octet(let octet) = element else { break }
            octets.append(octet)
        }
        return octets
    }

    /// Whether the pattern matches everything.
    package var matchesEverything: Bool { elements == [.anyRun] }

    /// Whether all of `subject` matches. The time is at most proportional to the product of both lengths.
    package func matches(_ subject: UnsafeBufferPointer<UInt8>) -> Bool {
        elements.withUnsafeBufferPointer { elements in
            var element = 0
            var octet = 0
            // Where to go on when the octets behind the last `*` do not fit: the run takes one octet more.
            var runElement = -1
            var runOctet = 0
            while octet < subject.count {
                if element < elements.count {
                    switch elements[element] {
                    case .octet(let expected) where expected == subject[octet]:
                        element += 1
                        octet += 1
                        continue
                    case .anyOctet:
                        element += 1
                        octet += 1
                        continue
                    case .anyRun:
                        runElement = element
                        runOctet = octet
                        element += 1
                        continue
                    case .octet:
                        break
                    }
                }
                guard runElement >= 0 else { return false }
                runOctet += 1
                octet = runOctet
                element = runElement + 1
            }
            return element == elements.count || (element == elements.count - 1 && elements[element] == .anyRun)
        }
    }

    package func matches(_ subject: [UInt8]) -> Bool {
        subject.withUnsafeBufferPointer { matches($0) }
    }

    /// Whether everything that `other` matches is matched here too. A `false` may be wrong where both have wildcards in
    /// the middle; a `true` never is.
    package func covers(_ other: GlobPattern) -> Bool {
        if matchesEverything || elements == other.elements { return true }
        if let literal = other.literal { return matches(literal) }
        // "abc*" covers whatever begins with abc.
        let prefix = literalPrefix
        return elements.count == prefix.count + 1 && elements.last == .anyRun
            && other.literalPrefix.starts(with: prefix)
    }

    /// Printable; see `PrintableOctets`.
    package var description: String { PrintableOctets.text(of: source) }
}
