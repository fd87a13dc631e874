import RandomTesting
import SMI
import Testing

@testable import AgentX

@Suite struct PDUTests {
    @Test(arguments: PDUType.all, ByteOrder.allCases)
    func `every PDU comes back from its octets as it was`(type: PDUType, order: ByteOrder) throws {
        var random = SeededGenerator(seed: UInt64(type.rawValue))
        for _ in 0..<50 {
            let pdu = random.pdu(type)
            let octets = pdu.encoded(order)
            #expect(octets.count % 4 == 0)
            #expect(try PDU(octets) == pdu)
            #expect(try PDU(octets).encoded(order) == octets)
        }
    }

    @Test(arguments: PDUType.all, ByteOrder.allCases)
    func `a PDU cut off anywhere is refused, whatever its length field says`(type: PDUType, order: ByteOrder) {
        var random = SeededGenerator(seed: 1000 + UInt64(type.rawValue))
        for _ in 0..<4 {
            let octets = random.pdu(type).encoded(order)
            for length in 0..<octets.count {
                #expect(throws: AgentXError(.truncated, "")) { try PDU(Array(octets[..<length])) }
            }
            // The same with a length that agrees: a list may end there, a field may not.
            for length in stride(from: 0, to: octets.count - PDUHeader.length, by: 4) {
                var cut = Array(octets[..<(PDUHeader.length + length)])
                cut.replaceSubrange(16..<20, with: order.octets(of: UInt32(length)))
                do throws(AgentXError) {
                    let pdu = try PDU(cut)
                    #expect(pdu.encoded(order).count == cut.count)
                } catch {
                    #expect(error == AgentXError(.truncated, ""))
                }
            }
        }
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func `random octets and random damage give a PDU or an error, and a PDU comes back`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<1000 {
            let type = PDUType.all[random.number(0...17)]
            var octets = random.pdu(type).encoded(random.number(0...1) == 0 ? .network : .littleEndian)
            for _ in 0..<random.number(1...6) {
                let position = random.number(0...(octets.count - 1))
                octets[position] = random.number(0...2) == 0 ? 0xFF : random.number(0...255)
            }
            if random.number(0...3) == 0 {
                for position in PDUHeader.length..<octets.count { octets[position] = random.number(0...255) }
            }
            guard let pdu = try? PDU(octets) else { continue }
            #expect((try? PDU(pdu.encoded())) == pdu)
        }
    }

    private static let damaged: [(String, [UInt8], AgentXError.Code)] = [
        ("version 2", [2, 13] + zeros(18), .unsupportedVersion),
        ("type 0", [1, 0] + zeros(18), .unknownPDUType),
        ("type 19", [1, 19] + zeros(18), .unknownPDUType),
        ("a payload of 2", [1, 13] + zeros(14) + [2, 0, 0, 0] + zeros(2), .badPayloadLength),
        ("a payload of 65,520", [1, 13] + zeros(14) + [0xF0, 0xFF, 0, 0], .badPayloadLength),
        ("a payload of 4 GiB", [1, 13, 0x10] + zeros(13) + [0xFF, 0xFF, 0xFF, 0xFC], .badPayloadLength),
        ("a Ping with a payload", [1, 13] + zeros(14) + [4, 0, 0, 0] + zeros(4), .trailingBytes),
        ("octets behind the PDU", [1, 13] + zeros(22), .trailingBytes),
        (
            "129 sub-identifiers", [1, 17, 0x10] + zeros(13) + [0, 0, 2, 8] + [129, 0, 0, 0] + zeros(129 * 4),
            .badIdentifier
        ),
        (
            "124 sub-identifiers and a prefix", [1, 17, 0x10] + zeros(13) + [0, 0, 1, 0xF4, 124, 2] + zeros(498),
            .badIdentifier
        ),
        ("a string of 4 GiB", [1, 13, 0x18] + zeros(13) + [0, 0, 0, 4, 0xFF, 0xFF, 0xFF, 0xFF], .truncated),
        ("a range beyond the subtree", [1, 3, 0x10] + zeros(13) + [0, 0, 0, 8, 0, 127, 1] + zeros(5), .badIdentifier),
        ("a value of type 3", [1, 12, 0x10] + zeros(13) + [0, 0, 0, 8, 0, 3] + zeros(6), .badValue),
        (
            "an address of 5 octets",
            [1, 12, 0x10] + zeros(13) + [0, 0, 0, 20, 0, 64] + zeros(6) + [0, 0, 0, 5] + zeros(8), .badValue
        ),
    ]

    @Test(arguments: damaged)
    func `what is wrong is named`(name: String, octets: [UInt8], code: AgentXError.Code) {
        #expect(throws: AgentXError(code, ""), "\(name)") { try PDU(octets) }
    }

    @Test func `identifiers are compressed where they can be, and may have 128 sub-identifiers`() throws {
        let cases: [(OID, [UInt8])] = [
            ([], [0, 0, 0, 0]),
            ([1, 3, 6, 1, 2], [0, 2, 0, 0]),
            ([1, 3, 6, 1, 255, 7], [1, 255, 0, 0, 0, 0, 0, 7]),
            ([1, 3, 6, 1], [4, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0, 6, 0, 0, 0, 1]),
            ([1, 2, 3], [3, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3]),
        ]
        for (name, octets) in cases {
            let encoded = PDU(.removeAgentCaps(RemoveAgentCapsPDU(name))).encoded()
            #expect(Array(encoded[20...]) == octets)
            #expect(try PDU(encoded).body == .removeAgentCaps(RemoveAgentCapsPDU(name)))
        }
        for name in [OID((0..<128).map { UInt32($0) }), OID([1, 3, 6, 1, 4] + (0..<123).map { UInt32($0) })] {
            let encoded = PDU(.removeAgentCaps(RemoveAgentCapsPDU(name))).encoded(.littleEndian)
            #expect(try PDU(encoded).body == .removeAgentCaps(RemoveAgentCapsPDU(name)))
        }
        // 0 and 256 are no prefixes.
        for word: UInt32 in [0, 256] {
            let name: OID = [1, 3, 6, 1, word, 1]
            let encoded = PDU(.removeAgentCaps(RemoveAgentCapsPDU(name))).encoded()
            #expect(encoded[20...21] == [6, 0])
            #expect(try PDU(encoded).body == .removeAgentCaps(RemoveAgentCapsPDU(name)))
        }
    }

    @Test func `an address is the same octets in both byte orders`() {
        for order in ByteOrder.allCases {
            let pdu = PDU(.notify(NotifyPDU([VarBind([1, 2], .ipAddress(0xC0A8_0001))])))
            #expect(pdu.encoded(order).suffix(4) == [192, 168, 0, 1])
        }
    }

    @Test func `a null identifier as a value is zeroDotZero`() throws {
        let octets: [UInt8] = [1, 12, 0x10] + zeros(13) + [0, 0, 0, 12, 0, 6] + zeros(10)
        #expect(try PDU(octets).body == .notify(NotifyPDU([VarBind([], .objectIdentifier([0, 0]))])))
    }

    @Test func `a text value is sent as its UTF-8 octets`() throws {
        let pdu = PDU(.notify(NotifyPDU([VarBind([1, 2], .text("Größe"))])))
        let bytes = PDU(.notify(NotifyPDU([VarBind([1, 2], .bytes(Array("Größe".utf8)))])))
        #expect(pdu.encoded() == bytes.encoded())
    }
}

func zeros(_ count: Int) -> [UInt8] {
    Array(repeating: 0, count: count)
}

extension ByteOrder {
    func octets(of number: UInt32) -> [UInt8] {
        withUnsafeBytes(of: convert(number)) { Array($0) }
    }
}
