import CNetlink
import Glibc
import NetworkManagement
import NetworkModel

extension HealthReporter {
    /// Asks devlink for those of this network namespace's devices, in the kernel's order
    /// (Documentation/networking/devlink/devlink-health.rst); none when the kernel has no devlink.
    static func all() throws(PlatformError) -> [HealthReporter] {
        let socket = try NetlinkSocket(family: NETLINK_GENERIC, receiveBuffer: 1 << 18)
        var found: [HealthReporter] = []
        do {
            guard let family = try GenericFamily.resolve(DEVLINK_GENL_NAME, on: socket) else { return [] }
            var request = try NetlinkRequest(type: Int(family.identifier), flags: Int32(NLM_F_DUMP))
            request.append(
                genlmsghdr(
                    cmd: UInt8(DEVLINK_CMD_HEALTH_REPORTER_GET.rawValue), version: UInt8(DEVLINK_GENL_VERSION),
                    reserved: 0))
            try socket.exchange(request, until: .dump) { message in
                guard message.type == family.identifier, let reporter = HealthReporter(devlink: message.payload) else {
                    return
                }
                found.append(reporter)
            }
        } catch {
            throw PlatformError(error, "reading the health reporters of devlink", by: PlatformError.readCode)
        }
        return found
    }

    /// Reads a message of DEVLINK_CMD_HEALTH_REPORTER_GET; nil when it lacks the device, the name or the state.
    init?(devlink payload: UnsafeRawBufferPointer) {
        var bus: String?
        var device: String?
        var name: String?
        var state: UInt8?
        var errors: UInt64 = 0
        for attribute in NetlinkAttributes(payload, after: MemoryLayout<genlmsghdr>.size) {
            switch attribute.type {
            case Int(DEVLINK_ATTR_BUS_NAME.rawValue): bus = attribute.text(atMost: longestText)
            case Int(DEVLINK_ATTR_DEV_NAME.rawValue): device = attribute.text(atMost: longestText)
            case Int(DEVLINK_ATTR_HEALTH_REPORTER.rawValue):
                for part in attribute.nested {
                    switch part.type {
                    case Int(DEVLINK_ATTR_HEALTH_REPORTER_NAME.rawValue): name = part.text(atMost: longestText)
                    case Int(DEVLINK_ATTR_HEALTH_REPORTER_STATE.rawValue): state = part.uint8
                    case Int(DEVLINK_ATTR_HEALTH_REPORTER_ERR_COUNT.rawValue): errors = part.uint64 ?? 0
                    default: break
                    }
                }
            default: break
            }
        }
        guard let bus, let device, let name, let state, !bus.isEmpty, !device.isEmpty, !name.isEmpty else { return nil }
        // DEVLINK_HEALTH_REPORTER_STATE_HEALTHY, _ERROR (include/net/devlink.h).
        self.init(
            device: DeviceAddress(bus: bus, name: device), name: name, isHealthy: state == 0, errors: errors)
    }
}

// Names of buses, devices and reporters are much shorter; nothing says how long they may be.
private let longestText = 128
