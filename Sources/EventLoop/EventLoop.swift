import CLinux
import Glibc
import Synchronization

/// One thread that waits in poll(2) for descriptors, timers and jobs, and runs all three one after the other.
///
/// It is a `SerialExecutor`: an actor that names it as its executor runs on this thread, and a descriptor's or timer's
/// handler may call such an actor with `assumeIsolated`. A handler must not block.
package final class EventLoop: SerialExecutor {
    /// What a descriptor is watched for.
    package struct Interest: OptionSet, Sendable {
        package let rawValue: Int16
        package init(rawValue: Int16) { self.rawValue = rawValue }

        package static let read = Interest(rawValue: Int16(POLLIN))
        package static let write = Interest(rawValue: Int16(POLLOUT))
        /// Reported whether asked for or not.
        package static let failure = Interest(rawValue: Int16(POLLERR) | Int16(POLLHUP) | Int16(POLLNVAL))
    }

    package struct Timer: Sendable, Hashable {
        let number: UInt64
    }

    /// What other threads hand over.
    private struct Inbox {
        var jobs: [Job] = []
        var isStopped = false
        /// The loop is in poll, or about to be, and needs a wake-up to see the inbox.
        var isWaiting = false
        /// Until it has ended.
        var thread: pthread_t?
        var isJoined = false
    }

    private enum Job {
        case executor(UnownedJob)
        case closure(@Sendable () -> Void)
    }

    /// What only the loop's own thread touches.
    private struct Watch {
        let descriptor: Int32
        let handler: (Interest) -> Void
    }

    private struct Deadline {
        let timer: Timer
        let nanoseconds: Int64
        let handler: () -> Void
    }

    private let inbox = Mutex(Inbox())
    private let wakeUp: Int32
    private let name: String

    // Touched by the loop's thread alone: every function that does so begins with `preconditionOnLoop`.
    nonisolated(unsafe) private var descriptors: [pollfd] = []
    /// Few enough for a search from the first.
    nonisolated(unsafe) private var watches: [Watch] = []
    /// What poll reported, kept from one round to the next for its storage.
    nonisolated(unsafe) private var ready: [(descriptor: Int32, interest: Interest)] = []
    nonisolated(unsafe) private var deadlines: [Deadline] = []
    nonisolated(unsafe) private var lastTimer: UInt64 = 0

    /// - Parameter name: the thread's name, at most 15 octets (prctl(2), PR_SET_NAME).
    /// - Throws: `EventLoopError` when the system has no descriptor left.
    package init(name: String) throws(EventLoopError) {
        let descriptor = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        guard descriptor >= 0 else { throw EventLoopError(call: "eventfd", errno: errno) }
        wakeUp = descriptor
        self.name = name
        descriptors = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
    }

    deinit {
        close(wakeUp)
    }

    /// Starts the thread. It holds the loop until `stop`.
    package func start() throws(EventLoopError) {
        let context = Unmanaged.passRetained(self).toOpaque()
        var thread = pthread_t()
        let status = pthread_create(&thread, nil, runEventLoop, context)
        guard status == 0 else {
            Unmanaged<EventLoop>.fromOpaque(context).release()
            throw EventLoopError(call: "pthread_create", errno: status)
        }
        inbox.withLock { $0.thread = thread }
    }

    /// Ends the thread after the jobs already handed over, and waits for it. Not from the loop itself.
    package func stop() {
        let thread: pthread_t? = inbox.withLock { inbox in
            inbox.isStopped = true
            defer { inbox.isJoined = true }
            return inbox.isJoined ? nil : inbox.thread
        }
        wake()
        guard let thread else { return }
        pthread_join(thread, nil)
        inbox.withLock { $0.thread = nil }
    }

    /// Runs `job` on the loop's thread, in the order of the calls.
    package func perform(_ job: @escaping @Sendable () -> Void) {
        hand(over: .closure(job))
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        hand(over: .executor(UnownedJob(job)))
    }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }

    package func checkIsolated() {
        precondition(isOnLoop, "not on the thread of event loop \(name)")
    }

    package var isOnLoop: Bool {
        guard let thread = inbox.withLock({ $0.thread }) else { return false }
        return pthread_equal(thread, pthread_self()) != 0
    }

    private func hand(over job: Job) {
        let mustWake = inbox.withLock { inbox in
            inbox.jobs.append(job)
            defer { inbox.isWaiting = false }
            return inbox.isWaiting
        }
        if mustWake { wake() }
    }

    private func wake() {
        var one: UInt64 = 1
        // EAGAIN means that a wake-up is pending already.
        _ = write(wakeUp, &one, MemoryLayout<UInt64>.size)
    }
}

// MARK: - From the loop's thread

extension EventLoop {
    /// Watches `descriptor` until `unwatch`. On the loop alone.
    package func watch(_ descriptor: Int32, for interest: Interest, _ handler: @escaping (Interest) -> Void) {
        checkIsolated()
        precondition(
            !watches.contains { $0.descriptor == descriptor }, "descriptor \(descriptor) is watched already")
        watches.append(Watch(descriptor: descriptor, handler: handler))
        descriptors.append(pollfd(fd: descriptor, events: interest.rawValue, revents: 0))
    }

    /// Changes what a watched descriptor is watched for. On the loop alone.
    package func rewatch(_ descriptor: Int32, for interest: Interest) {
        checkIsolated()
        for position in descriptors.indices where descriptors[position].fd == descriptor {
            descriptors[position].events = interest.rawValue
        }
    }

    /// Ends watching; before the descriptor is closed. On the loop alone.
    package func unwatch(_ descriptor: Int32) {
        checkIsolated()
        watches.removeAll { $0.descriptor == descriptor }
        descriptors.removeAll { $0.fd == descriptor }
    }

    /// Calls `handler` once, `delay` from now. On the loop alone.
    @discardableResult
    package func schedule(after delay: Duration, _ handler: @escaping () -> Void) -> Timer {
        checkIsolated()
        lastTimer += 1
        let timer = Timer(number: lastTimer)
        let parts = delay.components
        let nanoseconds = parts.seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000
        deadlines.append(Deadline(timer: timer, nanoseconds: monotonicNanoseconds() + nanoseconds, handler: handler))
        return timer
    }

    /// Takes a timer back; one that has fired already is ignored. On the loop alone.
    package func cancel(_ timer: Timer) {
        checkIsolated()
        deadlines.removeAll { $0.timer == timer }
    }
}

// MARK: - The thread

extension EventLoop {
    fileprivate func run() {
        orion_name_thread(name)
        inbox.withLock { $0.thread = pthread_self() }
        while true {
            let (jobs, isStopped) = inbox.withLock { inbox in
                defer { inbox.jobs = [] }
                return (inbox.jobs, inbox.isStopped)
            }
            for job in jobs { run(job) }
            if isStopped && jobs.isEmpty { return }
            // Jobs that came meanwhile are next, after a look at the descriptors.
            let isIdle = inbox.withLock { inbox in
                // The wake-up of a stop may have been read together with that of the jobs just done.
                inbox.isWaiting = inbox.jobs.isEmpty && !inbox.isStopped
                return inbox.isWaiting
            }
            wait(atMost: isIdle ? nil : 0)
            fireTimers()
        }
    }

    private func run(_ job: Job) {
        switch job {
        case .executor(let job): job.runSynchronously(on: asUnownedSerialExecutor())
        case .closure(let body): body()
        }
    }

    private func wait(atMost limit: Int32?) {
        let timeout = limit ?? millisecondsToNextDeadline()
        let count = poll(&descriptors, nfds_t(descriptors.count), timeout)
        inbox.withLock { $0.isWaiting = false }
        guard count > 0 else { return }
        if descriptors[0].revents != 0 {
            var count: UInt64 = 0
            _ = read(wakeUp, &count, MemoryLayout<UInt64>.size)
        }
        // A handler may watch and unwatch: take what is ready first, and look each one up again.
        for entry in descriptors.dropFirst() where entry.revents != 0 {
            ready.append((entry.fd, Interest(rawValue: entry.revents)))
        }
        for (descriptor, interest) in ready {
            watches.first { $0.descriptor == descriptor }?.handler(interest)
        }
        ready.removeAll(keepingCapacity: true)
    }

    private func millisecondsToNextDeadline() -> Int32 {
        guard let next = deadlines.min(by: { $0.nanoseconds < $1.nanoseconds }) else { return -1 }
        let remaining = next.nanoseconds - monotonicNanoseconds()
        // Rounded up, so that a timer is due when poll returns.
        return Int32(clamping: max(0, (remaining + 999_999) / 1_000_000))
    }

    private func fireTimers() {
        guard !deadlines.isEmpty else { return }
        let now = monotonicNanoseconds()
        let due = deadlines.filter { $0.nanoseconds <= now }.sorted { $0.nanoseconds < $1.nanoseconds }
        for deadline in due where deadlines.contains(where: { $0.timer == deadline.timer }) {
            deadlines.removeAll { $0.timer == deadline.timer }
            deadline.handler()
        }
    }
}

/// A system call that the loop could not do without failed.
package struct EventLoopError: Error, Sendable, CustomStringConvertible {
    package let call: String
    package let errno: Int32

    package var description: String { "\(call) failed (errno \(errno))" }
}

private func monotonicNanoseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

// At file scope: a closure literal would inherit an isolation that another thread does not have.
private func runEventLoop(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    let loop = Unmanaged<EventLoop>.fromOpaque(context).takeRetainedValue()
    loop.run()
    return nil
}
