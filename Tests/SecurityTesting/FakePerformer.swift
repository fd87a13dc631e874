package import NetworkManagement
package import NetworkModel
import Synchronization

/// Does as its order's argument says: "refuse" is refused, "fail" fails, "lane X" has a lane of its own.
package final class FakePerformer: OperationPerformer {
    package static let kind = OperationKind("fake")

    private let done = Mutex<[String]>([])

    package init() {}

    package var kinds: [OperationKind] { [Self.kind] }

    /// The arguments of what was performed.
    package var performed: [String] { done.withLock { $0 } }

    package func access(_ order: OperationOrder) throws(ManagementError) -> AccessRequest {
        if order.argument == "gone" { throw ManagementError(.notFound, "it is gone") }
        return AccessRequest(.operate, .driver("fake"))
    }

    package func check(
        _ order: OperationOrder, by principal: Principal, isAdministrator: Bool
    ) throws(ManagementError) {
        if order.argument == "refuse" { throw ManagementError(.inconsistent, "refused") }
        if order.argument == "force", !isAdministrator {
            throw ManagementError(.notAuthorized, "only an administrator may")
        }
    }

    package func lane(of order: OperationOrder) -> String {
        order.argument.hasPrefix("lane ") ? order.argument : ""
    }

    package func limit(of order: OperationOrder) -> Duration { .seconds(30) }

    package func perform(_ order: OperationOrder, _ run: OperationRun) throws(ManagementError) -> String {
        done.withLock { $0.append(order.argument) }
        run.report(progress: 40)
        if order.argument == "fail" { throw ManagementError(.notSupported, "it cannot be") }
        try run.checkPoint()
        return "did \(order.argument)"
    }
}
