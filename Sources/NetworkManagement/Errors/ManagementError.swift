/// Why a manager refuses or fails: what was asked, of which object, and what to try.
package struct ManagementError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of failure. Each is one answer to an SNMP manager, mapped in one place.
    package enum Code: Sendable, Hashable, CaseIterable {
        /// The object does not exist, or no longer does.
        case notFound
        /// The value can never be right.
        case invalidValue
        /// The value is right in itself and wrong in the present state.
        case inconsistent
        /// oriond itself may not do it, or the object is outside what it manages.
        case notPermitted
        /// The principal may not do it to anything.
        case notAuthorized
        /// The principal may not do it to this object.
        case notAccessible
        /// The kernel or the driver cannot do it.
        case notSupported
        /// Out of memory, space, descriptors or time.
        case exhausted
        /// It was tried, and failed.
        case failed
        /// What had been done could not be taken back.
        case notRestored
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    init(_ error: PlatformError) {
        let code: Code =
            switch error.code {
            case .noSuchInterface: .notFound
            case .notPermitted: .notPermitted
            case .notSupported: .notSupported
            case .invalidValue: .inconsistent
            case .busy: .inconsistent
            case .exhausted: .exhausted
            default: .failed
            }
        self.init(code, error.description)
    }

    package static func == (left: Self, right: Self) -> Bool { left.code == right.code }

    package var description: String { message }
}
