import Foundation
import Testing

/// `oriond` as a process, without snmpd.
@Suite(.serialized) struct DaemonProcessTests {
    /// Runs oriond with a configuration file of this text, and kills it if it is still there afterwards.
    private func withDaemon(
        _ text: String, _ body: (BackgroundProcess, URL) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory async throws in
            let file = directory.appending(path: "oriond.toml")
            try text.write(to: file, atomically: false, encoding: .utf8)
            let process = try BackgroundProcess([
                Host.oriond, "--config", file.path, "--agentx-socket", directory.appending(path: "agentx").path,
                "--state-directory", directory.appending(path: "state").path,
                "--refusal-socket", directory.appending(path: "refusals").path,
            ])
            defer {
                process.send(SIGKILL)
                process.removeOutput()
            }
            try await body(process, file)
        }
    }

    @Test func `a bad configuration refuses the start with status 78 and the line`() async throws {
        try await withDaemon("[network_manager]\nmanager_timeout = 5\n") { process, file async throws in
            #expect(await process.exitStatus() == 78)
            #expect(
                process.error
                    == "\(file.path):2: [network_manager] manager_timeout: "
                    + "expected an integer from 100 to 3600000 (milliseconds), found the integer 5\n")
        }
    }

    @Test(arguments: [SIGTERM, SIGINT]) func `a polite signal ends it with status 0`(signal: Int32) async throws {
        try await withDaemon("") { process, _ async throws in
            try await eventually("ready") { process.error.contains("msg=ready") }
            process.send(signal)
            #expect(await process.exitStatus() == 0)
            #expect(process.error.contains("msg=stopped"))
        }
    }

    @Test func `a reload takes over what it can and names what needs a restart`() async throws {
        try await withDaemon("") { process, file async throws in
            try await eventually("ready") { process.error.contains("msg=ready") }
            try """
            [network_manager]
            manager_max_interfaces = 100
            [agentx]
            priority = 50
            """.write(to: file, atomically: false, encoding: .utf8)
            process.send(SIGHUP)
            try await eventually("reloaded") { process.error.contains("msg=\"configuration reloaded\"") }
            #expect(process.error.contains("changed=network_manager.manager_max_interfaces\n"))
            #expect(process.error.contains("msg=\"changed settings need a restart\" settings=agentx.priority\n"))
            #expect(await process.terminate() == 0)
        }
    }

    @Test func `a reload of a bad file changes nothing and says why`() async throws {
        try await withDaemon("") { process, file async throws in
            try await eventually("ready") { process.error.contains("msg=ready") }
            try "[log]\nlevel = \"loud\"\n".write(to: file, atomically: false, encoding: .utf8)
            process.send(SIGHUP)
            try await eventually("refused") { process.error.contains("msg=\"configuration not reloaded\"") }
            #expect(process.error.contains("\(file.path):2: [log] level: expected one of"))
            try "[log]\nlevel = \"debug\"\n".write(to: file, atomically: false, encoding: .utf8)
            process.send(SIGHUP)
            try await eventually("reloaded") { process.error.contains("changed=log.level\n") }
            #expect(await process.terminate() == 0)
        }
    }

    @Test func `many signals to reload at once do no harm`() async throws {
        try await withDaemon("") { process, _ async throws in
            try await eventually("ready") { process.error.contains("msg=ready") }
            for _ in 0..<100 { process.send(SIGHUP) }
            #expect(await process.terminate() == 0)
        }
    }

    @Test func `a configuration file is checked without starting anything`() async throws {
        let good = try await run([Host.oriond, "config", "check", Host.root.appending(path: "Config/oriond.toml").path])
        #expect(good.status == 0)
        #expect(good.output.hasSuffix("Config/oriond.toml: good\n"))
        let bad = try await run([Host.oriond, "config", "check", "/nonexistent"])
        #expect(bad.status == 78)
        #expect(bad.error == "/nonexistent: cannot be opened: No such file or directory\n")
    }

    @Test func `the version is printed`() async throws {
        let output = try await succeed([Host.oriond, "--version"])
        #expect(output.hasPrefix("oriond "))
    }

    @Test(arguments: [["--agentx-socket", "relative"], ["--log-level", "loud"], ["--unknown"], ["surplus"]])
    func `a bad option is a usage error`(arguments: [String]) async throws {
        let result = try await run([Host.oriond] + arguments)
        #expect(result.status == 64)
        #expect(result.output.isEmpty)
        #expect(result.error.contains("Usage: oriond"))
    }
}
