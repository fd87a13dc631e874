import Foundation
import SMI
import Testing

/// linkUp and linkDown from the kernel's event to the receiver.
@Suite(.serialized, .enabled(if: Host.canRunSandboxes, Comment(rawValue: Host.whyNot)))
struct LinkNotificationTests {
    /// A pair of veths, both up, in the sandbox's namespace; `body` is called when their rows are there.
    private func withPair(
        configuration: String? = nil, _ body: (Sandbox, TrapReceiver, KernelLink) async throws -> Void
    ) async throws {
        try await Sandbox.with(configuration: configuration) { sandbox async throws in
            try await sandbox.namespace.ip(batch: [
                "link add va type veth peer name vb", "link set va alias to-the-lab", "link set va up",
                "link set vb up",
            ])
            let link = try await KernelLink.named("va", in: sandbox.namespace)
            let snmp = try sandbox.snmp()
            try await eventually("va is up") {
                try await snmp.get(InterfaceNames.ifOperStatus.appending(link.ifindex)).first?.value == .integer(1)
            }
            try await TrapReceiver.with(sandbox) { receiver async throws in
                try await body(sandbox, receiver, link)
            }
        }
    }

    private func isAbout(_ link: KernelLink, _ kind: OID) -> (ReceivedNotification) -> Bool {
        { $0.kind == kind && $0.value(of: InterfaceNames.ifIndex.appending(link.ifindex)) != nil }
    }

    @Test func `losing and finding carrier is told within a second, with what RFC 2863 asks for first`() async throws {
        try await withPair { sandbox, receiver, link async throws in
            try await sandbox.namespace.ip("link set vb down")
            let down = try await receiver.next(
                "linkDown", within: .seconds(1), matching: isAbout(link, ReceivedNotification.linkDown))
            // After sysUpTime and snmpTrapOID: ifIndex, ifAdminStatus, ifOperStatus, then the names.
            let row = link.ifindex
            #expect(
                Array(down.bindings.dropFirst(2).prefix(5)) == [
                    VarBind(InterfaceNames.ifIndex.appending(row), .integer(Int32(row))),
                    VarBind(InterfaceNames.ifAdminStatus.appending(row), .integer(1)),
                    VarBind(InterfaceNames.ifOperStatus.appending(row), .integer(2)),
                    VarBind(InterfaceNames.ifName.appending(row), .text("va")),
                    VarBind(InterfaceNames.ifAlias.appending(row), .text("to-the-lab")),
                ])
            try await sandbox.namespace.ip("link set vb up")
            let up = try await receiver.next(
                "linkUp", within: .seconds(1), matching: isAbout(link, ReceivedNotification.linkUp))
            #expect(up.value(of: InterfaceNames.ifOperStatus.appending(row)) == .integer(1))
        }
    }

    @Test func `an interface that the administrator shuts is told as shut, not as faulty`() async throws {
        try await withPair { sandbox, receiver, link async throws in
            try await sandbox.namespace.ip("link set va down")
            let down = try await receiver.next("linkDown", matching: isAbout(link, ReceivedNotification.linkDown))
            #expect(down.value(of: InterfaceNames.ifAdminStatus.appending(link.ifindex)) == .integer(2))
            #expect(down.value(of: InterfaceNames.ifOperStatus.appending(link.ifindex)) == .integer(2))
        }
    }

    @Test func `an interface whose notifications are disabled is silent`() async throws {
        try await withPair(configuration: "[security]\nprincipal = \"optional\"\n") {
            sandbox, receiver, link async throws in
            let peer = try await KernelLink.named("vb", in: sandbox.namespace)
            let enable = InterfaceNames.ifLinkUpDownTrapEnable.appending(link.ifindex)
            #expect(try await sandbox.snmp(as: .operator).set(enable, "i", "2") == .done)
            try await sandbox.namespace.ip("link set vb down")
            _ = try await receiver.next("linkDown of the peer", matching: isAbout(peer, ReceivedNotification.linkDown))
            #expect(try receiver.received().allSatisfy { !isAbout(link, ReceivedNotification.linkDown)($0) })
        }
    }

    @Test func `an interface that flaps is damped, and its last state is told`() async throws {
        let settings = "[notifications]\nflap_burst = 4\nflap_rate = 1\nflap_settling = 500\n"
        try await withPair(configuration: settings) { sandbox, receiver, link async throws in
            try await sandbox.namespace.ip(
                batch: (0..<100).flatMap { _ in ["link set vb down", "link set vb up"] } + ["link set vb down"])
            let isDown = isAbout(link, ReceivedNotification.linkDown)
            let isUp = isAbout(link, ReceivedNotification.linkUp)
            try await eventually("the last state is told", within: .seconds(15)) {
                let ours = try receiver.received().filter { !$0.isInform && (isDown($0) || isUp($0)) }
                return ours.last.map(isDown) == true && ours.count >= 2
                    && sandbox.oriondLog.contains("interface has settled")
            }
            let told = try receiver.received().filter { !$0.isInform && (isDown($0) || isUp($0)) }
            #expect(told.count < 20, "201 changes caused \(told.count) notifications")
            let snmp = try sandbox.snmp()
            #expect(
                try await snmp.get(InterfaceNames.ifOperStatus.appending(link.ifindex)).first?.value == .integer(2))
        }
    }

    @Test func `a burst of links that go down all arrive`() async throws {
        try await Sandbox.with { sandbox async throws in
            // A veth that goes down takes its peer with it.
            let pairs = (0..<50).map { ("a\($0)", "b\($0)") }
            let count = 2 * pairs.count
            try await sandbox.namespace.ip(
                batch: pairs.flatMap {
                    ["link add \($0) type veth peer name \($1)", "link set \($0) up", "link set \($1) up"]
                })
            let snmp = try sandbox.snmp()
            try await eventually("all are up") {
                try await snmp.walk(InterfaceNames.ifOperStatus).count { $0.value == .integer(1) } == count + 1
            }
            try await TrapReceiver.with(sandbox) { receiver async throws in
                try await sandbox.namespace.ip(batch: pairs.map { "link set \($0.0) down" })
                // A busy receiver may lose a trap; an inform is sent again.
                try await eventually("100 linkDown notifications", within: .seconds(20)) {
                    let down = try receiver.received().filter { $0.kind == ReceivedNotification.linkDown }
                    return Set(down.compactMap { $0.value(ofColumn: InterfaceNames.ifName) }).count == count
                }
            }
        }
    }
}
