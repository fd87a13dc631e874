import Foundation
import RandomTesting
import SMI
import Testing

/// A random walk through the life of a configuration, on the real kernel: each step is made by a console or on the host,
/// and what comes of it is what the model says.
final class ConfigurationWalk {
    private typealias Names = ConfigurationNames

    let console: ConfigurationConsole
    private let oriond: MortalDaemon
    private var random: SeededGenerator
    private(set) var model = ConfigurationModel()
    private var addresses: [String: String] = [:]
    /// How often each kind of step was made.
    private(set) var made: [String: Int] = [:]
    private(set) var step = 0

    static let links = ConfigurationModel.ports.map { "link add \($0) type veth peer name \($0)p" }

    init(_ console: ConfigurationConsole, _ oriond: MortalDaemon, seed: UInt64) async throws {
        self.console = console
        self.oriond = oriond
        random = SeededGenerator(seed: seed)
        let namespace = console.sandbox.namespace
        for port in ConfigurationModel.ports {
            addresses[port] = try await KernelLink.named(port, in: namespace).address
        }
        let key = "net.ipv6.conf.\(ConfigurationModel.withoutIPv6).disable_ipv6=1"
        try await succeed(namespace.inside(["sysctl", "-qw", key]))
    }

    // MARK: steps

    /// One step at random.
    ///
    /// - Returns: what it was.
    func next() async throws -> String {
        step += 1
        let name = try await take(Int.random(in: 0..<100, using: &random))
        made[name, default: 0] += 1
        return name
    }

    private func take(_ number: Int) async throws -> String {
        switch number {
        case 0..<26: return try await edit(ConfigurationModel.changes(&random))
        case 26..<32:
            _ = try await edit(ConfigurationModel.poison(&random))
            return try await commit(3)
        case 32..<50: return try await commit(3)
        case 50..<57: return try await commit(4)
        case 57..<63: return try await settle(5)
        case 63..<66: return try await settle(6)
        case 66..<70: return try await validate()
        case 70..<75: return try await discard()
        case 75..<78: return try await forget()
        case 78..<83: return try await rollBack()
        case 83..<88: return try await apply()
        case 88..<91: return try await kill()
        case 91..<95: return try await killDuringCommit()
        case 95..<98: return try await stray()
        default: return try await expire()
        }
    }

    private func edit(_ changes: [String: String?]) async throws -> String {
        let edits = changes.map { path, value in
            value.map { Names.edit(path, $0) }
                ?? (Names.editUnset + Names.owner + Names.counted(path), type: "i", value: "1")
        }
        #expect(try await console.snmp.set(edits) == .done)
        model.edit(changes)
        return "edit"
    }

    private func forget() async throws -> String {
        guard let path = model.edits.keys.sorted().randomElement(using: &random) else { return "nothing" }
        let status = Names.editRowStatus + Names.owner + Names.counted(path)
        #expect(try await console.snmp.set(status, "i", "6") == .done)
        model.forgetEdit(of: path)
        return "forget"
    }

    private func commit(_ operation: Int) async throws -> String {
        let candidate = model.candidate
        let isStale = model.isUnconfirmed || model.base != model.revision
        let isRefused = isStale || model.isInvalid(candidate) || model.isRefusedByKernel(candidate)
        let state = try await console.perform(
            operation, operation == 4 ? [(Names.sessionTimeout + Names.owner, type: "u", value: "600")] : [])
        let result = try await result()
        #expect(state == .integer(isRefused ? 4 : 3), "\(result)")
        guard state == .integer(3) else {
            model.endOperation()
            let name = isStale ? "commit, stale" : model.isInvalid(candidate) ? "commit, invalid" : "commit, refused"
            // What was refused once would be again: often enough it goes.
            if Int.random(in: 0..<3, using: &random) > 0 { _ = try await discard() }
            return name
        }
        model.commit(candidate, as: try await revision(), isUnconfirmed: operation == 4)
        model.endOperation(clearing: true)
        return operation == 4 ? "commit to be confirmed" : "commit"
    }

    /// Confirms an unconfirmed revision, or takes it back.
    private func settle(_ operation: Int) async throws -> String {
        let isRefused = !model.isUnconfirmed
        #expect(try await console.perform(operation) == .integer(isRefused ? 4 : 3))
        if operation == 5 { model.confirm() } else { model.takeBack() }
        model.endOperation()
        return (operation == 5 ? "confirm" : "cancel") + (isRefused ? ", refused" : "")
    }

    private func validate() async throws -> String {
        let isInvalid = model.isInvalid(model.candidate)
        let state = try await console.perform(2)
        let result = try await result()
        #expect(state == .integer(isInvalid ? 4 : 3), "\(result)")
        model.endOperation()
        return "validate"
    }

    private func discard() async throws -> String {
        #expect(try await console.perform(7) == .integer(3))
        model.endOperation(clearing: true)
        return "discard"
    }

    private func rollBack() async throws -> String {
        guard let target = model.contents.keys.sorted().suffix(20).randomElement(using: &random) else {
            return "nothing"
        }
        let candidate = model.contents[target] ?? [:]
        let isRefused = model.isUnconfirmed || model.isInvalid(candidate) || model.isRefusedByKernel(candidate)
        let state = try await console.perform(
            8, [(Names.sessionTarget + Names.owner, type: "u", value: "\(target)")])
        let result = try await result()
        #expect(state == .integer(isRefused ? 4 : 3), "\(result)")
        guard state == .integer(3) else {
            model.endOperation()
            return "roll back, refused"
        }
        model.commit(candidate, as: try await revision(), isUnconfirmed: false)
        model.endOperation(clearing: true)
        return "roll back"
    }

    private func apply() async throws -> String {
        let changes = ConfigurationModel.changes(&random)
        let candidate = ConfigurationModel.settings(model.running, with: changes)
        let isUnconfirmed = Int.random(in: 0..<4, using: &random) == 0
        let isRefused = model.isUnconfirmed || model.isInvalid(candidate) || model.isRefusedByKernel(candidate)
        let reply = try await console.apply(
            ConfigurationModel.file(candidate), isUnconfirmed ? ["--confirm-within", "600"] : [])
        #expect((reply.status != 0) == isRefused, "\(reply)")
        guard reply.status == 0 else { return "file, refused" }
        model.commit(candidate, as: try await revision(), isUnconfirmed: isUnconfirmed)
        return "file"
    }

    private func kill() async throws -> String {
        await oriond.die()
        try await rise()
        return "kill"
    }

    private func rise() async throws {
        try await oriond.rise()
        try await console.awaitStart()
        try await console.open()
        model.restart()
        model.openSession()
    }

    private func killDuringCommit() async throws -> String {
        _ = try await edit(ConfigurationModel.changes(&random))
        let candidate = model.candidate
        let before = model.revision
        let mustReturn =
            Bool.random(using: &random) || model.isUnconfirmed || model.base != before || model.isInvalid(candidate)
            || model.isRefusedByKernel(candidate)
        let operation = mustReturn ? "4" : "3"
        #expect(try await console.snmp.set(Names.sessionOperation + Names.owner, "i", operation) == .done)
        try await Task.sleep(for: .milliseconds(Int.random(in: 0..<25, using: &random)))
        await oriond.die()
        try await rise()
        let now = try await revision()
        guard now != model.revision else { return "kill during a commit, the old revision" }
        #expect(!mustReturn, "revision \(now) is in force")
        model.commit(candidate, as: now, isUnconfirmed: false)
        model.openSession()
        return "kill during a commit, the new revision"
    }

    /// Something else changes a port; the daemon changes it back.
    private func stray() async throws -> String {
        let ports = ConfigurationModel.ports.filter {
            model.running["interfaces.\($0).mtu"] != nil && model.strayed[$0, default: 0] < 3
        }
        guard let port = ports.randomElement(using: &random) else { return "nothing" }
        model.stray(port)
        let namespace = console.sandbox.namespace
        try await namespace.ip("link set \(port) mtu 1600")
        try await eventually("\(port) is as configured again") {
            try await KernelLink.named(port, in: namespace).mtu != 1600
        }
        return "something else"
    }

    private func expire() async throws -> String {
        let candidate = model.candidate
        guard !model.isUnconfirmed, model.base == model.revision, !model.isInvalid(candidate),
            !model.isRefusedByKernel(candidate)
        else { return "nothing" }
        let before = model.revision
        let state = try await console.perform(4, [(Names.sessionTimeout + Names.owner, type: "u", value: "1")])
        let result = try await result()
        #expect(state == .integer(3), "\(result)")
        let number = try await revision()
        if number != before { model.commit(candidate, as: number, isUnconfirmed: true) }
        try await eventually("its time is over") { try await self.revision() == before }
        model.takeBack()
        _ = try await discard()
        return "not confirmed in time"
    }

    private func revision() async throws -> UInt32 {
        guard case .gauge32(let number)? = try await console.snmp.get(Names.revision).first?.value else {
            throw Unreadable(text: "orionConfigRevision")
        }
        return number
    }

    private func result() async throws -> String {
        "\(String(describing: try await console.snmp.get(Names.sessionResult + Names.owner).first?.value))"
    }

    // MARK: at rest

    /// The kernel, the store and the MIB are what the model says.
    func expectAgreement(_ comment: Comment) async throws {
        let isLookingBack = Int.random(in: 0..<4, using: &random) == 0
        let other = isLookingBack ? model.contents.keys.sorted().suffix(20).randomElement(using: &random) : nil
        let rest = ConfigurationRest(
            console: console, model: model, addresses: addresses, other: other ?? model.revision)
        async let kernel: Void = rest.expectKernel(comment)
        async let shown: Void = rest.expectShown(comment)
        async let stored: Void = rest.expectStored(comment)
        _ = try await (kernel, shown, stored)
    }
}
