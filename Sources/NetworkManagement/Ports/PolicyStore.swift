package import NetworkModel

/// Keeps the security policy.
package protocol PolicyStore: Sendable {
    /// The policy as last saved; the empty one when none ever was.
    func loadPolicy() async throws(StoreError) -> SecurityPolicy

    /// Puts `policy` in the place of what was kept, whole or not at all, and durable when this returns. Rules that are
    /// volatile are not kept.
    func savePolicy(_ policy: SecurityPolicy) async throws(StoreError)
}

/// What went wrong with a store.
package struct StoreError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of failure. Extensible: compare with the constants.
    package struct Code: Sendable, Hashable, CustomStringConvertible {
        package let description: String

        /// The file is damaged, or not of this daemon. It is left as it is.
        package static let corrupt = Code(description: "corrupt")
        /// A newer version of the daemon wrote it.
        package static let tooNew = Code(description: "written by a newer version")
        /// The disk is full.
        package static let full = Code(description: "disk full")
        /// The file system or the file does not let itself be written.
        package static let readOnly = Code(description: "read only")
        /// The permissions forbid it, or are too wide to be trusted.
        package static let permissions = Code(description: "permissions")
        /// The key is not the one that was used.
        package static let wrongKey = Code(description: "wrong key")
        /// In use by another process.
        package static let busy = Code(description: "in use")
        /// Anything else; the message says more.
        package static let failed = Code(description: "failed")
    }

    package let code: Code
    /// Which file, what was tried, what was found, what to do.
    package let message: String
    /// The system's error number; 0 when there is none.
    package let errno: Int32

    package init(_ code: Code, _ message: String, errno: Int32 = 0) {
        self.code = code
        self.message = message
        self.errno = errno
    }

    package static func == (left: Self, right: Self) -> Bool { left.code == right.code }

    package var description: String {
        errno == 0 ? "\(message): \(code)" : "\(message): \(code) (errno \(errno))"
    }
}
