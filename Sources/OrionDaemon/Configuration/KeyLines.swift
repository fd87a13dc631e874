/// The line on which each section and each key of a section of a TOML document stands.
///
/// TOMLKit does not tell where a value came from, and there are documents on which it crashes. This scan goes before it
/// and refuses those. All other checking it leaves to TOMLKit: up to the first error of a document the two agree, and
/// what comes after that no longer matters.
struct KeyLines {
    /// How deep keys, arrays and inline tables may nest; a setting is two deep.
    static let deepest = 16

    /// What TOMLKit must not see.
    struct Refusal {
        let line: Int
        /// What was expected, what was found.
        let reason: String
    }

    private let lines: [[String]: Int]
    /// nil when the document is fit for TOMLKit, be it right or wrong.
    let refusal: Refusal?

    /// - Parameter recordingLines: without, only what has to be refused is looked for.
    init(_ document: String, recordingLines: Bool = true) {
        var scanner = KeyScanner(octets: Array(document.utf8), isRecording: recordingLines)
        scanner.scanDocument()
        lines = scanner.lines
        refusal = scanner.refusal
    }

    /// The line, from 1, of a section, of a key in it, or of a key outside of any; of what encloses it when it has none,
    /// and nil when nothing has. A table of an array counts as named by its number there, from 0.
    func line(of path: [String]) -> Int? {
        for length in stride(from: path.count, to: 0, by: -1) {
            if let line = lines[Array(path[..<length])] { return line }
        }
        return nil
    }
}
