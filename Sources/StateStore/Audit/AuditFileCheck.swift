import NetworkManagement
import NetworkModel

/// Checks the lines of one audit file: first what each says, then their order.
struct AuditFileCheck {
    /// How the file begins and ends, for the files beside it.
    struct End {
        /// What the first record follows; nil when it cannot be read.
        var first: AuditReceipt?
        /// The newest record, sound or not; nil when there is none.
        var last: AuditReceipt?
        /// The newest record is not sound, so that its digest says nothing.
        var isLastDoubtful = false
        /// Nothing could be checked.
        var isUnknown = false
        var removed: [RemovedFile] = []
        /// The digests of the sound records, by sequence.
        var digests: [UInt64: [UInt8]] = [:]
    }

    private struct Place {
        let number: Int
        let offset: Int64
        /// nil when the line is no record.
        let frame: AuditLine?
        var verdict = Verdict.sound
    }

    private enum Verdict {
        case sound
        /// What it follows is missing, so that nothing can be said.
        case unchecked
        case modified
        case unreadable
    }

    private let path: String
    private let keys: KeyRing
    private var places: [Place] = []
    /// The first place of each sequence.
    private var index: [UInt64: Int] = [:]
    private var opening: (previous: AuditReceipt, key: [UInt8])?
    private var end = End()

    init(_ path: String, keys: KeyRing) throws(StoreError) {
        self.path = path
        self.keys = keys
        var scanner = try AuditFileScanner(path)
        while let line = try scanner.next() {
            let frame = line.isComplete ? AuditLine(line.octets) : nil
            if let frame, index[frame.sequence] == nil { index[frame.sequence] = places.count }
            places.append(Place(number: line.number, offset: line.offset, frame: frame))
            if !line.isComplete { places[places.count - 1].verdict = .unreadable }
            guard places.count == 1, let entry = AuditDecoder(sealer: nil).decode(line.octets),
                let fields = FileOpening.fields(of: entry), entry.receipt.sequence > 0
            else { continue }
            opening = (AuditReceipt(sequence: entry.receipt.sequence - 1, digest: fields.previous), fields.key)
        }
    }

    /// Adds what is found to `result`.
    consuming func run(into result: inout AuditVerification) throws(StoreError) -> End {
        result.files.append(path)
        guard let key = try findKey() else {
            add(
                .unknownKey, at: places.first, nil,
                "chained under key \(Hexadecimal.text(of: opening?.key ?? [])), which is not known: nothing can be checked",
                to: &result)
            end.isUnknown = true
            return end
        }
        try checkContents(key, &result)
        checkOrder(&result)
        return end
    }
}

// MARK: - Contents

extension AuditFileCheck {
    private mutating func checkContents(
        _ key: KeyRing.Key, _ result: inout AuditVerification
    ) throws(StoreError) {
        let chain = try AuditChain(key: key.chain)
        var scanner = try AuditFileScanner(path)
        var position = 0
        // The digest that the line before should have, which differs from what it has when that was changed.
        var computed: [UInt8]?
        while let line = try scanner.next(), position < places.count {
            defer { position += 1 }
            guard let frame = places[position].frame, line.isComplete, position > 0 || opening != nil else {
                unreadable(line, position, &result)
                computed = nil
                continue
            }
            let body = line.octets.prefix(frame.bodyLength)
            let candidates = candidates(position, frame, computed)
            var matches = false
            computed = nil
            for candidate in candidates {
                let digest = try chain.digest(after: candidate, body)
                if computed == nil { computed = digest }
                matches = digest == frame.digest
                if matches { break }
            }
            if matches {
                accept(frame, line, &result)
            } else {
                doubt(frame, position, candidates.isEmpty, &result)
            }
        }
    }

    private mutating func accept(_ frame: AuditLine, _ line: AuditFileScanner.Line, _ result: inout AuditVerification) {
        result.soundRecords += 1
        end.digests[frame.sequence] = frame.digest
        if line.number == 1, let opening { end.first = opening.previous }
        // Only these lines are worth taking apart.
        guard AuditLine.has("event", AuditEvent.fileRemoved.description, in: line.octets),
            let entry = AuditDecoder(sealer: nil).decode(line.octets),
            let removed = RemovedFile(entry.record)
        else { return }
        end.removed.append(removed)
    }

    private mutating func doubt(
        _ frame: AuditLine, _ position: Int, _ isAlone: Bool, _ result: inout AuditVerification
    ) {
        let before = position > 0 ? places[position - 1].frame?.sequence : nil
        let skips = before.map { frame.sequence > $0 + 1 } ?? false
        if index[frame.sequence &- 1] == nil, skips || isAlone {
            places[position].verdict = .unchecked
        } else {
            places[position].verdict = .modified
            add(
                .modified, at: places[position], frame.sequence...frame.sequence,
                "the digest does not fit what the line says",
                to: &result)
        }
    }

    private mutating func unreadable(
        _ line: AuditFileScanner.Line, _ position: Int, _ result: inout AuditVerification
    ) {
        places[position].verdict = .unreadable
        if line.isComplete {
            add(
                .unreadable, at: places[position], nil,
                places[position].frame == nil ? "not a record" : "not a record that begins a file", to: &result)
        } else {
            add(
                .incomplete, at: places[position], nil,
                "a line that does not end: a cut, or a write under way or interrupted",
                to: &result)
        }
    }

    /// The digests that a line may rightly follow: of the record before it by number; of the line before it, as it stands
    /// and as it should be.
    private func candidates(_ position: Int, _ frame: AuditLine, _ computed: [UInt8]?) -> [[UInt8]] {
        var candidates: [[UInt8]] = []
        if position == 0, let opening { candidates.append(opening.previous.digest) }
        if frame.sequence > 0, let place = index[frame.sequence - 1], let digest = places[place].frame?.digest {
            candidates.append(digest)
        }
        if position > 0, let digest = places[position - 1].frame?.digest, candidates.last != digest {
            candidates.append(digest)
        }
        if let computed { candidates.append(computed) }
        return candidates
    }

    /// The key that the file's first record names; where that cannot be read or is not in the ring, the one under which
    /// one of the next lines is sound. nil when there is none.
    private func findKey() throws(StoreError) -> KeyRing.Key? {
        if let opening, let key = keys.key(opening.key) { return key }
        var scanner = try AuditFileScanner(path)
        var previous: [UInt8]?
        while let line = try scanner.next(), line.number <= 10 {
            let frame = AuditLine(line.octets)
            defer { previous = frame?.digest }
            guard let frame, let previous else { continue }
            for key in keys.keys {
                let digest = try AuditChain(key: key.chain).digest(
                    after: previous, line.octets.prefix(frame.bodyLength))
                if digest == frame.digest { return key }
            }
        }
        return opening == nil ? keys.current : nil
    }
}

// MARK: - Order

extension AuditFileCheck {
    private mutating func checkOrder(_ result: inout AuditVerification) {
        var highest = end.first?.sequence ?? places.first?.frame.map { $0.sequence &- 1 }
        var seen: Set<UInt64> = []
        var doubtful = 0
        for place in places {
            guard place.verdict == .sound || place.verdict == .unchecked, let sequence = place.frame?.sequence else {
                doubtful += 1
                continue
            }
            guard seen.insert(sequence).inserted else {
                add(.duplicate, at: place, sequence...sequence, "it stands further up as well", to: &result)
                continue
            }
            guard let before = highest else {
                // The beginning cannot be read: where the numbers begin is not known.
                highest = sequence
                doubtful = 0
                continue
            }
            guard sequence > before else {
                add(.moved, at: place, sequence...sequence, "it stands behind record \(before)", to: &result)
                continue
            }
            if sequence > before + 1 {
                // What stands elsewhere is not missing, and each doubtful line may be one of these.
                let elsewhere = index.keys.filter { $0 > before && $0 < sequence && !seen.contains($0) }.count
                if sequence - before - 1 > UInt64(elsewhere + doubtful) {
                    add(.missing, at: place, before + 1...sequence - 1, "removed before this line", to: &result)
                }
            }
            doubtful = 0
            highest = sequence
        }
        finish(highest: highest, doubtful: doubtful, &result)
    }

    private mutating func finish(highest: UInt64?, doubtful: Int, _ result: inout AuditVerification) {
        guard let highest else { return }
        // An end that is cut in the middle of a line is not a record, and the head tells how many are missing.
        let isCut = places.last.map { $0.verdict == .unreadable && $0.frame == nil } ?? false
        let sequence = highest + UInt64(max(0, doubtful - (isCut ? 1 : 0)))
        end.last = AuditReceipt(sequence: sequence, digest: end.digests[sequence] ?? [])
        end.isLastDoubtful = end.digests[sequence] == nil
        result.lastSequence = max(result.lastSequence ?? 0, sequence)
    }

    private func add(
        _ kind: AuditFinding.Kind, at place: Place?, _ sequences: ClosedRange<UInt64>?, _ detail: String,
        to result: inout AuditVerification
    ) {
        result.findings.append(
            AuditFinding(
                kind: kind, file: path, line: place?.number, offset: place?.offset, sequences: sequences, detail: detail
            ))
    }
}
