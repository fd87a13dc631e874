import Testing

@testable import MIBGeneration

@Suite("The modules of Orion")
struct OwnModuleTests {
    /// libsmi has nothing to say of them, not even as information, whichever base they stand on.
    @Test(arguments: Modules.names(in: Modules.own), [Modules.standard, Modules.reference].compactMap(\.self))
    func `are without fault on either base`(name: String, base: String) throws {
        let modules = try MIBReader(folders: [base, Modules.own]).read([name]) { diagnostic in
            diagnostic.path.hasPrefix(base + "/")
        }
        #expect(modules.map(\.name) == [name])
    }

    @Test(arguments: Modules.names(in: Modules.own))
    func `hang below the root`(name: String) throws {
        let module = try Modules.read(name, in: [Modules.standard, Modules.own])
        let root: [UInt32] = [1, 3, 6, 1, 4, 1, 32473]
        for identifier in module.identifiers { #expect(identifier.oid.starts(with: root), "\(identifier.name)") }
        for notification in module.notifications { #expect(notification.oid.starts(with: root)) }
    }

    /// RFC 4181 section 4.6: enumerations begin at 1, so that an unset value is none of them.
    @Test(arguments: Modules.names(in: Modules.own))
    func `count enumerations from one`(name: String) throws {
        let module = try Modules.read(name, in: [Modules.standard, Modules.own])
        let objects = module.scalars + module.tables.flatMap(\.columns)
        let syntaxes = module.conventions.map(\.syntax) + objects.map(\.syntax)
        for syntax in syntaxes where !syntax.namedNumbers.isEmpty && !syntax.isBits {
            #expect(syntax.namedNumbers.first?.number == 1)
        }
    }
}
