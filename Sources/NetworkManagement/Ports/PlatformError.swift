/// What went wrong below a port: what was tried, on what, what the system said.
package struct PlatformError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of failure. Extensible: compare with the constants.
    package struct Code: Sendable, Hashable, CustomStringConvertible {
        package let description: String

        /// The interface does not exist, or no longer does.
        package static let noSuchInterface = Code(description: "no such interface")
        /// The caller lacks a capability.
        package static let notPermitted = Code(description: "not permitted")
        /// The kernel or the driver cannot do it.
        package static let notSupported = Code(description: "not supported")
        /// The value is outside what the kernel or the driver takes.
        package static let invalidValue = Code(description: "invalid value")
        /// It is in use, or in a state that forbids it.
        package static let busy = Code(description: "busy")
        /// Out of memory, descriptors or buffers.
        package static let exhausted = Code(description: "resources exhausted")
        /// The kernel answered something that is not well formed.
        package static let malformed = Code(description: "malformed answer")
        /// Anything else; `errno` says more.
        package static let failed = Code(description: "failed")
    }

    package let code: Code
    /// What was tried, on what, and what the kernel's own text says about it.
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
