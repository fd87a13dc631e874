import CNetlink
import EventLoop
import NetworkManagement
import Synchronization

/// Watches the kernel's multicast groups on a thread of its own.
final class KernelEvents: Sendable {
    private let reader: Reader
    private let running = Mutex<EventLoop?>(nil)

    /// Opens the sockets; nothing is received before `start`.
    ///
    /// - Parameter receiveBuffer: octets the kernel may queue while we are busy.
    init(receiveBuffer: Int32) throws(PlatformError) {
        let routes = try EventSubscription(
            family: NETLINK_ROUTE,
            groups: [RTNLGRP_LINK.rawValue, RTNLGRP_IPV4_IFADDR.rawValue, RTNLGRP_IPV6_IFADDR.rawValue],
            receiveBuffer: receiveBuffer, read: InterfacePlatformEvent.init(routeNetlink:))
        reader = Reader(routes, try EthtoolFamily.subscription(receiveBuffer: receiveBuffer))
    }

    deinit {
        stop()
    }

    /// - Throws: `.busy` when it runs already.
    func start(_ handler: @escaping @Sendable ([InterfacePlatformEvent]) -> Void) throws(PlatformError) {
        try running.withLock { running throws(PlatformError) in
            guard running == nil else { throw PlatformError(.busy, "starting the kernel's events: they run already") }
            try reader.join()
            do throws(EventLoopError) {
                let loop = try EventLoop(name: "kernel-events")
                try loop.start()
                loop.perform { [reader] in reader.run(on: loop, handler) }
                running = loop
            } catch {
                reader.leave()
                throw PlatformError(.exhausted, "starting the kernel's events: \(error)", errno: error.errno)
            }
        }
    }

    /// Waits until the handler has returned; so not from the handler. Stopping twice does nothing.
    func stop() {
        running.withLock { running in
            guard let loop = running.take() else { return }
            precondition(!loop.isOnLoop, "the handler of events cannot stop them")
            loop.stop()
            reader.leave()
        }
    }
}

/// What the thread holds.
///
/// `@unchecked Sendable`: the loop's thread alone touches it between `run` and the end of `EventLoop.stop`, and otherwise
/// the holder of the lock in `KernelEvents`.
private final class Reader: @unchecked Sendable {
    private var routes: EventSubscription
    /// nil where the kernel has no ethtool netlink (before Linux 5.6, or not built in).
    private var settings: EventSubscription?

    init(_ routes: consuming EventSubscription, _ settings: consuming EventSubscription?) {
        self.routes = routes
        self.settings = settings
    }

    func join() throws(PlatformError) {
        try routes.join()
        try settings?.join()
    }

    func leave() {
        routes.leave()
        settings?.leave()
    }

    func run(on loop: EventLoop, _ handler: @escaping @Sendable ([InterfacePlatformEvent]) -> Void) {
        handler([.resynchronise(overrun: false)])
        loop.watch(routes.descriptor, for: .read) { _ in
            let events = self.routes.drain()
            if !events.isEmpty { handler(events) }
        }
        guard let descriptor = settings?.descriptor else { return }
        loop.watch(descriptor, for: .read) { _ in
            let events = self.settings?.drain() ?? []
            if !events.isEmpty { handler(events) }
        }
    }
}
