/// Makes everything that follows from the modules in `MIBs`: the Swift of `OrionSchema` and the reference.
package struct MIBGenerator {
    /// The package's root, where `MIBs` and `Sources` are.
    package let root: String

    /// The standard modules of which Swift is generated; the others are there to be imported.
    package static let standardModules = [
        "SNMPv2-TC", "SNMPv2-MIB", "IANAifType-MIB", "IF-MIB", "IF-INVERTED-STACK-MIB", "EtherLike-MIB",
    ]

    package init(root: String) {
        self.root = root
    }

    /// The content of every generated file, by its path from the root.
    ///
    /// - Throws: `MIBReadError` with everything that is wrong with the modules, `FileError` when the folder cannot be
    ///   read.
    package func files() throws -> [String: String] {
        let own = try TextFile.names(in: root + "/" + Self.folder).filter { $0.hasSuffix(Self.suffix) }.sorted()
            .map { String($0.dropLast(Self.suffix.count)) }
        let reader = MIBReader(folders: [root + "/" + Self.folder, root + "/" + Self.standardFolder])
        let modules = try reader.read(Self.standardModules + own, accepting: Self.isAccepted)
        let byName = Dictionary(modules.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var files: [String: String] = [:]
        for module in modules {
            let folder = own.contains(module.name) ? Self.folder : Self.standardFolder
            let writer = SchemaWriter(
                module: module, origin: "\(folder)/\(module.name)\(Self.suffix)", modules: byName
            )
            files["\(Self.output)/\(writer.namespace).swift"] = writer.source()
        }
        let described = modules.filter { own.contains($0.name) }.sorted { first, second in
            first.root.lexicographicallyPrecedes(second.root)
        }
        let reference = ReferenceWriter(modules: described)
        files[Self.reference] = reference.source()
        return files
    }

    /// What may be said of a standard module because the original gives rise to it, as ifRcvAddressAddress has no size.
    private static let tolerated: Set<String> = ["index-element-no-size"]

    /// Of our own modules nothing may be said at all; of the standard ones no error.
    private static func isAccepted(_ diagnostic: MIBDiagnostic) -> Bool {
        diagnostic.path.contains("/\(standardFolder)/")
            && (diagnostic.severity > 3 || tolerated.contains(diagnostic.tag))
    }

    private static let folder = "MIBs"
    private static let standardFolder = "MIBs/standard"
    private static let suffix = ".txt"
    private static let reference = "docs/mib-reference.md"
    /// The folder that holds generated Swift and nothing else.
    package static let output = "Sources/OrionSchema"
}
