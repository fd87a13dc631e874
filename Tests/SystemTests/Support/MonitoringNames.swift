import SMI

/// ORION-PERFORMANCE-MIB, written out: the tests do not take it from the code they test.
enum PerformanceNames {
    private static let objects: OID = [1, 3, 6, 1, 4, 1, 32473, 77, 2, 7, 1]
    static let inOctets = objects + [1, 1, 1]
    static let windowInMedian = objects + [2, 1, 1]
    static let windowInPercentile95 = objects + [2, 1, 2]
    static let windowInMaximum = objects + [2, 1, 4]
    static let windowSamples = objects + [2, 1, 9]
}

/// ORION-ALARM-MIB, likewise.
enum AlarmNames {
    private static let module: OID = [1, 3, 6, 1, 4, 1, 32473, 77, 2, 10]
    static let raised = module + [0, 1]
    static let cleared = module + [0, 2]
    static let throttled = module + [1, 1, 11, 0]
    static let activeKind = module + [1, 2, 1, 2]
    static let activeIfIndex = module + [1, 2, 1, 5]
    static let activeText = module + [1, 2, 1, 8]
    static let logEvent = module + [1, 3, 1, 2]
    static let logNotified = module + [1, 3, 1, 13]
    static let eventSequence = module + [1, 4, 1]
    static let eventKind = module + [1, 4, 4]
    static let eventSuppressed = module + [1, 4, 10]

    /// linkDown, of orionAlarmActiveKind.
    static let linkDown = Value.integer(1)
}

extension SNMPTools {
    /// The interfaces with a linkDown alarm, as orionAlarmActiveTable alone has them.
    func linkDownAlarms() async throws -> Set<UInt32> {
        let kinds = try await walk(AlarmNames.activeKind).filter { $0.value == AlarmNames.linkDown }
        let identifiers = Set(kinds.compactMap(\.name.words.last))
        return try await Set(
            walk(AlarmNames.activeIfIndex).compactMap { binding in
                guard let identifier = binding.name.words.last, identifiers.contains(identifier),
                    case .integer(let index) = binding.value
                else { return nil }
                return UInt32(exactly: index)
            })
    }
}

extension NetworkNamespace {
    /// The interfaces that are to be up and are not, as the kernel has them.
    func linksThatFailed() async throws -> Set<UInt32> {
        let down = try await KernelLink.all(in: self).filter { link in
            link.flags.contains("UP") && ["DOWN", "LOWERLAYERDOWN"].contains(link.operstate)
        }
        return Set(down.map(\.ifindex))
    }
}
