/// How names of MIB modules are spelled in Swift.
enum SwiftName {
    /// The namespace of a module: IF-MIB is IFMIB, ORION-INTERFACE-MIB is OrionInterfaceMIB.
    static func module(_ name: String) -> String {
        name.split(separator: "-").map { part in
            // Up to four letters it is an abbreviation; beyond, a word in capitals.
            let isWord = part.count > 4 && part.allSatisfy { $0.isUppercase || $0.isNumber }
            return isWord ? part.prefix(1) + part.dropFirst().lowercased() : String(part)
        }.joined()
    }

    /// A type: ifOperStatus is IfOperStatus.
    static func type(_ name: String) -> String {
        let joined = member(name)
        return joined.prefix(1).uppercased() + joined.dropFirst()
    }

    /// A member, without escapes: if-gsn is ifGsn.
    static func member(_ name: String) -> String {
        let parts = name.split(separator: "-")
        return parts.prefix(1).joined() + parts.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }

    /// A member where it is declared: escaped when it is a word of the language.
    static func declared(_ name: String) -> String {
        let member = member(name)
        return reserved.contains(member) ? "`\(member)`" : member
    }

    /// Words that cannot name a case or a constant without escapes.
    private static let reserved: Set<String> = [
        "Any", "Self", "as", "associatedtype", "break", "case", "catch", "class", "continue", "default", "defer",
        "deinit", "do", "else", "enum", "extension", "fallthrough", "false", "fileprivate", "for", "func", "guard",
        "if", "import", "in", "init", "inout", "internal", "is", "let", "nil", "operator", "precedencegroup", "private",
        "protocol", "public", "repeat", "rethrows", "return", "self", "static", "struct", "subscript", "super",
        "switch", "throw", "throws", "true", "try", "typealias", "var", "where", "while",
    ]
}
