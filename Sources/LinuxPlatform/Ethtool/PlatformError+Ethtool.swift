import CNetlink
import NetworkManagement

extension PlatformError {
    /// What the error numbers of ethtool's netlink messages and of ioctl SIOCETHTOOL mean.
    static func ethtoolCode(_ errno: Int32) -> Code {
        switch errno {
        case ENODEV: .noSuchInterface
        case EPERM, EACCES: .notPermitted
        case EOPNOTSUPP: .notSupported
        case ENOMEM, ENOBUFS: .exhausted
        case EBUSY, EAGAIN, ENETDOWN: .busy
        case EINVAL, ERANGE: .invalidValue
        default: .failed
        }
    }
}
