import EventLoop
import Logging
import SMI
import Synchronization

@testable import AgentX

/// A subagent on a loop of its own, and what it reports.
final class TestSubagent: Sendable {
    let loop: EventLoop
    let agent: AgentXSubagent
    private let reported: EventLog

    var events: [AgentXEvent] { reported.events }
    var timesReady: Int { events.filter { $0 == .ready }.count }

    init(
        socket: String, tree: ObjectTree = ObjectTree(), writer: (any ObjectWriter)? = nil,
        _ adjust: (inout AgentXConfiguration) -> Void = { _ in }
    ) async throws {
        var configuration = AgentXConfiguration(description: "test subagent")
        configuration.socketPath = socket
        configuration.reconnectDelay = .milliseconds(5)
        configuration.maximumReconnectDelay = .milliseconds(40)
        adjust(&configuration)
        loop = try EventLoop(name: "agentx-test")
        try loop.start()
        let reported = EventLog()
        self.reported = reported
        var logger = Logger(label: "agentx-test")
        logger.logLevel = .critical
        agent = AgentXSubagent(
            configuration: configuration, reader: tree.makeReader(), writer: writer, loop: loop, logger: logger
        ) { reported.add($0) }
        await agent.start()
    }

    func end() async {
        await agent.shutDown()
        loop.stop()
    }
}

private final class EventLog: Sendable {
    private let state = Mutex<[AgentXEvent]>([])

    var events: [AgentXEvent] { state.withLock { $0 } }

    func add(_ event: AgentXEvent) {
        if case .sysUpTime = event { return }
        state.withLock { $0.append(event) }
    }
}
