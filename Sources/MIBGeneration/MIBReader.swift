import CSMI
import Synchronization

/// Reads MIB modules with libsmi.
///
/// libsmi keeps its state in globals: readings take turns, and each begins and ends with nothing loaded.
package struct MIBReader: Sendable {
    /// The folders that are searched for modules, in order.
    package let folders: [String]

    private static let turn = Mutex<Void>(())

    package init(folders: [String]) {
        self.folders = folders
    }

    /// Reads `names` and all they import.
    ///
    /// After a fault libsmi's structures are not safe to look at, so it is all or nothing.
    ///
    /// - Parameter accepting: whether the modules are used although libsmi says this of them.
    /// - Returns: the modules in the order of `names`.
    /// - Throws: everything libsmi says, down to its least severe level, that is not accepted.
    package func read(
        _ names: [String], accepting: (MIBDiagnostic) -> Bool = { _ in false }
    ) throws(MIBReadError) -> [MIBModule] {
        let (modules, faults) = Self.turn.withLock { _ in
            said.withLock { $0 = [] }
            smiInit(nil)
            defer { smiExit() }
            smiSetErrorHandler(note)
            smiSetErrorLevel(Self.leastSevere)
            smiSetFlags(SMI_FLAG_ERRORS | SMI_FLAG_RECURSIVE)
            smiSetPath(folders.joined(separator: ":"))
            let loaded = names.compactMap { smiLoadModule($0) }.compactMap { smiGetModule($0) }
            let faults = said.withLock { $0 }.filter { !accepting($0) }
            return (faults.isEmpty ? loaded.map(MIBTranslation.module) : [], faults)
        }
        guard faults.isEmpty else { throw MIBReadError(diagnostics: faults) }
        return modules
    }

    /// Everything smilint can say: `-l 6`.
    private static let leastSevere: Int32 = 6
}

/// What libsmi has said in the reading that is under way.
private let said = Mutex<[MIBDiagnostic]>([])

/// libsmi's error handler. It is told of lines of modules, and of what concerns none with a nil path and a negative line.
private func note(
    _ path: UnsafeMutablePointer<CChar>?, _ line: Int32, _ severity: Int32, _ message: UnsafeMutablePointer<CChar>?,
    _ tag: UnsafeMutablePointer<CChar>?
) {
    let diagnostic = MIBDiagnostic(
        path: text(path), line: max(0, Int(line)), severity: Int(severity), message: text(message), tag: text(tag)
    )
    said.withLock { $0.append(diagnostic) }
}
