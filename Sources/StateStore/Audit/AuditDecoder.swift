import NetworkManagement
import NetworkModel

/// Reads the lines that `AuditEncoder` wrote.
struct AuditDecoder {
    /// Opens sealed values; nil when there is no key, and then they are masked.
    let sealer: Sealer?

    /// nil when `line`, without its line feed, does not say what a record says. The chain is not looked at.
    func decode(_ line: ArraySlice<UInt8>) -> AuditEntry? {
        guard let frame = AuditLine(line), let fields = JSONValue(line)?.object,
            let time = fields["time"]?.string.flatMap({ TimeText.time(from: $0) }),
            let uptime = fields["uptime_ns"]?.integer, let record = record(fields)
        else { return nil }
        return AuditEntry(
            receipt: AuditReceipt(sequence: frame.sequence, digest: frame.digest), time: time,
            uptime: MonotonicTime(nanoseconds: uptime), record: record)
    }

    private func record(_ fields: [String: JSONValue]) -> AuditRecord? {
        guard let event = fields["event"]?.string.flatMap({ AuditEvent($0) }),
            let phase = fields["phase"]?.string.flatMap({ AuditPhase($0) }), let principal = principal(fields)
        else { return nil }
        var record = AuditRecord(event, principal: principal, phase: phase)
        for element in fields["objects"]?.array ?? [] {
            guard let object = object(element) else { return nil }
            record.objects.append(object)
        }
        record.result = fields["result"]?.string.flatMap(text) ?? ""
        record.reason = fields["reason"]?.string.flatMap(text) ?? ""
        record.duration = fields["duration_ns"]?.integer.map { .nanoseconds($0) }
        record.announcement = fields["announcement"]?.integer.flatMap { UInt64(exactly: $0) }
        record.request = fields["request"]?.integer.flatMap { Int32(exactly: $0) }
        record.transaction = fields["transaction"]?.integer.flatMap { UInt32(exactly: $0) }
        return record
    }

    private func principal(_ fields: [String: JSONValue]) -> Principal? {
        guard let name = fields["user"]?.string.flatMap({ PrintableOctets.octets(from: $0) }),
            let model = fields["model"]?.string.flatMap({ SecurityModel($0) }),
            let level = fields["level"]?.string.flatMap({ SecurityLevel($0) }),
            let source = fields["source"]?.string.flatMap({ SourceAddress($0) }),
            let context = fields["context"]?.string.flatMap({ PrintableOctets.octets(from: $0) })
        else { return nil }
        return Principal(name: name, model: model, level: level, context: context, source: source)
    }

    private func object(_ json: JSONValue) -> AuditObject? {
        guard let fields = json.object, let name = fields["name"]?.string.flatMap(text) else { return nil }
        return AuditObject(
            name: name, target: fields["target"]?.string.flatMap(text) ?? "", old: fields["old"].flatMap(value),
            new: fields["new"].flatMap(value))
    }

    private func value(_ json: JSONValue) -> AuditValue? {
        switch json {
        case .integer(let number): return .integer(number)
        case .string(let text): return PrintableOctets.octets(from: text).map { .octets($0) }
        case .object(let fields):
            guard let sealer, let sealed = fields["sealed"]?.string.flatMap({ Hexadecimal.parse(Array($0.utf8)) }),
                let opened = try? sealer.open(sealed, for: AuditEncoder.sealingPurpose)
            else { return .masked }
            return .secret(opened)
        case .boolean, .array: return nil
        }
    }

    private func text(_ printable: String) -> String? {
        PrintableOctets.octets(from: printable).map { String(decoding: $0, as: UTF8.self) }
    }
}
