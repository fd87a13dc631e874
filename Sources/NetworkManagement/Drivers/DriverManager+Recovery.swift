import NetworkModel
import Synchronization

extension DriverManager {
    /// Makes one step of the ladder.
    func recover(
        _ address: DeviceAddress, _ step: RecoveryStep, _ run: OperationRun, _ cause: String
    ) throws(ManagementError) -> String {
        guard let device = snapshot.device(address), let driver = device.device.driver,
            let row = snapshot.driver(driver)
        else { throw ManagementError(.notFound, "\(address) has no driver any more") }
        let names = Array(device.device.interfaces.values)
        switch step {
        case .linkBounce:
            let bounced = try bounce(names) { () throws(PlatformError) in }
            return bounced.isEmpty ? "no interface of \(address) is up" : "\(list(bounced)) was set down and up"
        case .deviceReset:
            let bounced = try bounce(names) { () throws(PlatformError) in try platform.reset(address) }
            return "\(address) was reset" + (bounced.isEmpty ? "" : ", \(list(bounced)) being down")
        case .rebind: return try rebind(address, driver, true, run, cause)
        case .reload: return try reload(driver, [], run, cause)
        case .fallback:
            guard let next = nextDriver(device, after: row) else {
                throw ManagementError(.notSupported, "there is no other driver for \(address)")
            }
            let result = try rebind(address, next, false, run, cause)
            if let device = snapshot.device(address) {
                listener(.fallbackUsed(device, wanted: driver, used: next, reason: row.evidence))
            }
            return result
        }
    }

    private func bounce(
        _ names: [String], _ body: () throws(PlatformError) -> Void
    ) throws(ManagementError) -> [String] {
        do {
            return try LinkBounce(links).run(names, body)
        } catch {
            throw ManagementError(error)
        }
    }

    private func list(_ names: [String]) -> String { names.sorted().joined(separator: ", ") }
}
