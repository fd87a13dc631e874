import Glibc

/// Tells the service manager how the daemon is doing (sd_notify(3)); does nothing when none listens.
package struct ServiceManager: Sendable {
    private let sender: DatagramSender?

    /// - Parameter socket: the value of `NOTIFY_SOCKET`; nil when it is not set.
    package init(socket: String?) {
        sender = socket.flatMap { DatagramSender(path: $0) }
    }

    /// The daemon has started, or has read its configuration again.
    package func ready() {
        notify(["READY=1"])
    }

    /// The configuration is being read again; `ready` ends it.
    package func reloading() {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        notify(["RELOADING=1", "MONOTONIC_USEC=\(time.tv_sec * 1_000_000 + time.tv_nsec / 1000)"])
    }

    /// The daemon is ending.
    package func stopping() {
        notify(["STOPPING=1"])
    }

    /// One line on how it is doing, as `systemctl status` shows it.
    package func status(_ text: String) {
        notify(["STATUS=\(printable(text))"])
    }

    private func notify(_ lines: [String]) {
        _ = sender?.send(Array(lines.joined(separator: "\n").utf8))
    }
}
