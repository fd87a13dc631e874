import Foundation
import SMI
import Testing

/// A moment between two steps, in which the kernel, the store and the MIB have to say the same.
struct ConfigurationRest: Sendable {
    private typealias Names = ConfigurationNames

    let console: ConfigurationConsole
    let model: ConfigurationModel
    /// The link-layer addresses that the ports began with.
    let addresses: [String: String]
    /// A revision whose content is looked at beside that of the one in force.
    let other: UInt32

    // MARK: the kernel

    func expectKernel(_ comment: Comment) async throws {
        let links = try await KernelLink.all(in: console.sandbox.namespace)
        let settings = model.running
        for name in ConfigurationModel.ports {
            guard let link = links.first(where: { $0.ifname == name }) else {
                Issue.record("\(comment): no \(name)")
                continue
            }
            func wanted(_ key: String) -> String? { settings["interfaces.\(name).\(key)"] }
            #expect("\(link.mtu)" == wanted("mtu") ?? "1500", comment)
            #expect(link.txqlen.map { "\($0)" } == wanted("queue_length") ?? "1000", comment)
            #expect(link.address == wanted("mac") ?? addresses[name], comment)
            expectCommon(link, wanted, comment)
        }
        for name in ConfigurationModel.made {
            let link = links.first { $0.ifname == name }
            #expect((link != nil) == ConfigurationModel.exists(name, settings), "\(comment): \(name)")
            guard let link else { continue }
            #expect(link.kind == settings["interfaces.\(name).kind"], comment)
            expectCommon(link, { settings["interfaces.\(name).\($0)"] }, comment)
        }
    }

    private func expectCommon(_ link: KernelLink, _ wanted: (String) -> String?, _ comment: Comment) {
        let place: Comment = "\(comment): \(link.ifname)"
        #expect(link.ifalias ?? "" == wanted("alias") ?? "", place)
        #expect(link.flags.contains("UP") == (wanted("admin") == "up"), place)
        #expect(link.master ?? "" == wanted("master") ?? "", place)
        let isUp = wanted("admin") == "up"
        let addresses = (wanted("addresses") ?? "").split(separator: ",").map(String.init).filter {
            // One that is down keeps none of IPv6.
            isUp || !$0.contains("::")
        }
        #expect(Set(link.addresses) == Set(addresses), place)
    }

    // MARK: the MIB

    func expectShown(_ comment: Comment) async throws {
        let snmp = console.snmp
        let scalars = try await snmp.get(Names.revision, Names.state, Names.driftCount, Names.sampleInterval)
        let expected: [Value] = [
            .gauge32(model.revision), .integer(model.isUnconfirmed ? 2 : 1), .gauge32(0),
            .gauge32(model.running[ConfigurationModel.interval].flatMap { UInt32($0) } ?? 1000),
        ]
        #expect(scalars.map(\.value) == expected, comment)
        #expect(try await settings() == model.running, comment)
        #expect(try await edits() == model.edits, comment)
        var states: [UInt32: Value] = [:]
        for row in try await snmp.walk(Names.revisionState) { states[row.name.words.last ?? 0] = row.value }
        #expect(states[model.revision] == .integer(model.isUnconfirmed ? 2 : 3), comment)
        let halfWay = states.filter { [.integer(1), .integer(2)].contains($0.value) && $0.key != model.revision }
        #expect(halfWay.isEmpty, comment)
    }

    /// What is in force, but what the file of the sandbox says.
    private func settings() async throws -> ConfigurationModel.Settings {
        var settings: ConfigurationModel.Settings = [:]
        for row in try await console.snmp.walk(Names.settingValue) {
            let path = Names.name(row.name.words.dropFirst(Names.settingValue.count))
            guard case .octetString(let octets) = row.value, let text = octets.text else { continue }
            if path.hasPrefix("interfaces.") || (path == ConfigurationModel.interval && text != "1000") {
                settings[path] = text
            }
        }
        return settings
    }

    /// The edits of the session.
    private func edits() async throws -> [String: String?] {
        var edits: [String: String?] = [:]
        for row in try await console.snmp.walk(Names.editEntry) {
            let words = row.name.words
            let path = Names.name(words.dropFirst(Names.editValue.count + Names.owner.count))
            switch (words[Names.editEntry.count], row.value) {
            case (1, .octetString(let octets)): edits[path] = .some(octets.text)
            case (2, .integer(1)): edits[path] = .some(nil)
            default: break
            }
        }
        return edits
    }

    // MARK: the store

    private struct Stored: Decodable {
        struct Setting: Decodable {
            let setting: String
            let new: String
        }

        let settings: [Setting]
    }

    func expectStored(_ comment: Comment) async throws {
        for number in Set([model.revision, other]) {
            let reply = try await console.command("show", "\(number)", "--format", "json")
            guard reply.status == 0 else {
                Issue.record("\(comment): revision \(number) is not stored: \(reply)")
                continue
            }
            var settings: ConfigurationModel.Settings = [:]
            for row in try JSONDecoder().decode(Stored.self, from: Data(reply.output.utf8)).settings {
                let isDefault = row.setting == ConfigurationModel.interval && row.new == "1000"
                if row.setting.hasPrefix("interfaces.") || (row.setting == ConfigurationModel.interval && !isDefault) {
                    settings[row.setting] = row.new
                }
            }
            #expect(settings == model.contents[number], "\(comment): revision \(number)")
        }
    }
}
