import EventLoop
import Glibc
import Synchronization
import Testing

actor Resident {
    let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
    private(set) var visits = 0

    init(_ loop: EventLoop) {
        self.loop = loop
    }

    func visit() -> Bool {
        visits += 1
        return loop.isOnLoop
    }
}

@Suite struct EventLoopTests {
    @Test func `jobs run on the loop's thread in the order they were handed over`() async throws {
        let loop = try EventLoop(name: "test")
        try loop.start()
        let seen = Mutex<[Int]>([])
        for number in 0..<1000 {
            loop.perform { seen.withLock { $0.append(number) } }
        }
        loop.stop()
        #expect(seen.withLock { $0 } == Array(0..<1000))
    }

    @Test func `a job that runs while the loop is being stopped is still on it`() throws {
        for _ in 0..<100 {
            let loop = try EventLoop(name: "test")
            try loop.start()
            let wasOnLoop = Mutex(false)
            loop.perform { wasOnLoop.withLock { $0 = loop.isOnLoop } }
            loop.stop()
            #expect(wasOnLoop.withLock { $0 })
            #expect(!loop.isOnLoop)
        }
    }

    @Test func `an actor that names the loop runs on it`() async throws {
        let loop = try EventLoop(name: "test")
        try loop.start()
        let resident = Resident(loop)
        for _ in 0..<100 {
            #expect(await resident.visit())
        }
        #expect(await resident.visits == 100)
        loop.stop()
    }

    @Test func `a descriptor is reported when it can be read, and no more once unwatched`() async throws {
        let loop = try EventLoop(name: "test")
        try loop.start()
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        let (reader, writer) = (ends[0], ends[1])
        let bytes = AsyncStream<UInt8>.makeStream()
        loop.perform {
            loop.watch(reader, for: .read) { _ in
                var byte: UInt8 = 0
                _ = read(reader, &byte, 1)
                bytes.continuation.yield(byte)
                if byte == 3 {
                    loop.unwatch(reader)
                    bytes.continuation.finish()
                }
            }
        }
        for byte: UInt8 in [1, 2, 3, 4] {
            var byte = byte
            #expect(write(writer, &byte, 1) == 1)
        }
        var received: [UInt8] = []
        for await byte in bytes.stream { received.append(byte) }
        #expect(received == [1, 2, 3])
        loop.stop()
        close(reader)
        close(writer)
    }

    @Test func `timers fire in the order of their deadlines, and a cancelled one never`() async throws {
        let loop = try EventLoop(name: "test")
        try loop.start()
        let fired = AsyncStream<Int>.makeStream()
        loop.perform {
            loop.schedule(after: .milliseconds(20)) {
                fired.continuation.yield(2)
                fired.continuation.finish()
            }
            let cancelled = loop.schedule(after: .milliseconds(5)) { fired.continuation.yield(0) }
            loop.schedule(after: .milliseconds(1)) { fired.continuation.yield(1) }
            loop.cancel(cancelled)
        }
        var order: [Int] = []
        for await number in fired.stream { order.append(number) }
        #expect(order == [1, 2])
        loop.stop()
    }
}
