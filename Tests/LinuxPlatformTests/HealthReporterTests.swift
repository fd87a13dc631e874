import CNetlink
import NetworkManagement
import NetworkModel
import RandomTesting
import Testing

@testable import LinuxPlatform

/// Messages are put together here, by linux/devlink.h: no device of the tests' kernels has a health reporter.
@Suite struct `Health reporters` {
    private func message(state: UInt8) -> [UInt8] {
        var message = MessageBuilder()
        message.header(genlmsghdr(cmd: UInt8(DEVLINK_CMD_HEALTH_REPORTER_GET.rawValue), version: 1, reserved: 0))
        message.attribute(Int(DEVLINK_ATTR_BUS_NAME.rawValue), "pci")
        message.attribute(Int(DEVLINK_ATTR_DEV_NAME.rawValue), "0000:3b:00.0")
        message.nest(Int(DEVLINK_ATTR_HEALTH_REPORTER.rawValue)) { reporter in
            reporter.attribute(Int(DEVLINK_ATTR_HEALTH_REPORTER_NAME.rawValue), "tx")
            reporter.attribute(Int(DEVLINK_ATTR_HEALTH_REPORTER_STATE.rawValue), number: state)
            reporter.attribute(Int(DEVLINK_ATTR_HEALTH_REPORTER_ERR_COUNT.rawValue), number: UInt64(263))
        }
        return message.octets
    }

    @Test(arguments: [UInt8(0), 1])
    func `a reporter is its device, its name, its state and its errors`(state: UInt8) {
        let found = message(state: state).withUnsafeBytes { HealthReporter(devlink: $0) }
        #expect(
            found
                == HealthReporter(
                    device: DeviceAddress(bus: "pci", name: "0000:3b:00.0"), name: "tx", isHealthy: state == 0,
                    errors: 263))
    }

    @Test func `a message that is cut, or damaged, does no harm`() {
        let whole = message(state: 1)
        for count in whole.indices {
            let found = whole[..<count].withUnsafeBytes { HealthReporter(devlink: $0) }
            #expect(found == nil || found?.name == "tx")
        }
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<2000 {
            var damaged = whole
            for _ in 0..<4 {
                damaged[Int.random(in: damaged.indices, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            damaged.withUnsafeBytes { _ = HealthReporter(devlink: $0) }
        }
    }
}
