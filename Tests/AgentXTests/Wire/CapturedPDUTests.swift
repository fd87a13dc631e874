import SMI
import Testing

@testable import AgentX

/// PDUs of programs that nobody here wrote.
///
/// Recorded on Debian 12 by a proxy on the AgentX socket between two snmpd 5.9.3: a master without system_mib (-I
/// -system_mib), and one run as a subagent (-X -I system_mib) with agentXPingInterval 1, on x86-64. GetBulk came from a
/// module inside the master that passes GETBULK on. The Notify and the Close are agentxtrap's, of net-snmp 5.9.3. UndoSet
/// is what the same master sent to a subagent whose session is in network byte order.
@Suite struct CapturedPDUTests {
    struct Capture: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let octets: String
        let pdu: PDU
        var order = ByteOrder.littleEndian
        /// Whether every reserved octet is 0, so that encoding gives the same octets.
        var isCanonical = true
    }

    private static let system: OID = [1, 3, 6, 1, 2, 1, 1]
    private static let contact = system.appending([4, 0])
    private static let linux: OID = [1, 3, 6, 1, 4, 1, 8072, 3, 2, 10]
    private static let trap: OID = [1, 3, 6, 1, 6, 3, 1, 1, 4]

    private static let captures = [
        Capture(
            testDescription: "Open",
            octets: """
                010100000000000000000000d3eade143c000000010000000504000001000000881f000003000000020000000a000000190000004e65\
                742d534e4d50204167656e7458207375622d6167656e74000000
                """,
            pdu: PDU(
                .open(OpenPDU(timeout: 1, identifier: linux, description: "Net-SNMP AgentX sub-agent")),
                packetID: 0x14DE_EAD3)),
        Capture(
            testDescription: "Response to Open",
            octets: """
                011200000600000000000000d3eade14440000009700000000000000040000000504000001000000881f000003000000020000000a00\
                0000190000004e65742d534e4d50204167656e7458207375622d6167656e74000000
                """,
            pdu: PDU(
                .response(
                    ResponsePDU(sysUpTime: 151, .noError, [VarBind(linux, .text("Net-SNMP AgentX sub-agent"))])),
                sessionID: 6, packetID: 0x14DE_EAD3)),
        Capture(
            testDescription: "Register",
            octets: "010300000600000000000000d7eade1414000000007f000003020000010000000100000004000000",
            pdu: PDU(.register(RegisterPDU(subtree: system.appending(4))), sessionID: 6, packetID: 0x14DE_EAD7)),
        Capture(
            testDescription: "Response to Register",
            octets: "011200000600000000000000d7eade141c00000097000000000000000500000003020000010000000100000004000000",
            pdu: PDU(
                .response(ResponsePDU(sysUpTime: 151, .noError, [VarBind(system.appending(4), .null)])), sessionID: 6,
                packetID: 0x14DE_EAD7)),
        Capture(
            testDescription: "Notify, with an include octet where it has no meaning",
            octets: """
                010c00000600000000000000dceade148c0000004300000004020000010000000100000003000000000000009700000006000000060600\
                0003000000010000000100000004000000010000000000000005060100030000000100000001000000050000000100000006000000060600\
                000300000001000000010000000400000003000000000000000504010001000000881f000003000000020000000a000000
                """,
            pdu: PDU(
                .notify(
                    NotifyPDU([
                        VarBind(system.appending([3, 0]), .timeTicks(151)),
                        VarBind(
                            trap.appending([1, 0]), .objectIdentifier([1, 3, 6, 1, 6, 3, 1, 1, 5, 1])),
                        VarBind(trap.appending([3, 0]), .objectIdentifier(linux)),
                    ])), sessionID: 6, packetID: 0x14DE_EADC),
            isCanonical: false),
        Capture(
            testDescription: "Ping",
            octets: "010d00000600000000000000ddeade1400000000",
            pdu: PDU(.ping(PingPDU()), sessionID: 6, packetID: 0x14DE_EADD)),
        Capture(
            testDescription: "Response to Ping",
            octets: "011200000600000000000000ddeade1408000000fb00000000000000",
            pdu: PDU(.response(ResponsePDU(sysUpTime: 251)), sessionID: 6, packetID: 0x14DE_EADD)),
        Capture(
            testDescription: "Get",
            octets: "0105000006000000010000000200000018000000040200000100000001000000040000000000000000000000",
            pdu: PDU(.get(GetPDU([SearchRange(contact)])), sessionID: 6, transactionID: 1, packetID: 2)),
        Capture(
            testDescription: "GetNext",
            octets: """
                010600000600000005000000070000004400000003020100010000000100000001000000030200000100000001000000020000000402\
                00000100000001000000050000000000000003020000010000000100000006000000
                """,
            pdu: PDU(
                .getNext(
                    GetNextPDU([
                        SearchRange(system.appending(1), include: true, before: system.appending(2)),
                        SearchRange(system.appending([5, 0]), before: system.appending(6)),
                    ])), sessionID: 6, transactionID: 5, packetID: 7)),
        Capture(
            testDescription: "Response to GetNext",
            octets: """
                01120000060000000500000007000000780000000000000000000000040000000402000001000000010000000100000000000000390000\
                004c696e757820766d20362e31382e34342d66632d7635393520233120534d5020505245454d50545f44594e414d4943204030207838365f\
                3634000000820000000402000001000000010000000500000000000000
                """,
            pdu: PDU(
                .response(
                    ResponsePDU(
                        .noError,
                        [
                            VarBind(
                                system.appending([1, 0]),
                                .text("Linux vm 6.18.44-fc-v595 #1 SMP PREEMPT_DYNAMIC @0 x86_64")),
                            VarBind(system.appending([5, 0]), .endOfMIBView),
                        ])), sessionID: 6, transactionID: 5, packetID: 7)),
        Capture(
            testDescription: "GetBulk",
            octets: """
                0107000006000000050000000600000024000000000003000302000001000000010000000500000003020000010000000100000006000000
                """,
            pdu: PDU(
                .getBulk(
                    GetBulkPDU(
                        nonRepeaters: 0, maxRepetitions: 3,
                        [SearchRange(system.appending(5), before: system.appending(6))])), sessionID: 6,
                transactionID: 5, packetID: 6)),
        Capture(
            testDescription: "TestSet",
            octets: """
                010800000600000010000000110000003c00000004000000040200000100000001000000040000000000000003000000796f75000200\
                0000040200000100000001000000050000000000000007000000
                """,
            pdu: PDU(
                .testSet(
                    TestSetPDU([VarBind(contact, .text("you")), VarBind(system.appending([5, 0]), .integer(7))])),
                sessionID: 6, transactionID: 16, packetID: 17)),
        Capture(
            testDescription: "Response to TestSet",
            octets: """
                0112000006000000100000001100000044000000000000000700020004000000040200000100000001000000040000000000000003000000\
                796f750002000000040200000100000001000000050000000000000007000000
                """,
            pdu: PDU(
                .response(
                    ResponsePDU(
                        ResponseStatus(.wrongType), index: 2,
                        [VarBind(contact, .text("you")), VarBind(system.appending([5, 0]), .integer(7))])),
                sessionID: 6, transactionID: 16, packetID: 17)),
        Capture(
            testDescription: "CommitSet",
            octets: "0109000006000000090000000b00000000000000",
            pdu: PDU(.commitSet(CommitSetPDU()), sessionID: 6, transactionID: 9, packetID: 11)),
        Capture(
            testDescription: "CleanupSet",
            octets: "010b000006000000090000000c00000000000000",
            pdu: PDU(.cleanupSet(CleanupSetPDU()), sessionID: 6, transactionID: 9, packetID: 12)),
        Capture(
            testDescription: "UndoSet",
            octets: "010a1000000000060000000f0000001200000000",
            pdu: PDU(.undoSet(UndoSetPDU()), sessionID: 6, transactionID: 15, packetID: 18),
            order: .network),
        Capture(
            testDescription: "Close",
            octets: "010200000600000000000000e3eade140400000005000000",
            pdu: PDU(.close(ClosePDU(.shutdown)), sessionID: 6, packetID: 0x14DE_EAE3)),
        Capture(
            testDescription: "Register of a range, the example of RFC 2741 section 6.2.3",
            octets: """
                010310000000000100000000000000010000002400ff0a0006020000000000010000000200000002000000010000000100000007\
                00000016
                """,
            pdu: PDU(
                .register(
                    RegisterPDU(
                        priority: 255, subtree: [1, 3, 6, 1, 2, 1, 2, 2, 1, 1, 7],
                        range: SubtreeRange(position: 10, upperBound: 22))), sessionID: 1, packetID: 1),
            order: .network),
    ]

    @Test(arguments: captures)
    func `what others send is understood, and encoded alike`(capture: Capture) throws {
        let octets = bytes(capture.octets)
        #expect(try PDU(octets) == capture.pdu)
        if capture.isCanonical { #expect(capture.pdu.encoded(capture.order) == octets) }
    }

    @Test(arguments: captures)
    func `what others send, cut off anywhere, is refused`(capture: Capture) {
        let octets = bytes(capture.octets)
        for length in octets.indices {
            #expect(throws: AgentXError(.truncated, "")) { try PDU(Array(octets[..<length])) }
        }
    }

    private func bytes(_ hexadecimal: String) -> [UInt8] {
        let digits = hexadecimal.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
    }
}
