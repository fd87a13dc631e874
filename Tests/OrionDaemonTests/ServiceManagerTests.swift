import Testing

@testable import OrionDaemon

@Suite struct ServiceManagerTests {
    @Test func `each state is told in the words of sd_notify`() throws {
        let receiver = try DatagramReceiver()
        let manager = ServiceManager(socket: receiver.path)
        func next() throws -> String { String(decoding: try receiver.receive(), as: UTF8.self) }
        manager.ready()
        #expect(try next() == "READY=1")
        manager.status("Waiting for snmpd\nREADY=0")
        #expect(try next() == "STATUS=Waiting for snmpd\\nREADY=0")
        manager.reloading()
        let reloading = try next().split(separator: "\n")
        #expect(reloading.first == "RELOADING=1")
        #expect(reloading.last?.hasPrefix("MONOTONIC_USEC=") == true)
        manager.stopping()
        #expect(try next() == "STOPPING=1")
    }

    @Test(arguments: [nil, "", "/nonexistent/socket", "/" + String(repeating: "x", count: 200), "/a\0b"])
    func `without a service manager nothing happens`(socket: String?) {
        ServiceManager(socket: socket).ready()
    }
}
