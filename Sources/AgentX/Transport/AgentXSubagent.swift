package import EventLoop
import Glibc
package import Logging
package import SMI
import Synchronization

/// A subagent of a master agent such as net-snmp's snmpd: it connects to the master's socket, keeps a session open over
/// every restart, answers requests from a reader and a writer, and delivers notifications.
///
/// It runs on the thread of an event loop: a request is answered there, with one read and one write, and a commit is a
/// task there, beside which other requests go on being answered.
package actor AgentXSubagent {
    package nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private nonisolated let loop: EventLoop
    private nonisolated let queue: NotificationQueue
    private nonisolated let published = Mutex(AgentXCounters())
    private let configuration: AgentXConfiguration
    private let session: Session
    private let input: InputBuffer
    private let logger: Logger
    private let report: @Sendable (AgentXEvent) -> Void

    private var socket: MasterSocket?
    /// What the socket is watched for, besides failure.
    private var isReading = false
    private var isWriting = false
    private var backoff: Backoff
    private var reconnection: EventLoop.Timer?
    private var timer: (timer: EventLoop.Timer, deadline: Int64)?
    /// The failure of the last attempt to connect, so that the log tells a row of like ones once.
    private var lastFailure: AgentXError?
    private var isStarted = false
    private var isSettling = false
    /// The master did not take the output just now.
    private var isBlocked = false
    private var hasEnded = false
    private var waitingForEnd: [CheckedContinuation<Void, Never>] = []

    /// - Parameters:
    ///   - reader: answers Get, GetNext and GetBulk; called on the loop's thread alone.
    ///   - writer: accepts SETs; without one every SET is answered with notWritable.
    ///   - events: called on the loop's thread; must not block.
    package init(
        configuration: AgentXConfiguration, reader: sending any ObjectReader, writer: (any ObjectWriter)?,
        loop: EventLoop, logger: Logger, events: @escaping @Sendable (AgentXEvent) -> Void
    ) {
        self.configuration = configuration
        self.loop = loop
        self.logger = logger
        report = events
        queue = NotificationQueue(limit: configuration.notificationLimit)
        session = Session(configuration, reader: reader, writer: writer, queue: queue)
        input = InputBuffer(capacity: 2 * (PDUHeader.length + configuration.payloadLimit))
        backoff = Backoff(first: configuration.reconnectDelay, maximum: configuration.maximumReconnectDelay)
    }

    /// Starts connecting, and keeps trying.
    package func start() {
        guard !isStarted, !hasEnded else { return }
        isStarted = true
        connect()
    }

    /// Adds a notification to those waiting for the master. From any thread, and without waiting for anything.
    package nonisolated func notify(_ notification: Notification) {
        guard queue.add(notification) else { return }
        loop.perform {
            self.assumeIsolated { $0.takeNotifications() }
        }
    }

    /// Answers what has been asked, sends the notifications that wait, closes the session and the connection. Returns
    /// when that is done, or has taken longer than the configuration allows.
    package func shutDown() async {
        session.shutDown(at: now())
        settle()
        guard !hasEnded else { return }
        await withCheckedContinuation { waitingForEnd.append($0) }
    }

    /// What has been done so far. From any thread.
    package nonisolated var counters: AgentXCounters {
        var counters = published.withLock { $0 }
        counters.notificationsDropped = queue.dropped
        counters.notificationsCoalesced = queue.coalesced
        return counters
    }

    /// How many notifications wait. From any thread.
    package nonisolated var notificationsWaiting: Int { queue.count }
}

// MARK: - What the master holds for us

extension AgentXSubagent {
    /// Registers a region, now and after every reconnection.
    package func register(_ region: Region) {
        session.regions.want(region)
        advance()
    }

    /// Takes a region back (RFC 2741 section 6.2.4).
    package func unregister(_ region: Region) {
        session.regions.forgo(region)
        advance()
    }

    /// Lists capabilities in sysORTable, now and after every reconnection.
    package func add(_ capability: AgentCapability) {
        session.capabilities.want(capability)
        advance()
    }

    /// Takes capabilities back (RFC 2741 section 6.2.15).
    package func remove(_ capability: AgentCapability) {
        session.capabilities.forgo(capability)
        advance()
    }

    /// Which index value is asked for (RFC 2741 section 7.1.4.2.2).
    package enum IndexChoice: Sendable {
        /// The values in the bindings.
        case given
        /// Any that is not allocated now.
        case any
        /// One that was never allocated.
        case new
    }

    /// Allocates index values; the master frees them when the session ends.
    ///
    /// - Returns: the index objects with the values allocated.
    /// - Throws: `refused` with the status, `notConnected`, or why the connection ended meanwhile.
    package func allocateIndexes(
        _ bindings: [VarBind], _ choice: IndexChoice = .given, context: OctetString? = nil
    ) async throws(AgentXError) -> [VarBind] {
        let flags: PDUFlags =
            switch choice {
            case .given: []
            case .any: .anyIndex
            case .new: .newIndex
            }
        return try await request(.indexAllocate(IndexAllocatePDU(bindings)), flags: flags, context: context).bindings
    }

    /// Gives index values back.
    ///
    /// - Throws: `refused` with the status, `notConnected`, or why the connection ended meanwhile.
    package func deallocateIndexes(_ bindings: [VarBind], context: OctetString? = nil) async throws(AgentXError) {
        _ = try await request(.indexDeallocate(IndexDeallocatePDU(bindings)), flags: [], context: context)
    }

    private func request(
        _ body: PDU.Body, flags: PDUFlags, context: OctetString?
    ) async throws(AgentXError) -> ResponsePDU {
        let result: Result<ResponsePDU, AgentXError> = await withCheckedContinuation { continuation in
            session.request(body, flags: flags, context: context, at: now()) { continuation.resume(returning: $0) }
            settle()
        }
        return try result.get()
    }

    private func advance() {
        session.advance(at: now())
        settle()
    }

    private func takeNotifications() {
        queue.acknowledgeAnnouncement()
        advance()
    }
}

// MARK: - The connection

extension AgentXSubagent {
    private func connect() {
        reconnection = nil
        guard !hasEnded, socket == nil else { return }
        do throws(AgentXError) {
            let socket = try MasterSocket(path: configuration.socketPath, trusting: configuration.trustsUser)
            self.socket = socket
            isReading = true
            isWriting = false
            input.removeAll()
            loop.watch(socket.descriptor, for: .read) { [self] in socketIsReady(for: $0) }
            session.connected(at: now())
            settle()
        } catch {
            if lastFailure?.message != error.message { tell(.connectionFailed(error)) }
            lastFailure = error
            reconnectLater()
        }
    }

    private func reconnectLater() {
        guard !hasEnded, reconnection == nil else { return }
        var random = SystemRandomNumberGenerator()
        reconnection = loop.schedule(after: backoff.delay(using: &random)) { [self] in connect() }
    }

    private func disconnect() {
        guard let socket else { return }
        flush()
        loop.unwatch(socket.descriptor)
        self.socket = nil
    }

    private func socketIsReady(for interest: EventLoop.Interest) {
        // Write alone means that there is room again; all else, failures included, shows in a read.
        if interest != .write, isReading { receive() }
        settle()
    }

    private func receive() {
        guard let socket else { return }
        switch input.fill(from: socket) {
        case .octets: input.drain { session.receive($0, at: now()) }
        case .wouldBlock: break
        case .ended(let error): session.connectionLost(error)
        }
    }

    /// Does what the session wants done, sends what it wrote, and waits for what comes next.
    private func settle() {
        guard !isSettling else { return }
        isSettling = true
        repeat {
            while !session.effects.isEmpty {
                let effects = session.effects
                session.effects = []
                for effect in effects { perform(effect) }
            }
            // Before the answer leaves: who has it may look at the counters.
            published.withLock { $0 = session.counters }
            flush()
            // Requests left unread while the master did not take our answers.
            if session.output.count < configuration.outputLimit, input.isHeldBack {
                input.drain { session.receive($0, at: now()) }
            }
        } while !session.effects.isEmpty || (session.output.count > 0 && socket != nil && !isBlocked)
        watchAnew()
        if session.isDeadlineNew { schedule() }
        isSettling = false
    }

    private func flush() {
        isBlocked = false
        guard let socket, session.output.count > 0 else { return }
        switch socket.send(session.output.bytes) {
        case .octets(let count): session.output.drop(count)
        case .wouldBlock: isBlocked = true
        case .ended(let error): session.connectionLost(error)
        }
    }

    private func perform(_ effect: Session.Effect) {
        switch effect {
        case .report(let event):
            if case .ready = event {
                backoff.reset()
                lastFailure = nil
            }
            tell(event)
        case .run(let job):
            // Most commits end without a suspension: then the answer leaves with this very write.
            Task.immediate {
                let failure = await job.run()
                finished(job, failure)
            }
        case .disconnect:
            disconnect()
            reconnectLater()
        case .end:
            disconnect()
            hasEnded = true
            if let reconnection { loop.cancel(reconnection) }
            for waiting in waitingForEnd { waiting.resume() }
            waitingForEnd = []
        }
    }

    private func finished(_ job: SetJob, _ failure: SetFailure?) {
        if let failure, job.action == .undo {
            logger.error("A change could not be undone", metadata: ["error": "\(failure.status)"])
        }
        session.finished(job, failure, at: now())
        settle()
    }

    private func tell(_ event: AgentXEvent) {
        event.log(to: logger)
        report(event)
    }

    /// A master that does not take our answers gets no more of its requests read.
    private func watchAnew() {
        let mayRead = session.output.count < configuration.outputLimit
        let mustWrite = session.output.count > 0
        guard let socket, mayRead != isReading || mustWrite != isWriting else { return }
        isReading = mayRead
        isWriting = mustWrite
        var interest: EventLoop.Interest = mayRead ? .read : []
        if mustWrite { interest.insert(.write) }
        loop.rewatch(socket.descriptor, for: interest)
    }

    private func schedule() {
        session.isDeadlineNew = false
        let deadline = session.nextDeadline
        if let timer, let deadline, timer.deadline <= deadline { return }
        if let timer { loop.cancel(timer.timer) }
        timer = nil
        guard let deadline, !hasEnded else { return }
        let timer = loop.schedule(after: .nanoseconds(max(0, deadline - now()))) { [self] in timerFired() }
        self.timer = (timer, deadline)
    }

    private func timerFired() {
        timer = nil
        session.tick(at: now())
        session.isDeadlineNew = true
        settle()
    }

    /// The clock that network events are stamped with, so that sysUpTime can be told for any of them.
    private func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
