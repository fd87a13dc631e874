import NetworkModel

/// What spoke against one driver lately, and what was done about it.
struct DriverHealthRecord {
    private struct Subject: Hashable {
        let kind: DriverSymptom.Kind
        let device: DeviceAddress?
    }

    private struct Finding {
        var text: String
        var count = 0
        var last: MonotonicTime
    }

    private struct Ladder {
        var step: RecoveryStep?
        var last: MonotonicTime
    }

    /// A symptom counts for so long.
    static let memory: Duration = .seconds(120)
    /// So long a step is given to show an effect; what comes meanwhile may be its own doing.
    static let settling: Duration = .seconds(30)
    /// A device that was well for so long begins with the first step again.
    static let rest: Duration = .seconds(600)
    /// Steps for one driver within `limitWindow`.
    static let mostSteps = 6
    static let limitWindow: Duration = .seconds(3600)

    private var findings: [Subject: Finding] = [:]
    private var ladders: [DeviceAddress: Ladder] = [:]
    private var steps: [MonotonicTime] = []

    var isEmpty: Bool { findings.isEmpty && ladders.isEmpty && steps.isEmpty }

    mutating func note(_ symptom: DriverSymptom, _ now: MonotonicTime) {
        let subject = Subject(kind: symptom.kind, device: symptom.device)
        findings[subject, default: Finding(text: "", last: now)].text = symptom.text
        findings[subject]?.count += 1
        findings[subject]?.last = now
    }

    /// Forgets what is over.
    mutating func forget(_ now: MonotonicTime) {
        findings = findings.filter { now - $0.value.last < Self.memory }
        ladders = ladders.filter { now - $0.value.last < Self.rest }
        steps.removeAll { now - $0 >= Self.limitWindow }
    }

    var health: DriverHealth {
        findings.keys.map(\.kind.health).max { $0.rawValue < $1.rawValue } ?? .healthy
    }

    /// The weightiest first.
    var evidence: String {
        let sorted = findings.sorted { left, right in
            (right.key.kind.health.rawValue, left.key.kind.rawValue, left.value.text)
                < (left.key.kind.health.rawValue, right.key.kind.rawValue, right.value.text)
        }
        return sorted.map { $0.value.count > 1 ? "\($0.value.text) (\($0.value.count) times)" : $0.value.text }
            .joined(separator: "; ")
    }

    /// The next step for a device that a treatable symptom was seen of, of those that are possible; nil when the last one
    /// still has its time, or all were made.
    ///
    /// - Throws: why no step is made although there is one: too many within the hour.
    func nextStep(
        for device: DeviceAddress, of possible: [RecoveryStep], _ now: MonotonicTime
    ) throws(ManagementError) -> RecoveryStep? {
        let ladder = ladders[device]
        if let ladder, now - ladder.last < Self.settling { return nil }
        let made = ladder?.step
        guard let step = possible.sorted().first(where: { step in made.map { step > $0 } ?? true }) else { return nil }
        guard steps.count < Self.mostSteps else {
            throw ManagementError(.exhausted, "\(Self.mostSteps) steps were made within the hour")
        }
        return step
    }

    /// Notes that a step is made, or held back.
    mutating func climb(_ device: DeviceAddress, _ step: RecoveryStep?, _ now: MonotonicTime) {
        ladders[device] = Ladder(step: step ?? ladders[device]?.step, last: now)
        if step != nil { steps.append(now) }
    }
}
