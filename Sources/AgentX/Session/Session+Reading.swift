import SMI

// Get, GetNext and GetBulk (RFC 2741 section 7.2.3): from the request's octets to the answer's, without an allocation
// for a binding.

/// One range of a GetBulk on its way.
struct BulkRange {
    var cursor = ObjectCursor()
    var end: OID = []
    var include = false

    mutating func decode(from reader: inout WireReader) throws(AgentXError) {
        var include = false
        try cursor.withName { (name: inout OID) throws(AgentXError) in include = try reader.identifier(into: &name) }
        _ = try reader.identifier(into: &end)
        self.include = include
    }
}

extension Session {
    /// What a request to read ended in, other than an answer with bindings.
    private enum Refusal: Error {
        case malformed(AgentXError)
        case failed(ResponseStatus, index: Int)
    }

    /// Ranges kept from one GetBulk to the next; more is given back.
    private static let keptRanges = 256

    func read(_ header: PDUHeader, _ payload: UnsafeRawBufferPointer) {
        let mark = output.begin(responseHeader(to: header))
        ResponsePDU().encode(into: output)
        do throws(Refusal) {
            guard isOurs(header) else { throw .failed(.notOpen, index: 0) }
            var request = WireReader(payload, header.order)
            let isKnown = try decoding { () throws(AgentXError) in try accepts(header, &request) }
            reader.begin()
            switch header.type {
            case .get: try get(&request, isKnown, mark)
            case .getNext: try getNext(&request, isKnown, mark)
            default: try getBulk(&request, isKnown, mark)
            }
            output.finish(mark)
        } catch {
            output.truncate(to: mark)
            switch error {
            case .malformed(let error):
                reportMalformed(error)
                respond(to: header, .parseError)
            case .failed(let status, let index): respond(to: header, status, index: index)
            }
        }
    }

    private func get(_ request: inout WireReader, _ isKnown: Bool, _ mark: Int) throws(Refusal) {
        counters.gets += 1
        var index = 0
        while request.remaining > 0 {
            index += 1
            try decodeRange(&request)
            put(cursor.name, isKnown ? reader.value(of: cursor.name) : .noSuchObject)
            guard fits(mark) else { throw .failed(ResponseStatus(.genErr), index: index) }
        }
    }

    private func getNext(_ request: inout WireReader, _ isKnown: Bool, _ mark: Int) throws(Refusal) {
        counters.getNexts += 1
        var index = 0
        while request.remaining > 0 {
            index += 1
            let include = try decodeRange(&request)
            let value = isKnown ? reader.advance(&cursor, inclusive: include, before: bound) : .endOfMIBView
            put(cursor.name, value)
            guard fits(mark) else { throw .failed(ResponseStatus(.genErr), index: index) }
        }
    }

    private func getBulk(_ request: inout WireReader, _ isKnown: Bool, _ mark: Int) throws(Refusal) {
        counters.getBulks += 1
        let nonRepeaters = Int(try decoding { () throws(AgentXError) in try request.number(UInt16.self) })
        let maxRepetitions = Int(try decoding { () throws(AgentXError) in try request.number(UInt16.self) })
        var count = 0
        while request.remaining > 0 {
            if count == bulkRanges.count { bulkRanges.append(BulkRange()) }
            try decoding { () throws(AgentXError) in try bulkRanges[count].decode(from: &request) }
            count += 1
        }
        defer { if bulkRanges.count > Self.keptRanges { bulkRanges.removeLast(bulkRanges.count - Self.keptRanges) } }

        let first = min(nonRepeaters, count)
        for position in 0..<first {
            _ = step(position, isKnown)
            guard fits(mark) else { throw .failed(ResponseStatus(.genErr), index: position + 1) }
        }
        guard first < count else { return }
        if count - first == 1 { return try runOne(first, maxRepetitions, isKnown, mark) }
        for repetition in 0..<maxRepetitions {
            let beginning = output.mark
            var isAtEnd = true
            for position in first..<count {
                let behind = output.mark
                if step(position, isKnown) { isAtEnd = false }
                guard fits(mark) else {
                    // "An AgentX transport constraint is reached": whole repetitions, or what fits of the first one.
                    if position == 0 { throw .failed(ResponseStatus(.genErr), index: 1) }
                    return output.truncate(to: repetition == 0 ? behind : beginning)
                }
            }
            if isAtEnd { return }
        }
    }

    /// A single repeater, as of a walk: one column from row to row.
    private func runOne(_ position: Int, _ limit: Int, _ isKnown: Bool, _ mark: Int) throws(Refusal) {
        let beginning = output.mark
        let (output, room) = (output, configuration.payloadLimit)
        let (include, end) = (bulkRanges[position].include, bulkRanges[position].end)
        var count = 0
        var isFull = false
        var isAtEnd = true
        if isKnown {
            isAtEnd = reader.run(
                &bulkRanges[position].cursor, inclusive: include, before: end, atMost: limit
            ) { name, value in
                let behind = output.mark
                output.put(name, value)
                if output.payloadLength(since: mark) > room {
                    output.truncate(to: behind)
                    isFull = true
                    return false
                }
                count += 1
                return true
            }
        }
        counters.bindings += UInt64(count)
        if isAtEnd, limit > 0 {
            let behind = output.mark
            put(bulkRanges[position].cursor.name, .endOfMIBView)
            isFull = !fits(mark)
            if isFull { output.truncate(to: behind) }
        }
        // "An AgentX transport constraint is reached": what fits, but for a first one that does not.
        if isFull && output.mark == beginning { throw .failed(ResponseStatus(.genErr), index: position + 1) }
    }

    /// Moves one range on, and writes where it came to.
    ///
    /// - Returns: false at the end of the view.
    private func step(_ position: Int, _ isKnown: Bool) -> Bool {
        let include = bulkRanges[position].include
        bulkRanges[position].include = false
        let end = bulkRanges[position].end
        let value =
            isKnown
            ? reader.advance(&bulkRanges[position].cursor, inclusive: include, before: end) : .endOfMIBView
        put(bulkRanges[position].cursor.name, value)
        if case .endOfMIBView = value { return false }
        return true
    }

    private func put(_ name: OID, _ value: Value) {
        output.put(name, value)
        counters.bindings += 1
    }

    private func fits(_ mark: Int) -> Bool {
        output.payloadLength(since: mark) <= configuration.payloadLimit
    }

    /// Reads a range into `cursor` and `bound`.
    @discardableResult
    private func decodeRange(_ request: inout WireReader) throws(Refusal) -> Bool {
        var include = false
        try decoding { () throws(AgentXError) in
            try cursor.withName { (name: inout OID) throws(AgentXError) in
                include = try SearchRange.decode(from: &request, start: &name, end: &bound)
            }
        }
        return include
    }

    /// Whether the context of a request is one that we answer for: the default one, that of a region, or one that the
    /// configuration accepts.
    private func accepts(_ header: PDUHeader, _ request: inout WireReader) throws(AgentXError) -> Bool {
        guard header.flags.contains(.nonDefaultContext) else { return true }
        let octets = try request.octetsInPlace()
        // The same context comes again and again: the last one is recognised without a copy.
        if let acceptedContext, octets.elementsEqual(acceptedContext) { return true }
        let context = OctetString(Array(octets))
        guard configuration.acceptsContext(context) || regions.items.contains(where: { $0.context == context }) else {
            return false
        }
        acceptedContext = context.bytes
        return true
    }

    private func decoding<Result>(_ body: () throws(AgentXError) -> Result) throws(Refusal) -> Result {
        do throws(AgentXError) {
            return try body()
        } catch {
            throw .malformed(error)
        }
    }
}
