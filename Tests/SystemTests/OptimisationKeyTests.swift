import Foundation
import SMI
import Testing

/// What the keys of optimising do, changed by SNMP and by file.
@Suite(.serialized, .enabled(if: Host.canRunSandboxes, Comment(rawValue: Host.whyNot)))
struct OptimisationKeyTests {
    /// orionMonitoringResourceEnforced.
    private static let enforced: OID = [1, 3, 6, 1, 4, 1, 32473, 77, 2, 6, 1, 8, 1, 4]

    /// A port that lacks an offload, found.
    private func withFinding(_ body: (ConfigurationConsole, Optimiser, UInt32) async throws -> Void) async throws {
        let links = ["link add d0 type veth peer name d0p", "link set d0 up"]
        try await ConfigurationConsole.with(links: links) { console async throws in
            try await succeed(console.sandbox.namespace.inside(["ethtool", "-K", "d0", "tso", "off"]))
            let optimiser = try Optimiser(console.sandbox)
            try await body(console, optimiser, try await optimiser.finding(.offload, of: "d0"))
        }
    }

    @Test(arguments: ConfigurationWay.allCases)
    func `performance_optimization_enabled says whether anything is found`(way: ConfigurationWay) async throws {
        try await withFinding { console, optimiser, finding async throws in
            let rules = optimiser.column(.rule)
            try await console.change("performance_optimization_enabled", "false", way)
            try await eventually("nothing is found") { try await optimiser.snmp.walk(rules).isEmpty }
            let action = optimiser.column(.action).appending(finding)
            #expect(try await optimiser.apply(finding) == .refused("noCreation", action))
            try await console.change("performance_optimization_enabled", "true", way)
            _ = try await optimiser.finding(.offload, of: "d0")
        }
    }

    @Test(arguments: ConfigurationWay.allCases)
    func `interface_optimization_enabled says whether a finding can be applied`(way: ConfigurationWay) async throws {
        try await withFinding { console, optimiser, finding async throws in
            try await console.change("interface_optimization_enabled", "false", way)
            let action = optimiser.column(.action).appending(finding)
            #expect(try await optimiser.apply(finding) == .refused("inconsistentValue", action))
            try await console.change("interface_optimization_enabled", "true", way)
            #expect(try await optimiser.apply(finding) == .done)
        }
    }

    @Test(arguments: ConfigurationWay.allCases)
    func `load_balancing_enabled says whether groups are watched`(way: ConfigurationWay) async throws {
        try await ConfigurationConsole.with { console async throws in
            let processors = Optimiser.groups.appending([2, 0])
            func isShown() async throws -> Bool {
                try await console.snmp.get(processors).first?.value == .text("processors")
            }
            try await eventually("the processors are shown", within: .seconds(30), isShown)
            try await console.change("load_balancing_enabled", "false", way)
            try await eventually("they are not") { try await !isShown() }
            try await console.change("load_balancing_enabled", "true", way)
            try await eventually("they are again", within: .seconds(30), isShown)
        }
    }

    @Test(arguments: ConfigurationWay.allCases)
    func `resource_management_enabled says whether budgets are kept`(way: ConfigurationWay) async throws {
        try await ConfigurationConsole.with { console async throws in
            func isEnforced(_ expected: Int32) async throws -> Bool {
                let values = try await console.snmp.walk(Self.enforced).map(\.value)
                return values == Array(repeating: .integer(expected), count: 3)
            }
            try await eventually("they are") { try await isEnforced(1) }
            try await console.change("resource_management_enabled", "false", way)
            try await eventually("they are not") { try await isEnforced(2) }
            try await console.change("resource_management_enabled", "true", way)
            try await eventually("they are again") { try await isEnforced(1) }
        }
    }
}
