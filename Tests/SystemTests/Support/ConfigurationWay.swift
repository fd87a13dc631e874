import Foundation
import SMI
import Testing

/// How a key is changed.
enum ConfigurationWay: String, Sendable, CaseIterable {
    case snmp, file
}

extension ConfigurationConsole {
    /// Makes a key of `[network_manager]`, whose value is written as in a file, the only difference to the sandbox's file.
    ///
    /// - Parameter interfaces: settings of interfaces that are to hold beside it, each with its value as in a file.
    func change(
        _ key: String, _ value: String, _ way: ConfigurationWay,
        interfaces: [(name: String, key: String, value: String)] = []
    ) async throws {
        switch way {
        case .snmp:
            try await commit(
                [("network_manager.\(key)", value.trimmingCharacters(in: ["\""]))]
                    + interfaces.map {
                        ("interfaces.\($0.name).\($0.key)", $0.value.trimmingCharacters(in: ["\"", "[", "]"]))
                    })
        case .file:
            var text = Self.base
            if key == "manager_max_interfaces" { text = text.replacing("manager_max_interfaces = 200\n", with: "") }
            text = text.replacing("[network_manager]\n", with: "[network_manager]\n\(key) = \(value)\n")
            for (name, settings) in Dictionary(grouping: interfaces, by: \.name) {
                text += "[interfaces.\(name)]\n" + settings.map { "\($0.key) = \($0.value)\n" }.joined()
            }
            let result = try await apply(text)
            #expect(result.status == 0, "\(result.error)")
        }
    }

    /// The ifIndex of an interface, whose row is there.
    func index(_ name: String) async throws -> UInt32 {
        let index = try await KernelLink.named(name, in: sandbox.namespace).ifindex
        try await eventually("the row of \(name)") {
            try await snmp.get(InterfaceNames.ifName.appending(index)).first?.value == .text(name)
        }
        return index
    }
}
