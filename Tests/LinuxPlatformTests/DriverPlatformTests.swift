import Glibc
import LinuxPlatform
import NetworkManagement
import NetworkModel
import PlatformTesting
import Synchronization
import Testing

@Suite(.serialized) struct `The port to drivers` {
    @Test func `is fulfilled by the fake`() throws {
        let platform = FakeDriverPlatform()
        let name = try #require(DriverName("good"))
        platform.state.withLock { state in
            state.device.candidates = [name]
            state.facts[name] = ModuleFacts()
        }
        try DriverPlatformConformance(platform: platform, loadable: name).check()
        platform.state.withLock { $0.support = .noKernelSupport }
        try DriverPlatformConformance(platform: platform, loadable: nil).check()
    }

    /// ORION_TEST_DRIVER names a driver that may be loaded and unloaded, as in the lab.
    @Test func `is fulfilled by this kernel`() throws {
        let name = getenv("ORION_TEST_DRIVER").flatMap { DriverName(String(cString: $0)) }
        try DriverPlatformConformance(platform: LinuxDriverPlatform(), loadable: name).check()
    }
}
