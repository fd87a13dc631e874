/// Threads for what blocks.
package protocol OperationWorkers: Sendable {
    /// Runs `job` on a thread that nothing else waits for. Returns at once.
    ///
    /// - Throws: `.exhausted` when the system has no thread left.
    func start(_ job: @escaping @Sendable () -> Void) throws(PlatformError)

    /// Runs `job` after `delay`, on some thread; it does not block.
    func schedule(after delay: Duration, _ job: @escaping @Sendable () -> Void)
}
