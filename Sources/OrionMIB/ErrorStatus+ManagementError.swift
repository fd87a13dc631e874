import NetworkManagement
import SMI

extension ErrorStatus {
    /// What a manager is told when a SET is refused in its test phase: the one map from the domain's errors.
    init(_ code: ManagementError.Code) {
        self =
            switch code {
            // RFC 3416 section 4.2.5 (7): "does not exist and could not ever be created".
            case .notFound: .noCreation
            case .invalidValue: .wrongValue
            case .inconsistent: .inconsistentValue
            // (9): "exists but can not be modified no matter what new value is specified".
            case .notPermitted: .notWritable
            case .notAuthorized: .authorizationError
            case .notAccessible: .noAccess
            case .notSupported: .inconsistentValue
            case .exhausted: .resourceUnavailable
            case .failed: .genErr
            case .notRestored: .undoFailed
            }
    }
}
