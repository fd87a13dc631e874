/// Makes the parts of the daemon and connects them.
enum Composition {
    static func parts(for context: DaemonContext) throws -> DaemonParts {
        DaemonParts(services: [], becomeReady: {}, reconfigure: { _ in })
    }
}
