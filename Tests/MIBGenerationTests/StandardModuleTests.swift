import Testing

@testable import MIBGeneration

@Suite("The restatements of standard modules")
struct StandardModuleTests {
    /// Modules that are restated whole: each of their current objects is there.
    static let whole: Set<String> = ["IF-MIB", "IF-INVERTED-STACK-MIB", "EtherLike-MIB", "IANAifType-MIB"]

    @Test(arguments: Modules.names(in: Modules.standard))
    func `pass through libsmi without an error that the original does not have`(name: String) throws {
        let modules = try MIBReader(folders: [Modules.standard]).read([name]) { diagnostic in
            diagnostic.severity > 3 || diagnostic.tag == "index-element-no-size"
        }
        #expect(modules.map(\.name) == [name])
    }

    @Test(
        .enabled(
            if: Modules.reference != nil,
            "no published modules here: set ORION_REFERENCE_MIBS to their folder, or put them in ../shared/mibs"
        ),
        arguments: Modules.names(in: Modules.standard)
    )
    func `say what the original says`(name: String) throws {
        let reference = try #require(Modules.reference)
        let ours = try Modules.read(name, in: [Modules.standard])
        let original = try Modules.read(name, in: [reference])
        for convention in ours.conventions {
            let other = try #require(original.conventions.first { $0.name == convention.name }, "\(convention.name)")
            #expect(Fact(convention) == Fact(other))
        }
        for identifier in ours.identifiers {
            let other = try #require(original.identifiers.first { $0.name == identifier.name }, "\(identifier.name)")
            #expect(identifier.oid == other.oid, "\(identifier.name)")
        }
        for object in objects(of: ours) {
            let other = try #require(objects(of: original).first { $0.name == object.name }, "\(object.name)")
            #expect(Fact(object) == Fact(other))
        }
        for table in ours.tables {
            let other = try #require(original.tables.first { $0.name == table.name }, "\(table.name)")
            #expect(Fact(table) == Fact(other))
        }
        for notification in ours.notifications {
            let other = try #require(original.notifications.first { $0.name == notification.name })
            #expect(notification.oid == other.oid && notification.objects == other.objects, "\(notification.name)")
        }
        if Self.whole.contains(name) {
            let names = Set(objects(of: ours).map(\.name))
            let missing = objects(of: original).filter { $0.status == .current && !names.contains($0.name) }
            #expect(missing.isEmpty, "\(missing.map(\.name))")
        }
    }

    private func objects(of module: MIBModule) -> [MIBModule.Object] {
        module.scalars + module.tables.flatMap(\.columns)
    }
}

/// What a restatement has in common with its original: everything but words and the names of types.
private struct Fact: Equatable {
    var name: String
    var oid: [UInt32] = []
    var base: MIBModule.Base?
    var ranges: [ClosedRange<Int64>] = []
    var sizes: [ClosedRange<Int64>] = []
    var named: [MIBModule.NamedNumber] = []
    var access: MIBModule.Access?
    var status: MIBModule.Status
    var units: String?
    var index: [String] = []
    var encodings: [MIBModule.Base] = []
    var isImplied = false
    var augments: String?

    private init(_ name: String, _ syntax: MIBModule.Syntax, _ status: MIBModule.Status) {
        self.name = name
        base = syntax.base
        ranges = syntax.ranges
        sizes = syntax.sizes
        named = syntax.namedNumbers
        self.status = status
    }

    init(_ convention: MIBModule.Convention) {
        self.init(convention.name, convention.syntax, convention.status)
    }

    init(_ object: MIBModule.Object) {
        self.init(object.name, object.syntax, object.status)
        oid = object.oid
        access = object.access
        units = object.units
    }

    init(_ table: MIBModule.Table) {
        name = table.name
        oid = table.entry
        status = table.status
        index = table.index.map(\.object.name)
        encodings = table.index.map(\.syntax.base)
        isImplied = table.index.last?.isImplied ?? false
        augments = table.augments?.name
    }
}
