import Foundation
import SMI
import Testing

/// Findings that are applied by SNMP, on the real kernel.
@Suite(.serialized, .enabled(if: Host.canRunSandboxes, Comment(rawValue: Host.whyNot)))
struct OptimisationTests {
    private static let segmentation = "tcp-segmentation-offload"

    /// A veth whose segmentation somebody switched off.
    private func withoutSegmentation(_ body: (Optimiser) async throws -> Void) async throws {
        try await Sandbox.with(configuration: Optimiser.configuration) { sandbox async throws in
            try await sandbox.namespace.ip("link add d0 type veth peer name d0p")
            try await sandbox.namespace.ip("link set d0 up")
            try await sandbox.namespace.ip("link set d0p up")
            try await succeed(sandbox.namespace.inside(["ethtool", "-K", "d0", "tso", "off"]))
            try await body(try Optimiser(sandbox))
        }
    }

    @Test func `an offload that a SET switches on shows in ethtool, is audited, told and kept`() async throws {
        try await withoutSegmentation { optimiser async throws in
            let finding = try await optimiser.finding(.offload, of: "d0")
            #expect(try await optimiser.feature(Self.segmentation, of: "d0") == "off")
            try await TrapReceiver.with(optimiser.sandbox) { receiver async throws in
                #expect(try await optimiser.apply(finding) == .done)
                _ = try await receiver.next("the beginning is told", within: .seconds(30)) {
                    $0.kind == Optimiser.applied
                }
                #expect(try await optimiser.feature(Self.segmentation, of: "d0") == "on")
                let kept = try await receiver.next("the end is told", within: .seconds(30)) {
                    $0.kind == Optimiser.confirmed
                }
                #expect(kept.value(ofColumn: optimiser.column(.name)) == .text("d0"))
            }
            try await optimiser.await(.confirmed, of: finding)
            #expect(try await optimiser.feature(Self.segmentation, of: "d0") == "on")
            let records = try await optimiser.audited()
            #expect(records.map(\.phase) == ["begun", "committed", "done"])
            #expect(records.allSatisfy { $0.user == "admin" })
            let object = try #require(records.first?.objects?.first { $0.name == "tx-tcp-segmentation" })
            #expect(object.target == "d0" && object.old?.text == "off" && object.new?.text == "on")
            // The SET itself, and its operation, say who asked for it as well.
            let all = try await optimiser.sandbox.audit()
            #expect(all.contains { $0.event == "set" && $0.phase == "committed" })
            #expect(all.contains { $0.event == "operation" && $0.user == "admin" })
            // A second application is refused, and taking it back is not.
            #expect(
                try await optimiser.apply(finding)
                    == .refused("inconsistentValue", optimiser.column(.action).appending(finding)))
            #expect(try await optimiser.snmp.set(optimiser.column(.action).appending(finding), "i", "3") == .done)
            try await optimiser.await(.reverted, of: finding)
            #expect(try await optimiser.feature(Self.segmentation, of: "d0") == "off")
        }
    }

    @Test func `a trial that a sudden end interrupts is taken back by the next start`() async throws {
        try await withoutSegmentation { optimiser async throws in
            let daemon = try MortalDaemon(
                optimiser.sandbox.processIdentifier("ORIOND_PID"), in: optimiser.sandbox.namespace)
            defer { daemon.end() }
            let finding = try await optimiser.finding(.offload, of: "d0")
            #expect(try await optimiser.apply(finding) == .done)
            try await eventually("it is on trial", within: .seconds(30)) {
                try await optimiser.feature(Self.segmentation, of: "d0") == "on"
            }
            await daemon.die()
            #expect(try await optimiser.feature(Self.segmentation, of: "d0") == "on")
            try await daemon.rise()
            try await eventually("it is taken back", within: .seconds(30)) {
                try await optimiser.feature(Self.segmentation, of: "d0") == "off"
            }
            try await eventually("that is audited", within: .seconds(30)) {
                try await optimiser.audited().last?.result == "reverted"
            }
        }
    }

    /// The far end of d0 takes packets of 1400 octets, whatever is set at this end.
    @Test func `a change that costs packets is taken back by itself`() async throws {
        try await NetworkNamespace.with { far async throws in
            try await Sandbox.with(configuration: Optimiser.configuration) { sandbox async throws in
                let near = sandbox.namespace
                try await near.ip("link add br0 type bridge")
                // Set by somebody, so that the bridge does not follow its ports.
                try await near.ip("link set br0 mtu 1499")
                try await near.ip("link set br0 mtu 1500")
                try await near.ip("link add d0 type veth peer name d0p netns \(far.name)")
                try await near.ip("link set d0 mtu 1400")
                try await near.ip("link set d0 master br0")
                for name in ["br0", "d0"] { try await near.ip("link set \(name) up") }
                try await near.ip("addr add 192.0.2.1/24 dev br0")
                try await far.ip("link set d0p mtu 1400")
                try await far.ip("link set d0p up")
                try await far.ip("addr add 192.0.2.2/24 dev d0p")
                let optimiser = try Optimiser(sandbox)
                try await optimiser.sending([100, 1440], to: "192.0.2.2") {
                    let finding = try await optimiser.finding(.mtu, of: "d0")
                    try await TrapReceiver.with(sandbox) { receiver async throws in
                        #expect(try await optimiser.apply(finding) == .done)
                        _ = try await receiver.next("it is applied", within: .seconds(30)) {
                            $0.kind == Optimiser.applied
                        }
                        let told = try await receiver.next("it is taken back", within: .seconds(30)) {
                            $0.kind == Optimiser.reverted
                        }
                        #expect(told.value(ofColumn: optimiser.column(.name)) == .text("d0"))
                    }
                    try await optimiser.await(.reverted, of: finding)
                    #expect(try await KernelLink.named("d0", in: near).mtu == 1400)
                    let records = try await optimiser.audited()
                    #expect(records.map(\.phase) == ["begun", "committed", "done"])
                    #expect(records.map(\.user) == ["admin", "admin", "host"])
                    #expect(records.last?.result == "reverted" && records.last?.reason?.contains("dropped") == true)
                    #expect(records.last?.objects?.first?.new?.text == "1400")
                }
            }
        }
    }

    @Test func `queues that are spread over the processors by a SET show in sysfs`() async throws {
        try await Sandbox.with(configuration: Optimiser.configuration) { sandbox async throws in
            let namespace = sandbox.namespace
            try await namespace.ip("link add d0 numtxqueues 2 numrxqueues 1 type veth peer name d0p numrxqueues 1")
            for name in ["d0", "d0p"] { try await namespace.ip("link set \(name) up") }
            try await namespace.ip("addr add 192.0.2.1/24 dev d0")
            let far = try #require(try await KernelLink.named("d0p", in: namespace).address)
            try await namespace.ip("neigh replace 192.0.2.2 lladdr \(far) dev d0")
            let optimiser = try Optimiser(sandbox)
            func mask(_ file: String) async throws -> String {
                try await succeed(namespace.inside(["cat", "/sys/class/net/\(file)"]))
                    .trimmingCharacters(in: .whitespacesAndNewlines)
            }
            // Ten thousand small packets a second.
            try await optimiser.sending(Array(repeating: 10, count: 100), to: "192.0.2.2", every: 0.01) {
                let transmit = try await optimiser.finding(.steering, of: "d0")
                let receive = try await optimiser.finding(.steering, of: "d0p")
                #expect(try await mask("d0p/queues/rx-0/rps_cpus") == "0")
                for finding in [transmit, receive] { #expect(try await optimiser.apply(finding) == .done) }
                for finding in [transmit, receive] { try await optimiser.await(.confirmed, of: finding) }
                let siblings = try await succeed([
                    "sh", "-c", "cat /sys/devices/system/cpu/cpu[0-9]*/topology/thread_siblings_list",
                ])
                let cores = Set(siblings.split(separator: "\n")).count
                // A single core has nothing but its threads.
                let wanted = cores > 1 ? cores : ProcessInfo.processInfo.activeProcessorCount
                #expect(Int(try await mask("d0p/queues/rx-0/rps_cpus"), radix: 16)?.nonzeroBitCount == wanted)
                let own = try await [mask("d0/queues/tx-0/xps_cpus"), mask("d0/queues/tx-1/xps_cpus")]
                    .map { Int($0, radix: 16) ?? 0 }
                #expect(own.allSatisfy { $0 != 0 } && own[0] & own[1] == 0)
            }
        }
    }

    @Test func `a shaper that drops is told of by its name, and not given a longer queue`() async throws {
        try await Sandbox.with(configuration: Optimiser.configuration) { sandbox async throws in
            let namespace = sandbox.namespace
            try await namespace.ip("link add d0 type veth peer name d0p")
            for name in ["d0", "d0p"] { try await namespace.ip("link set \(name) up") }
            try await namespace.ip("addr add 192.0.2.1/24 dev d0")
            try await namespace.ip("neigh replace 192.0.2.2 lladdr 02:00:00:00:00:02 dev d0")
            // Without a change of the link, which alone the kernel would tell of.
            let shaper = "tc qdisc replace dev d0 root tbf rate 80kbit burst 3000 limit 3000"
            try await succeed(namespace.inside(shaper.split(separator: " ").map(String.init)))
            let optimiser = try Optimiser(sandbox)
            try await optimiser.sending([1000, 1000], to: "192.0.2.2") {
                let finding = try await optimiser.finding(.queueLength, of: "d0")
                let change = try await optimiser.snmp.get(optimiser.column(.change).appending(finding)).first?.value
                guard case .octetString(let octets) = change else { throw MissingVariable(name: "the advice") }
                #expect(octets.text?.hasPrefix("tbf at root ") == true)
                #expect(
                    try await optimiser.apply(finding)
                        == .refused("inconsistentValue", optimiser.column(.action).appending(finding)))
            }
        }
    }

    /// A tap whose reader takes a burst at once: what does not fit into its queue is lost.
    @Test func `a longer queue ends the loss of bursts, and is kept`() async throws {
        try await Sandbox.with(configuration: Optimiser.configuration) { sandbox async throws in
            let namespace = sandbox.namespace
            try await namespace.ip("tuntap add dev t0 mode tap")
            try await namespace.ip("link set t0 txqueuelen 10")
            let script = """
                import fcntl, os, socket, struct, time
                tap = os.open('/dev/net/tun', os.O_RDWR | os.O_NONBLOCK)
                fcntl.ioctl(tap, 0x400454ca, struct.pack('16sH22x', b't0', 0x1002))
                os.system('ip link set t0 up; ip addr add 192.0.2.1/24 dev t0;'
                          'ip neigh replace 192.0.2.2 lladdr 02:00:00:00:00:02 dev t0')
                s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                while True:
                    for _ in range(50):
                        try:
                            s.sendto(b'x' * 100, ('192.0.2.2', 9))
                        except OSError:
                            pass
                    try:
                        while True:
                            os.read(tap, 2048)
                    except BlockingIOError:
                        pass
                    time.sleep(0.02)
                """
            let bursts = try BackgroundProcess(namespace.inside(["python3", "-c", script]))
            defer {
                bursts.send(SIGKILL)
                bursts.removeOutput()
            }
            let optimiser = try Optimiser(sandbox)
            let finding = try await optimiser.finding(.queueLength, of: "t0")
            #expect(try await optimiser.apply(finding) == .done)
            try await optimiser.await(.confirmed, of: finding)
            let text = try await succeed(["ip", "-n", namespace.name, "-d", "link", "show", "t0"])
            #expect(text.contains("qlen 1000"))
            let before = try await optimiser.snmp.get(optimiser.column(.beforeLoss).appending(finding)).first?.value
            let after = try await optimiser.snmp.get(optimiser.column(.afterLoss).appending(finding)).first?.value
            guard case .gauge32(let lost) = before else { throw MissingVariable(name: "the loss before") }
            #expect(lost > 100_000 && after == .gauge32(0), "\(lost), and \(String(describing: after)) after")
        }
    }
}
