/// The command `mibgen`: writes the generated files, or with `--check` says which of them differ.
package struct GenerationCommand {
    package static let usage = """
        usage: mibgen [--check] [--root DIR]
          Generates Sources/OrionSchema and docs/mib-reference.md from MIBs, below DIR or the current folder.
          --check  write nothing; fail when a generated file is not what MIBs says
        """

    private var isCheck = false
    private var root = "."

    /// - Parameter arguments: without the command's own name.
    /// - Returns: nil when they are not understood.
    package init?(_ arguments: [String]) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--check":
                isCheck = true
            case "--root":
                guard let folder = rest.popFirst() else { return nil }
                root = folder
            default:
                return nil
            }
        }
    }

    /// Runs it.
    ///
    /// - Returns: what is to be told to the user, one line each; empty when all is well.
    package func run() throws -> [String] {
        let files = try MIBGenerator(root: root).files()
        var findings: [String] = []
        for (path, content) in files.sorted(by: { $0.key < $1.key }) {
            let full = root + "/" + path
            guard try TextFile.read(full) != content else { continue }
            if isCheck {
                findings.append("\(path): is not what MIBs says; run mibgen")
            } else {
                try TextFile.write(content, to: full)
            }
        }
        for name in try TextFile.names(in: root + "/" + MIBGenerator.output).sorted() {
            let path = MIBGenerator.output + "/" + name
            guard files[path] == nil else { continue }
            if isCheck {
                findings.append("\(path): comes from no module; run mibgen")
            } else {
                try TextFile.remove(root + "/" + path)
            }
        }
        return findings
    }
}
