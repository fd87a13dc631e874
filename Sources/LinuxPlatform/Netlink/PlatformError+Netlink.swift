import CNetlink
import Glibc
import NetworkManagement

extension PlatformError {
    /// An exchange failed while doing `action`; `table` is what the call's error numbers mean.
    init(_ error: NetlinkError, _ action: String, by table: (Int32) -> Code) {
        switch error {
        case .malformed:
            self.init(.malformed, "\(action): the kernel's answer is not well formed")
        case .transport(let errno):
            self.init(Self.socketCode(errno), "\(action): \(systemText(errno))", errno: errno)
        case .refused(let errno, let text):
            let code = table(errno)
            var reason = text ?? systemText(errno)
            // EPERM may be about the object too, and EACCES is (as of an interface without IPv6).
            if code == .notPermitted, errno == EPERM, !Capability.networkAdministration.isEffective {
                reason += " (the process needs CAP_NET_ADMIN)"
            }
            self.init(code, "\(action): \(reason)", errno: errno)
        }
    }

    /// A call of libnl failed with `status` (netlink/errno.h, negative).
    init(netlinkLibrary status: Int32, _ action: String) {
        let errno = systemError(ofNetlinkLibrary: status)
        self.init(Self.socketCode(errno), "\(action): \(String(cString: nl_geterror(status)))", errno: errno)
    }

    /// What socket(2), send(2) and recv(2) mean on netlink.
    static func socketCode(_ errno: Int32) -> Code {
        switch errno {
        case EPERM, EACCES: .notPermitted
        case ENOBUFS, ENOMEM, EMFILE, ENFILE: .exhausted
        case EAFNOSUPPORT, EPROTONOSUPPORT, EOPNOTSUPP: .notSupported
        default: .failed
        }
    }
}

/// The C library's text for an error number.
func systemText(_ errno: Int32) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { text in
        guard let start = text.baseAddress, strerror_r(errno, start, text.count) == 0 else { return "error \(errno)" }
        return String(cString: start)
    }
}

/// The error number behind a libnl status; libnl keeps no record of the original, so this is the nearest.
func systemError(ofNetlinkLibrary status: Int32) -> Int32 {
    switch -status {
    case NLE_SUCCESS: 0
    case NLE_INTR: EINTR
    case NLE_AGAIN: EAGAIN
    case NLE_NOMEM: ENOMEM
    case NLE_AF_NOSUPPORT: EAFNOSUPPORT
    case NLE_PROTO_MISMATCH: EPROTONOSUPPORT
    case NLE_OBJ_NOTFOUND: ENOENT
    case NLE_PERM, NLE_NOACCESS: EPERM
    case NLE_OPNOTSUPP: EOPNOTSUPP
    case NLE_NODEV: ENODEV
    case NLE_BUSY: EBUSY
    case NLE_RANGE: ERANGE
    case NLE_INVAL: EINVAL
    case NLE_MSGSIZE: EMSGSIZE
    default: EIO
    }
}
