import Foundation
import Testing

/// What `[drivers.NAME]` says of interfaces, on the real kernel; of a kind of software, since this host's hardware is not ours.
@Suite(.serialized, .enabled(if: Host.canRunSandboxes, Comment(rawValue: Host.whyNot)))
struct DriverDefaultTests {
    private static let link = "link add d0 type veth peer name d0p"

    @Test(arguments: ConfigurationWay.allCases)
    func `driver_auto_config says whether a driver's defaults reach its interfaces, also those to come`(
        way: ConfigurationWay
    ) async throws {
        try await ConfigurationConsole.with(links: [Self.link]) { console async throws in
            let namespace = console.sandbox.namespace
            func configure(_ isConfiguring: Bool) async throws {
                switch way {
                case .snmp:
                    try await console.commit([
                        ("network_manager.driver_auto_config", "\(isConfiguring)"),
                        ("drivers.veth.offloads_off", "tx-generic-segmentation"),
                    ])
                case .file:
                    let key = "[network_manager]\ndriver_auto_config = \(isConfiguring)\n"
                    let text = ConfigurationConsole.base.replacing("[network_manager]\n", with: key)
                    let section = "[drivers.veth]\noffloads_off = [\"tx-generic-segmentation\"]\n"
                    let result = try await console.apply(text + section)
                    #expect(result.status == 0, "\(result.error)")
                }
            }
            func isSegmenting() async throws -> Bool {
                let result = try await run(namespace.inside(["ethtool", "-k", "d0"]))
                return result.output.contains("generic-segmentation-offload: on")
            }
            #expect(try await isSegmenting())
            try await configure(true)
            #expect(try await !isSegmenting())
            try await namespace.ip("link del d0")
            try await namespace.ip(Self.link)
            try await eventually("the new interface has the default") { try await !isSegmenting() }
            try await configure(false)
            #expect(try await isSegmenting())
        }
    }
}
