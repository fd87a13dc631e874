import CSMI

extension MIBTranslation {
    /// The syntax a type amounts to: the refinements nearest to the object, over the base at the end of its chain.
    static func syntax(_ type: TypePointer?) -> MIBModule.Syntax {
        guard let type else { return MIBModule.Syntax(base: .integer) }
        let chain = ancestry(of: type)
        var syntax = MIBModule.Syntax(base: base(of: chain))
        syntax.isBits = type.pointee.basetype == SMI_BASETYPE_BITS
        let ranges = chain.lazy.map(declaredRanges).first { !$0.isEmpty } ?? []
        switch syntax.base {
        case .integer, .counter32, .gauge32, .timeTicks:
            let own: ClosedRange<Int64> =
                syntax.base == .integer ? Int64(Int32.min)...Int64(Int32.max) : 0...Int64(UInt32.max)
            syntax.ranges = ranges == [own] ? [] : ranges
        case .octetString:
            syntax.sizes = ranges == [0...65_535] ? [] : ranges
        case .ipAddress, .opaque, .objectIdentifier, .counter64:
            break
        }
        syntax.namedNumbers = chain.lazy.map(declaredNames).first { !$0.isEmpty } ?? []
        // The base types themselves belong to no module.
        if let named = chain.first(where: { $0.pointee.name != nil }), let module = smiGetTypeModule(named),
            module.pointee.name != nil, module.pointee.name.pointee != 0
        {
            syntax.convention = MIBModule.ConventionName(
                module: text(module.pointee.name), name: text(named.pointee.name)
            )
            syntax.isRefined = named != type
        }
        return syntax
    }

    /// The type and those it derives from, down to the base type.
    private static func ancestry(of type: TypePointer) -> [TypePointer] {
        var chain = [type]
        var current = type
        while let parent = smiGetParentType(current), !chain.contains(parent) {
            chain.append(parent)
            current = parent
        }
        return chain
    }

    private static func base(of chain: [TypePointer]) -> MIBModule.Base {
        for type in chain {
            switch text(type.pointee.name) {
            case "IpAddress": return .ipAddress
            case "Counter32", "Counter": return .counter32
            case "Gauge32", "Unsigned32", "Gauge": return .gauge32
            case "TimeTicks": return .timeTicks
            case "Opaque": return .opaque
            case "Counter64": return .counter64
            default: continue
            }
        }
        return switch chain.first?.pointee.basetype {
        case SMI_BASETYPE_OCTETSTRING, SMI_BASETYPE_BITS: .octetString
        case SMI_BASETYPE_OBJECTIDENTIFIER: .objectIdentifier
        case SMI_BASETYPE_UNSIGNED32: .gauge32
        case SMI_BASETYPE_UNSIGNED64: .counter64
        default: .integer
        }
    }

    /// The ranges the type itself states.
    private static func declaredRanges(_ type: TypePointer) -> [ClosedRange<Int64>] {
        var found: [ClosedRange<Int64>] = []
        var range = smiGetFirstRange(type)
        while let next = range {
            if let lower = number(next.pointee.minValue), let upper = number(next.pointee.maxValue), lower <= upper {
                found.append(lower...upper)
            }
            range = smiGetNextRange(next)
        }
        return found.sorted { $0.lowerBound < $1.lowerBound }
    }

    /// The named numbers the type itself states.
    private static func declaredNames(_ type: TypePointer) -> [MIBModule.NamedNumber] {
        var found: [MIBModule.NamedNumber] = []
        var named = smiGetFirstNamedNumber(type)
        while let next = named {
            if let value = number(next.pointee.value), let number = Int32(exactly: value) {
                found.append(MIBModule.NamedNumber(name: text(next.pointee.name), number: number))
            }
            named = smiGetNextNamedNumber(next)
        }
        return found.sorted { $0.number < $1.number }
    }

    private static func number(_ value: SmiValue) -> Int64? {
        switch value.basetype {
        case SMI_BASETYPE_INTEGER32, SMI_BASETYPE_ENUM: Int64(value.value.integer32)
        case SMI_BASETYPE_UNSIGNED32, SMI_BASETYPE_BITS: Int64(exactly: value.value.unsigned32)
        case SMI_BASETYPE_INTEGER64: value.value.integer64
        case SMI_BASETYPE_UNSIGNED64: Int64(exactly: value.value.unsigned64)
        default: nil
        }
    }
}
