import Glibc
import NetworkManagement

extension StoreError {
    /// What a failed system call means.
    ///
    /// - Parameters:
    ///   - call: the system call, as "open".
    ///   - path: what it was about.
    static func system(_ call: String, _ path: String, _ number: Int32) -> StoreError {
        let code: Code =
            switch number {
            case ENOSPC, EDQUOT, EFBIG: .full
            case EROFS: .readOnly
            case EACCES, EPERM, ELOOP: .permissions
            case EAGAIN, EBUSY, ETXTBSY: .busy
            default: .failed
            }
        // Glibc's strerror answers from constant strings for every number that it knows.
        return StoreError(code, "\(path): \(call): \(String(cString: strerror(number)))", errno: number)
    }
}
