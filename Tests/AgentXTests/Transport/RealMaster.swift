import Foundation
import Glibc
import Testing

/// A private snmpd: its own directory, a free port on loopback, communities "public" and "private".
final class RealMaster {
    static let tools = ["/usr/sbin/snmpd", "/usr/bin/snmpget", "/usr/bin/snmpset", "/usr/bin/snmpbulkwalk"]
    static var isAvailable: Bool {
        getuid() == 0 && tools.allSatisfy { FileManager.default.isExecutableFile(atPath: $0) }
    }

    let directory: String
    let port: UInt16
    private var process: ChildProcess?

    var socket: String { directory + "/master" }

    init() throws {
        directory = NSTemporaryDirectory() + "orion-agentx-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        port = freePort()
        let configuration = """
            agentaddress udp:127.0.0.1:\(port)
            rocommunity public 127.0.0.1
            rwcommunity private 127.0.0.1
            master agentx
            agentXSocket unix:\(socket)
            trap2sink 127.0.0.1:\(port) public
            """
        try configuration.write(toFile: directory + "/snmpd.conf", atomically: true, encoding: .utf8)
    }

    /// Starts it, and waits until it answers.
    func start() async throws {
        let log = open(directory + "/snmpd.log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        defer { close(log) }
        // smux would open a TCP port that the whole host shares.
        process = ChildProcess(
            ["/usr/sbin/snmpd", "-C", "-c", directory + "/snmpd.conf", "-I", "-smux", "-r", "-f", "-Lo"],
            environment: environment, output: log)
        try await eventually { try run("snmpget", ["-t0.1", "-Oqv", "1.3.6.1.2.1.1.3.0"]).status == 0 }
    }

    func stop() {
        process?.terminate()
        process = nil
    }

    func remove() {
        stop()
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// Runs a tool of net-snmp against it, names and values numeric.
    func run(
        _ tool: String, community: String = "public", _ arguments: [String]
    ) throws -> (status: Int32, output: String) {
        let options = arguments.filter { $0.hasPrefix("-") }
        let operands = arguments.filter { !$0.hasPrefix("-") }
        let words =
            ["/usr/bin/" + tool, "-v2c", "-c", community, "-On", "-t", "5", "-r", "0"] + options
            + ["127.0.0.1:\(port)"] + operands
        return try #require(ChildProcess.run(words, environment: environment))
    }

    private var environment: [String: String] {
        [
            "PATH": "/usr/sbin:/usr/bin:/bin", "SNMPCONFPATH": directory, "MIBS": "",
            "SNMP_PERSISTENT_DIR": directory + "/state",
        ]
    }
}

private func freePort() -> UInt16 {
    let descriptor = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
            _ = bind(descriptor, pointer, length)
            _ = getsockname(descriptor, pointer, &length)
        }
    }
    return UInt16(bigEndian: address.sin_port)
}
