import SMI
import Testing

@testable import AgentX

@Suite struct SessionReadingTests {
    static let root = ScriptedSession.root
    static let instances = [
        VarBind(root.appending([1, 1, 1]), .integer(11)), VarBind(root.appending([1, 1, 2]), .integer(12)),
        VarBind(root.appending([1, 1, 3]), .integer(13)), VarBind(root.appending([1, 2, 1]), .text("a")),
        VarBind(root.appending([1, 2, 2]), .text("b")),
    ]

    private func name(_ tail: UInt32...) -> OID { Self.root.appending(tail) }

    @Test(arguments: ByteOrder.allCases)
    func `GET answers each name in its place, in the byte order of the request`(order: ByteOrder) {
        let script = ScriptedSession(Self.instances)
        script.order = order
        script.open()
        script.request(
            .get(GetPDU([SearchRange(name(1, 1, 2)), SearchRange(name(9)), SearchRange(name(1, 2, 1))])),
            transaction: 77, packet: 88)
        let octets = Array(script.session.output.bytes)
        #expect(PDUFlags(rawValue: octets[2]) == (order == .network ? .networkByteOrder : []))
        let answer = script.sent()
        #expect(answer.count == 1)
        #expect(answer.first?.sessionID == 7)
        #expect(answer.first?.transactionID == 77)
        #expect(answer.first?.packetID == 88)
        let bindings = [
            VarBind(name(1, 1, 2), .integer(12)), VarBind(name(9), .noSuchInstance), VarBind(name(1, 2, 1), .text("a")),
        ]
        #expect(answer.first?.body == .response(ResponsePDU(.noError, bindings)))
    }

    @Test func `GETNEXT honours include and end, and answers endOfMibView under the name asked for`() {
        let script = ScriptedSession(Self.instances)
        script.open()
        script.request(
            .getNext(
                GetNextPDU([
                    SearchRange(name(1, 1, 1)), SearchRange(name(1, 1, 1), include: true),
                    SearchRange(name(1, 1, 3), before: name(1, 2)), SearchRange(name(1, 2, 2)),
                ])))
        let bindings = [
            VarBind(name(1, 1, 2), .integer(12)), VarBind(name(1, 1, 1), .integer(11)),
            VarBind(name(1, 1, 3), .endOfMIBView), VarBind(name(1, 2, 2), .endOfMIBView),
        ]
        #expect(script.answers() == [ResponsePDU(.noError, bindings)])
    }

    @Test func `GETBULK repeats row by row until every range is at its end`() {
        let script = ScriptedSession(Self.instances)
        script.open()
        let ranges = [
            SearchRange(name(1, 2), before: name(9)), SearchRange(name(1, 1, 1), include: true, before: name(1, 2)),
            SearchRange(name(1, 2, 1), before: name(9)),
        ]
        script.request(.getBulk(GetBulkPDU(nonRepeaters: 1, maxRepetitions: 50, ranges)))
        let bindings = [
            VarBind(name(1, 2, 1), .text("a")),
            VarBind(name(1, 1, 1), .integer(11)), VarBind(name(1, 2, 2), .text("b")),
            VarBind(name(1, 1, 2), .integer(12)), VarBind(name(1, 2, 2), .endOfMIBView),
            VarBind(name(1, 1, 3), .integer(13)), VarBind(name(1, 2, 2), .endOfMIBView),
            VarBind(name(1, 1, 3), .endOfMIBView), VarBind(name(1, 2, 2), .endOfMIBView),
        ]
        #expect(script.answers() == [ResponsePDU(.noError, bindings)])
    }

    @Test(arguments: [(0, 0, 0), (5, 0, 2), (1, 0, 1), (0, 1, 2), (2, 9, 2), (65535, 65535, 2)])
    func `GETBULK keeps to its two numbers`(nonRepeaters: UInt16, maxRepetitions: UInt16, count: Int) {
        let script = ScriptedSession(Self.instances)
        script.open()
        let ranges = [SearchRange(name(1, 1)), SearchRange(name(1, 2))]
        script.request(
            .getBulk(GetBulkPDU(nonRepeaters: nonRepeaters, maxRepetitions: maxRepetitions, ranges)))
        #expect(script.answers().first?.bindings.count == count)
    }

    @Test func `GETBULK gives whole repetitions up to the size of a PDU`() {
        let rows = (1...9000).map { VarBind(Self.root.appending([1, 1, UInt32($0)]), .text("0123456789abcdef")) }
        let script = ScriptedSession(rows)
        script.open()
        script.request(
            .getBulk(
                GetBulkPDU(
                    nonRepeaters: 0, maxRepetitions: 20000, (0..<3).map { SearchRange(name(1, 1, $0 * 2000)) })))
        #expect(script.session.output.count <= 65_536)
        #expect(script.session.output.count > 65_000)
        let bindings = script.answers().first?.bindings ?? []
        #expect(bindings.count % 3 == 0)
        #expect(bindings.count > 1000)
    }

    @Test func `GETBULK whose first repetition is too large gives as much of it as fits`() {
        let script = ScriptedSession([VarBind(name(1), .bytes(zeros(30000)))])
        script.open()
        script.request(
            .getBulk(GetBulkPDU(nonRepeaters: 0, maxRepetitions: 5, [1, 2, 3].map { _ in SearchRange(name(0)) })))
        #expect(script.answers().first?.bindings.count == 2)
    }

    @Test(arguments: [
        PDU.Body.get(GetPDU([SearchRange(root.appending(1)), SearchRange(root.appending(2))])),
        .getNext(GetNextPDU([SearchRange(root.appending(0)), SearchRange(root.appending(1))])),
        .getBulk(
            GetBulkPDU(
                nonRepeaters: 2, maxRepetitions: 0, [SearchRange(root.appending(0)), SearchRange(root.appending(1))])),
    ])
    func `an answer too large for a PDU is genErr at the binding that did not fit`(body: PDU.Body) {
        let script = ScriptedSession([
            VarBind(name(1), .bytes(zeros(40000))), VarBind(name(2), .bytes(zeros(40000))),
        ])
        script.open()
        script.request(body)
        #expect(script.answers() == [ResponsePDU(ResponseStatus(.genErr), index: 2)])
    }

    @Test func `a context that is not ours has no objects`() {
        let script = ScriptedSession(Self.instances)
        script.open()
        let range = [SearchRange(name(1, 1, 1))]
        script.request(.get(GetPDU(range)), context: "other")
        script.request(.getNext(GetNextPDU(range)), context: "other")
        script.request(.getBulk(GetBulkPDU(nonRepeaters: 0, maxRepetitions: 3, range)), context: "other")
        let end = ResponsePDU(.noError, [VarBind(name(1, 1, 1), .endOfMIBView)])
        #expect(script.answers() == [ResponsePDU(.noError, [VarBind(name(1, 1, 1), .noSuchObject)]), end, end])
    }

    @Test func `the context of a region, and one that the configuration accepts, are ours`() {
        let script = ScriptedSession(Self.instances) { configuration in
            configuration.regions = [Region(Self.root, context: "blue")]
            configuration.acceptsContext = { $0.text?.hasPrefix("principal:") == true }
        }
        script.open()
        _ = script.sent()
        for context: OctetString in ["blue", "principal:joe", "principal:ann", "principal:ann", "blue"] {
            script.request(.get(GetPDU([SearchRange(name(1, 1, 1))])), context: context)
        }
        #expect(script.answers().map(\.bindings) == Array(repeating: [Self.instances[0]], count: 5))
    }

    @Test func `a request for another session is answered with notOpen`() {
        let script = ScriptedSession(Self.instances)
        script.open()
        script.request(.get(GetPDU([SearchRange(name(1))])), session: 8)
        #expect(script.answers() == [ResponsePDU(.notOpen)])
    }

    @Test func `a request that cannot be decoded is answered with parseError, and the next as ever`() {
        let script = ScriptedSession(Self.instances)
        script.open()
        var octets = PDU(.get(GetPDU([SearchRange(name(1))])), sessionID: 7, packetID: 5).encoded()
        octets[20] = 200
        script.receive(octets)
        script.receive(octets)
        script.request(.get(GetPDU([SearchRange(name(1, 1, 1))])))
        #expect(
            script.answers() == [
                ResponsePDU(.parseError), ResponsePDU(.parseError), ResponsePDU(.noError, [Self.instances[0]]),
            ])
        #expect(script.session.counters.parseErrors == 2)
        #expect(script.events.filter { if case .malformedPDU = $0 { true } else { false } }.count == 1)
    }

    @Test func `PDUs may arrive in any pieces, many at once or an octet at a time`() {
        let script = ScriptedSession(Self.instances)
        script.open()
        let octets = (1...20).flatMap { number in
            PDU(.get(GetPDU([SearchRange(name(1, 1, 1))])), sessionID: 7, packetID: number).encoded()
        }
        script.receive(octets)
        #expect(script.answers().count == 20)
        var held: [UInt8] = []
        for octet in octets {
            held.append(octet)
            let used = held.withUnsafeBytes { script.session.receive($0, at: script.now) }
            held.removeFirst(used)
        }
        #expect(held.isEmpty)
        #expect(script.answers().count == 20)
    }

    @Test func `nothing is read while the master does not take the answers`() {
        let script = ScriptedSession([VarBind(name(1), .bytes(zeros(1000)))]) { $0.outputLimit = 10_000 }
        script.open()
        let octets = (1...100).flatMap { number in
            PDU(.get(GetPDU([SearchRange(name(1))])), sessionID: 7, packetID: number).encoded()
        }
        let used = octets.withUnsafeBytes { script.session.receive($0, at: script.now) }
        #expect(used < octets.count)
        #expect(script.session.output.count < 12_000)
        let first = script.answers().count
        script.receive(Array(octets[used...]))
        #expect(first + script.answers().count < 100, "still bounded")
    }
}
