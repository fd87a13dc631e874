import SMI

@testable import AgentX

/// A session, its clock, and the master's end of it.
final class ScriptedSession {
    let session: Session
    let queue: NotificationQueue
    let writer = FakeWriter()
    var now: Int64 = 1_000_000_000
    /// Commits and undos that the session wants run.
    var jobs: [SetJob] = []
    var events: [AgentXEvent] = []
    var disconnections: [AgentXError] = []
    var hasEnded = false
    var order = ByteOrder.network
    private var packetID: UInt32 = 100

    static let root: OID = [1, 3, 6, 1, 4, 1, 32473]

    init(
        _ instances: [VarBind] = [], isWritable: Bool = true,
        _ adjust: (inout AgentXConfiguration) -> Void = { _ in }
    ) {
        var configuration = AgentXConfiguration(description: "scripted")
        adjust(&configuration)
        queue = NotificationQueue(limit: configuration.notificationLimit)
        session = Session(
            configuration, reader: FakeReader(instances), writer: isWritable ? writer : nil, queue: queue)
    }

    /// Connects, and opens session 7.
    @discardableResult
    func open() -> [PDU] {
        session.connected(at: now)
        let open = sent()
        answer(open, sessionID: 7)
        return open
    }

    /// Hands octets over as the transport does, and looks at what comes of it.
    func receive(_ octets: [UInt8]) {
        var rest = octets[...]
        while !rest.isEmpty {
            let used = Array(rest).withUnsafeBytes { session.receive($0, at: now) }
            rest = rest.dropFirst(used)
            collect()
            if used == 0 { break }
        }
    }

    func receive(_ pdu: PDU) {
        receive(pdu.encoded(order))
    }

    /// Sends a request under a new packet number.
    @discardableResult
    func request(
        _ body: PDU.Body, transaction: UInt32 = 1, packet: UInt32? = nil, context: OctetString? = nil,
        session sessionID: UInt32 = 7
    ) -> UInt32 {
        packetID += 1
        let packet = packet ?? packetID
        receive(
            PDU(body, sessionID: sessionID, transactionID: transaction, packetID: packet, context: context))
        return packet
    }

    /// Everything written since the last time.
    func sent() -> [PDU] {
        collect()
        var octets = Array(session.output.bytes)
        session.output.removeAll()
        var pdus: [PDU] = []
        while octets.count >= PDUHeader.length {
            guard let header = octets.withUnsafeBytes({ try? PDUHeader($0) }) else { break }
            let length = PDUHeader.length + header.payloadLength
            if let pdu = try? PDU(Array(octets[..<length])) { pdus.append(pdu) }
            octets.removeFirst(length)
        }
        return pdus
    }

    /// The answers written since the last time.
    func answers() -> [ResponsePDU] {
        sent().compactMap { if case .response(let response) = $0.body { response } else { nil } }
    }

    /// Answers requests of the session as a master does.
    func answer(
        _ requests: [PDU], _ status: ResponseStatus = .noError, sessionID: UInt32 = 7, sysUpTime: UInt32 = 4242
    ) {
        for request in requests {
            receive(
                PDU(
                    .response(ResponsePDU(sysUpTime: sysUpTime, status)), sessionID: sessionID,
                    packetID: request.packetID))
        }
    }

    /// Lets time pass.
    func wait(_ duration: Duration) {
        now += duration.nanoseconds
        session.tick(at: now)
        collect()
    }

    /// Runs what the session wants run.
    func runJobs() async {
        collect()
        while !jobs.isEmpty {
            let job = jobs.removeFirst()
            session.finished(job, await job.run(), at: now)
            collect()
        }
    }

    func notify(_ number: UInt32, key: String? = nil) {
        _ = queue.add(Notification(Self.root.appending(number), [], key: key))
        session.advance(at: now)
    }

    private func collect() {
        let effects = session.effects
        session.effects = []
        for effect in effects {
            switch effect {
            case .run(let job): jobs.append(job)
            case .report(.sysUpTime): break
            case .report(let event): events.append(event)
            case .disconnect(let error): disconnections.append(error)
            case .end: hasEnded = true
            }
        }
    }
}

extension [PDU] {
    /// The notifications among them, by the last sub-identifier.
    var notifications: [UInt32] {
        compactMap { pdu in
            if case .notify(let notify) = pdu.body, case .objectIdentifier(let name) = notify.bindings[0].value {
                name.words.last
            } else {
                nil
            }
        }
    }

    var types: [PDUType] { map { Swift.type(of: $0.body.payload).type } }
}
