import RandomTesting
import SMI

@testable import AgentX

extension SeededGenerator {
    mutating func number<Number: FixedWidthInteger>(_ range: ClosedRange<Number>) -> Number {
        Number.random(in: range, using: &self)
    }

    /// Never null: the null identifier has tests of its own.
    mutating func identifier() -> OID {
        var words: [UInt32] = number(0...1) == 0 ? [1, 3, 6, 1, number(0...300)] : []
        let length = number(0...9) == 0 ? 128 - words.count : number(1...12)
        for _ in 0..<length { words.append(number(0...3) == 0 ? number(0...UInt32.max) : number(0...200)) }
        return OID(words)
    }

    mutating func octets() -> [UInt8] {
        (0..<number(0...20)).map { _ in number(0...255) }
    }

    mutating func value() -> Value {
        switch number(0...12) {
        case 0: .integer(number(Int32.min...Int32.max))
        case 1: .octetString(OctetString(octets()))
        case 2: .null
        case 3: .objectIdentifier(identifier())
        case 4: .ipAddress(number(0...UInt32.max))
        case 5: .counter32(number(0...UInt32.max))
        case 6: .gauge32(number(0...UInt32.max))
        case 7: .timeTicks(number(0...UInt32.max))
        case 8: .opaque(octets())
        case 9: .counter64(number(0...UInt64.max))
        case 10: .noSuchObject
        case 11: .noSuchInstance
        default: .endOfMIBView
        }
    }

    mutating func bindings() -> [VarBind] {
        (0..<number(0...5)).map { _ in VarBind(identifier(), value()) }
    }

    mutating func ranges() -> [SearchRange] {
        (0..<number(0...5)).map { _ in
            SearchRange(identifier(), include: number(0...1) == 1, before: number(0...1) == 1 ? identifier() : [])
        }
    }

    mutating func range(of subtree: OID) -> SubtreeRange? {
        guard number(0...1) == 1 else { return nil }
        return SubtreeRange(position: UInt8(number(1...subtree.count)), upperBound: number(0...UInt32.max))
    }

    mutating func body(_ type: PDUType) -> PDU.Body {
        let name = identifier()
        return switch type {
        case .open: .open(OpenPDU(timeout: number(0...255), identifier: name, description: OctetString(octets())))
        case .close: .close(ClosePDU(ClosePDU.Reason(rawValue: number(0...255))))
        case .register:
            .register(
                RegisterPDU(
                    timeout: number(0...255), priority: number(0...255), subtree: name, range: range(of: name)))
        case .unregister:
            .unregister(UnregisterPDU(priority: number(0...255), subtree: name, range: range(of: name)))
        case .get: .get(GetPDU(ranges()))
        case .getNext: .getNext(GetNextPDU(ranges()))
        case .getBulk:
            .getBulk(
                GetBulkPDU(nonRepeaters: number(0...UInt16.max), maxRepetitions: number(0...UInt16.max), ranges()))
        case .testSet: .testSet(TestSetPDU(bindings()))
        case .commitSet: .commitSet(CommitSetPDU())
        case .undoSet: .undoSet(UndoSetPDU())
        case .cleanupSet: .cleanupSet(CleanupSetPDU())
        case .notify: .notify(NotifyPDU(bindings()))
        case .ping: .ping(PingPDU())
        case .indexAllocate: .indexAllocate(IndexAllocatePDU(bindings()))
        case .indexDeallocate: .indexDeallocate(IndexDeallocatePDU(bindings()))
        case .addAgentCaps: .addAgentCaps(AddAgentCapsPDU(name, OctetString(octets())))
        case .removeAgentCaps: .removeAgentCaps(RemoveAgentCapsPDU(name))
        default:
            .response(
                ResponsePDU(
                    sysUpTime: number(0...UInt32.max), ResponseStatus(rawValue: number(0...300)),
                    index: number(0...UInt16.max), bindings()))
        }
    }

    mutating func pdu(_ type: PDUType) -> PDU {
        PDU(
            body(type), sessionID: number(0...UInt32.max), transactionID: number(0...UInt32.max),
            packetID: number(0...UInt32.max), flags: PDUFlags(rawValue: number(0...7)),
            context: type.mayHaveContext && number(0...1) == 1 ? OctetString(octets()) : nil)
    }
}

extension PDUType {
    static let all = (PDUType.open.rawValue...PDUType.response.rawValue).map { PDUType(rawValue: $0) }
}

extension PDU {
    func encoded(_ order: ByteOrder = .network) -> [UInt8] {
        let output = OutputBuffer(capacity: 16)
        encode(into: output, order)
        return Array(output.bytes)
    }

    init(_ octets: [UInt8], limit: Int = PDUHeader.maximumPayload) throws(AgentXError) {
        // A closure for withUnsafeBytes would lose the type of the error.
        let result = octets.withUnsafeBytes { bytes in
            Result { () throws(AgentXError) in try PDU(bytes, limit: limit) }
        }
        self = try result.get()
    }
}
