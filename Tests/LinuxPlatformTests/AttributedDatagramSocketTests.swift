import Foundation
import LinuxPlatform
import NetworkManagement
import Testing

@Suite(.serialized) struct AttributedDatagramSocketTests {
    /// Runs `body` with a path in a directory of its own.
    private func withPath(_ body: (String) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "orion-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try body(directory.appending(path: "s").path)
    }

    private func send(_ octets: [UInt8], to path: String) -> Int {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        return withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(
                    descriptor, octets, octets.count, Int32(MSG_NOSIGNAL), $0,
                    socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    @Test func `a datagram comes with the user who sent it`() throws {
        try withPath { path in
            let receiver = try AttributedDatagramSocket(path: path, maximumLength: 100)
            #expect(receiver.receive() == .none)
            #expect(send([1, 2, 3], to: path) == 3)
            #expect(send([], to: path) == 0)
            #expect(receiver.receive() == .datagram([1, 2, 3], user: geteuid()))
            #expect(receiver.receive() == .datagram([], user: geteuid()))
            #expect(receiver.receive() == .none)
        }
    }

    @Test func `one that is too long is gone, and the next is as it was`() throws {
        try withPath { path in
            let receiver = try AttributedDatagramSocket(path: path, maximumLength: 4)
            #expect(send([1, 2, 3, 4, 5], to: path) == 5)
            #expect(send([6], to: path) == 1)
            #expect(receiver.receive() == .unusable("longer than 4 octets"))
            #expect(receiver.receive() == .datagram([6], user: geteuid()))
        }
    }

    @Test func `what an earlier run left is replaced, what somebody listens on is not`() throws {
        try withPath { path in
            let first = try AttributedDatagramSocket(path: path, maximumLength: 4)
            #expect(throws: PlatformError.self) { try AttributedDatagramSocket(path: path, maximumLength: 4) }
            #expect(send([1], to: path) == 1)
            #expect(first.receive() == .datagram([1], user: geteuid()))
        }
        try withPath { path in
            do { _ = try AttributedDatagramSocket(path: path, maximumLength: 4) }
            let second = try AttributedDatagramSocket(path: path, maximumLength: 4)
            #expect(send([2], to: path) == 1)
            #expect(second.receive() == .datagram([2], user: geteuid()))
            second.remove()
            #expect(send([3], to: path) < 0)
        }
        try withPath { path in
            #expect(throws: PlatformError.self) { try AttributedDatagramSocket(path: path + "/x", maximumLength: 4) }
        }
    }

    @Test func `a path that is no socket of ours stays as it is`() throws {
        try withPath { path in
            try "mine".write(toFile: path, atomically: false, encoding: .utf8)
            #expect(throws: PlatformError.self) { try AttributedDatagramSocket(path: path, maximumLength: 4) }
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "mine")
        }
    }
}
