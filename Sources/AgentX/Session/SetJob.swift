import SMI

/// A commit or an undo that the session wants run; the result comes back to `Session.finished`.
struct SetJob: Sendable {
    enum Action: Sendable {
        case commit
        case undo
    }

    let action: Action
    let transaction: any SetTransaction
    /// Which SET it is: h.transactionID, and the count of connections when it was tested.
    let transactionID: UInt32
    let connection: Int

    /// - Returns: why it failed; nil when it did not.
    func run() async -> SetFailure? {
        do throws(SetFailure) {
            switch action {
            case .commit: try await transaction.commit()
            case .undo: try await transaction.undo()
            }
            return nil
        } catch {
            return error
        }
    }
}
