/// What libsmi says about a line of a module.
package struct MIBDiagnostic: Error, Sendable, Equatable, CustomStringConvertible {
    /// Empty when it is about no file, as for a module that is not found.
    package var path: String
    /// From 1; 0 when it is about no line.
    package var line: Int
    /// libsmi's level: 0 to 3 errors, 4 and 5 warnings, 6 information.
    package var severity: Int
    package var message: String
    /// libsmi's name for this kind of message, as `smilint -m` shows it.
    package var tag: String

    package var description: String {
        (path.isEmpty ? "" : "\(path):\(line): ") + "[\(severity)] {\(tag)} \(message)"
    }
}

/// Why modules cannot be used: everything that was said about them.
package struct MIBReadError: Error, Sendable, Equatable, CustomStringConvertible {
    package var diagnostics: [MIBDiagnostic]

    package var description: String { diagnostics.map(\.description).joined(separator: "\n") }
}
