import Foundation

/// Holds those who come until it is opened.
final class Gate: @unchecked Sendable {
    // Guarded by `changed`.
    private var isOpen = false
    private let changed = NSCondition()

    func pass() {
        changed.lock()
        while !isOpen { changed.wait() }
        changed.unlock()
    }

    func open() {
        changed.lock()
        isOpen = true
        changed.broadcast()
        changed.unlock()
    }
}
