import NetworkManagement
import NetworkModel

/// Writes a record as JSON, one line, in the order in which an operator reads it.
///
/// Octets that need not be text are written in the form of `PrintableOctets`, so a line never holds a control character,
/// and two different records never read alike.
struct AuditEncoder {
    /// Seals what not everybody may see; nil when nothing can be sealed, and then it is masked.
    let sealer: Sealer?

    static let sealingPurpose = "audit value"

    /// The part of the body that is known before the record has its place: from the event to the end.
    func encode(_ record: AuditRecord) throws(StoreError) -> [UInt8] {
        var json = JSONWriter()
        json.string("event", record.event.description)
        json.string("phase", record.phase.description)
        json.string("user", PrintableOctets.text(of: record.principal.name))
        json.string("model", record.principal.model.description)
        json.string("level", record.principal.level.description)
        json.string("source", record.principal.source.description)
        json.string("context", PrintableOctets.text(of: record.principal.context))
        if let request = record.request { json.integer("request", request) }
        if let transaction = record.transaction { json.integer("transaction", transaction) }
        if let announcement = record.announcement { json.integer("announcement", announcement) }
        if !record.objects.isEmpty {
            json.key("objects")
            json.raw("[")
            for (position, object) in record.objects.enumerated() {
                if position > 0 { json.raw(",") }
                try encode(object, into: &json)
            }
            json.raw("]")
        }
        if !record.result.isEmpty { json.string("result", PrintableOctets.text(of: record.result.utf8)) }
        if !record.reason.isEmpty { json.string("reason", PrintableOctets.text(of: record.reason.utf8)) }
        if let duration = record.duration { json.integer("duration_ns", duration.wholeNanoseconds) }
        return json.octets
    }

    /// The part in front of it.
    static func opening(sequence: UInt64, time: WallTime, uptime: MonotonicTime) -> [UInt8] {
        var json = JSONWriter()
        json.raw("{")
        json.integer("seq", sequence)
        json.string("time", TimeText.text(of: time))
        json.integer("uptime_ns", uptime.nanoseconds)
        json.raw(",")
        return json.octets
    }

    private func encode(_ object: AuditObject, into json: inout JSONWriter) throws(StoreError) {
        json.raw("{")
        json.string("name", PrintableOctets.text(of: object.name.utf8))
        if !object.target.isEmpty { json.string("target", PrintableOctets.text(of: object.target.utf8)) }
        if let old = object.old {
            json.key("old")
            try encode(old, into: &json)
        }
        if let new = object.new {
            json.key("new")
            try encode(new, into: &json)
        }
        json.raw("}")
    }

    private func encode(_ value: AuditValue, into json: inout JSONWriter) throws(StoreError) {
        switch value {
        case .integer(let number): json.raw(String(number))
        case .octets(let octets): json.quoted(PrintableOctets.text(of: octets))
        case .secret(let octets):
            guard let sealer else {
                json.raw("{\"masked\":true}")
                return
            }
            let sealed = try sealer.seal(octets, for: Self.sealingPurpose)
            json.raw("{\"sealed\":\"\(Hexadecimal.text(of: sealed))\"}")
        case .masked: json.raw("{\"masked\":true}")
        }
    }
}

extension Duration {
    /// Nanoseconds, the rest dropped; the largest number there is when it does not fit.
    fileprivate var wholeNanoseconds: Int64 {
        let parts = components
        let (product, isOverflow) = parts.seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !isOverflow else { return parts.seconds < 0 ? .min : .max }
        let (sum, isSumOverflow) = product.addingReportingOverflow(parts.attoseconds / 1_000_000_000)
        return isSumOverflow ? (product < 0 ? .min : .max) : sum
    }
}
