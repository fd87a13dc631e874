import Foundation
import SMI
import Testing

/// Alarms of real links: a console that missed notifications, and one that would get too many.
@Suite(.serialized, .enabled(if: Host.canRunSandboxes, Comment(rawValue: Host.whyNot)))
struct AlarmTests {
    /// Settings with room for every notification, in which nothing is damped.
    private static let undamped = """
        [network_manager]
        manager_max_interfaces = 4000
        [notifications]
        flap_burst = 1000
        flap_rate = 1000
        alarm_burst = 1000
        alarm_rate = 1000

        """

    /// For how many seconds nobody receives at least; ORION_BLOCKED_SECONDS says otherwise.
    private static let blockedSeconds =
        ProcessInfo.processInfo.environment["ORION_BLOCKED_SECONDS"].flatMap { Int($0) } ?? 0

    private static let flaps = 50

    private func pairs(_ names: [String]) -> [String] {
        names.flatMap { ["link add \($0) type veth peer name \($0)p", "link set \($0) up", "link set \($0)p up"] }
    }

    /// The sequence number of a notification of an alarm.
    private func sequence(_ notification: ReceivedNotification) -> UInt32? {
        guard case .gauge32(let number) = notification.value(ofColumn: AlarmNames.eventSequence) else { return nil }
        return number
    }

    private func isOfAlarm(_ notification: ReceivedNotification) -> Bool {
        [AlarmNames.raised, AlarmNames.cleared].contains(notification.kind)
    }

    /// Waits until the table and the kernel agree.
    private func agree(_ sandbox: Sandbox, _ snmp: SNMPTools, within limit: Duration = .seconds(20)) async throws {
        try await eventually("the alarms are those of the kernel", within: limit) {
            try await snmp.linkDownAlarms() == sandbox.namespace.linksThatFailed()
        }
    }

    @Test(arguments: [undamped, ""])
    func `a console that got no notification amid 50 flaps reads the table and is whole, and knows how many it missed`(
        configuration: String
    ) async throws {
        try await Sandbox.with(configuration: configuration) { sandbox async throws in
            try await sandbox.namespace.ip(batch: pairs(["fa", "fb", "fc", "fd"]) + ["link set fcp down"])
            let snmp = try sandbox.snmp()
            let link = try await KernelLink.named("fa", in: sandbox.namespace)
            try await agree(sandbox, snmp)
            #expect(try await snmp.linkDownAlarms().count == 1)

            let before = try await TrapReceiver.with(sandbox) { receiver async throws in
                try await sandbox.namespace.ip("link set fdp down")
                let raised = try await receiver.next("the alarm of fd") { $0.kind == AlarmNames.raised }
                return try #require(sequence(raised))
            }
            // Nobody receives now.
            let start = ContinuousClock.now
            for flap in 1...Self.flaps {
                for state in ["down", "up"] {
                    try await sandbox.namespace.ip("link set fap \(state)")
                    try await eventually("fa is \(state)") {
                        let isDown = try await sandbox.namespace.linksThatFailed().contains(link.ifindex)
                        return isDown == (state == "down")
                    }
                }
                let pace = Duration.seconds(Self.blockedSeconds) * flap / Self.flaps
                try await ContinuousClock().sleep(until: start + pace)
            }
            // And one fails, one is well again, one that flapped ends down.
            try await sandbox.namespace.ip(batch: ["link set fbp down", "link set fcp up", "link set fap down"])
            try await agree(sandbox, snmp)

            let after = try await TrapReceiver.with(sandbox) { receiver async throws in
                // What is left of informs is of before.
                try await sandbox.namespace.ip("link set fdp up")
                return try await #require(sequence(receiver.next("the end of fd's alarm", matching: isOfAlarm)))
            }
            let missed = Int(after) - Int(before) - 1
            let log = try await Cells(snmp.walk(AlarmNames.logEvent))
            let lines = log.rows(of: AlarmNames.logEvent).filter { before < $0 && $0 < after }
            // The gap is what the history has of it, line by line.
            #expect(lines == Array(before + 1..<after))
            #expect(missed == lines.count)
            if !configuration.isEmpty {
                // Each flap raised and cleared, that of the peer too while it came up; then fb, fc and fa.
                #expect(missed >= 2 * Self.flaps + 3)
                let told = try await snmp.walk(AlarmNames.logNotified).filter { binding in
                    lines.contains(binding.name.words.last ?? 0) && binding.value == .integer(1)
                }
                #expect(told.count == missed)
            } else if 2 * Self.flaps > 20 + 2 * Self.blockedSeconds {
                // Faster than flap_burst and flap_rate allow.
                #expect(missed < 2 * Self.flaps)
            }
            print("alarms: \(Self.flaps) flaps in \(ContinuousClock.now - start), \(missed) lines missed")
            try await agree(sandbox, snmp)
        }
    }

    @Test func `alarms beyond alarm_burst and alarm_rate are in the table, and counted instead of told`() async throws {
        let throttled = "[notifications]\nalarm_burst = 10\nalarm_rate = 1\n"
        let names = (0..<150).map { "s\($0)" }
        try await ConfigurationConsole.with(throttled, links: pairs(names)) { console async throws in
            let sandbox = console.sandbox
            try await console.commit([("network_manager.manager_max_interfaces", "4000")])
            try await TrapReceiver.with(sandbox) { receiver async throws in
                func received(_ kind: OID) throws -> [ReceivedNotification] {
                    try receiver.received().filter {
                        $0.kind == kind && $0.value(ofColumn: AlarmNames.eventKind) == AlarmNames.linkDown
                    }
                }
                try await sandbox.namespace.ip(batch: names.map { "link set \($0)p down" })
                try await agree(sandbox, console.snmp)
                #expect(try await console.snmp.linkDownAlarms().count == names.count)
                guard case .counter32(let count)? = try await console.snmp.get(AlarmNames.throttled).first?.value else {
                    Issue.record("orionAlarmThrottled has no value")
                    return
                }
                #expect(count > 100)
                #expect(try received(AlarmNames.raised).count { !$0.isInform } < 50)
                // When there is room again their number is told, by itself or with the next alarm.
                try await eventually("what was held back is told", within: .seconds(30)) {
                    try receiver.received().contains { notification in
                        guard case .gauge32(let count)? = notification.value(ofColumn: AlarmNames.eventSuppressed)
                        else { return false }
                        return count > 100
                    }
                }
                // With room for all of them, all are told.
                try await console.commit([("notifications.alarm_burst", "1000"), ("notifications.alarm_rate", "1000")])
                try await sandbox.namespace.ip(batch: names.map { "link set \($0)p up" })
                try await agree(sandbox, console.snmp)
                try await eventually("every end is told", within: .seconds(20)) {
                    // A trap that found no room at the receiver is lost; its inform comes again.
                    let ended = try received(AlarmNames.cleared)
                    return Set(ended.compactMap { sequence($0) }).count >= names.count
                }
            }
        }
    }
}
