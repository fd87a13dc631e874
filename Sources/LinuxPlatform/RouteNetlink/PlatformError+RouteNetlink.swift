import CNetlink
import NetworkManagement

extension PlatformError {
    /// What the error numbers of RTM_GETLINK, RTM_GETADDR and RTM_GETSTATS mean.
    static func readCode(_ errno: Int32) -> Code {
        switch errno {
        case ENODEV: .noSuchInterface
        case EPERM, EACCES: .notPermitted
        case EOPNOTSUPP: .notSupported
        case ENOMEM, ENOBUFS: .exhausted
        case EBUSY, EAGAIN: .busy
        default: .failed
        }
    }

    /// What the error numbers of RTM_SETLINK mean (do_setlink of net/core/rtnetlink.c and the drivers below it).
    static func changeCode(_ errno: Int32) -> Code {
        switch errno {
        case ENODEV, ENXIO: .noSuchInterface
        case EPERM, EACCES: .notPermitted
        case EOPNOTSUPP: .notSupported
        case EINVAL, ERANGE, E2BIG, EMSGSIZE: .invalidValue
        case EBUSY, EAGAIN, ERFKILL, ENETDOWN, ENOTCONN: .busy
        case ENOMEM, ENOBUFS, ENOSPC: .exhausted
        default: .failed
        }
    }
}
