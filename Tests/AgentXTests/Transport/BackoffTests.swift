import Glibc
import RandomTesting
import Testing

@testable import AgentX

@Suite struct BackoffTests {
    @Test func `delays double up to the limit, vary, and start anew after a success`() {
        var random = SeededGenerator(seed: 1)
        var backoff = Backoff(first: .milliseconds(50), maximum: .seconds(30))
        var due = Duration.milliseconds(50)
        var delays: Set<Duration> = []
        for _ in 0..<20 {
            let delay = backoff.delay(using: &random)
            #expect(delay <= due && delay >= due / 2)
            delays.insert(delay)
            due = min(due * 2, .seconds(30))
        }
        #expect(delays.count == 20)
        backoff.reset()
        #expect(backoff.delay(using: &random) <= .milliseconds(50))
    }

    @Test(arguments: [(EACCES, "agentXPerms"), (ENOENT, "master agentx"), (ECONNREFUSED, "start snmpd")])
    func `a refused connection says what to do`(code: Int32, advice: String) {
        let error = AgentXError(connecting: "/var/agentx/master", errno: code)
        #expect(error.message.contains(advice))
        #expect(error.message.contains("/var/agentx/master"))
        #expect(error.errno == code)
    }

    @Test func `a path too long for a socket is refused`() {
        let path = "/tmp/" + String(repeating: "x", count: 200)
        #expect(throws: AgentXError(.socket, "")) { try MasterSocket(path: path, trusting: { _ in true }) }
    }
}
