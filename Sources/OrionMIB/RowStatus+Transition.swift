import OrionSchema
import SMI

/// What setting a RowStatus does to a row (RFC 2579).
enum RowTransition: Sendable, Hashable {
    case create(isActive: Bool)
    case setActive(Bool)
    case destroy
}

extension SNMPv2TC.RowStatus {
    /// - Parameter exists: whether the row does.
    func transition(exists: Bool) throws(WriteRefusal) -> RowTransition {
        switch self {
        case .createAndGo, .createAndWait:
            guard !exists else { throw WriteRefusal(.inconsistentValue, "the row exists already") }
            return .create(isActive: self == .createAndGo)
        case .active, .notInService:
            guard exists else { throw WriteRefusal(.inconsistentValue, "there is no such row") }
            return .setActive(self == .active)
        case .notReady: throw WriteRefusal(.wrongValue, "notReady is only ever read")
        case .destroy: return .destroy
        }
    }
}
