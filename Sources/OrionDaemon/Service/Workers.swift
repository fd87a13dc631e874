import EventLoop
import Glibc
import NetworkManagement

/// Threads for what blocks: one for each job, so that one that the kernel holds keeps no other waiting.
struct Workers: OperationWorkers {
    /// Where delays are waited for.
    let loop: EventLoop

    func start(_ job: @escaping @Sendable () -> Void) throws(PlatformError) {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        let box = Unmanaged.passRetained(Work(job)).toOpaque()
        var thread = pthread_t()
        let status = pthread_create(&thread, &attributes, runWork, box)
        guard status == 0 else {
            Unmanaged<Work>.fromOpaque(box).release()
            throw PlatformError(.exhausted, "starting a thread", errno: status)
        }
    }

    func schedule(after delay: Duration, _ job: @escaping @Sendable () -> Void) {
        loop.perform { [loop] in loop.schedule(after: delay, job) }
    }
}

private final class Work: Sendable {
    let job: @Sendable () -> Void

    init(_ job: @escaping @Sendable () -> Void) {
        self.job = job
    }
}

private func runWork(_ box: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let box else { return nil }
    Unmanaged<Work>.fromOpaque(box).takeRetainedValue().job()
    return nil
}
