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
    /// - Returns: the modules in the order of `names`, those that are not found left out, and all that libsmi says about
    ///   them and their imports, down to its least severe level.
    package func read(_ names: [String]) -> (modules: [MIBModule], diagnostics: [MIBDiagnostic]) {
        Self.turn.withLock { _ in
            said.withLock { $0 = [] }
            smiInit(nil)
            defer { smiExit() }
            smiSetErrorHandler(note)
            smiSetErrorLevel(Self.leastSevere)
            smiSetFlags(SMI_FLAG_ERRORS | SMI_FLAG_RECURSIVE)
            smiSetPath(folders.joined(separator: ":"))
            var modules: [MIBModule] = []
            for name in names {
                guard smiLoadModule(name) != nil, let module = smiGetModule(name) else {
                    let missing = MIBDiagnostic(
                        path: name, line: 0, severity: 1, message: "module is not found or cannot be read",
                        tag: "module-not-found"
                    )
                    said.withLock { $0.append(missing) }
                    continue
                }
                modules.append(MIBTranslation.module(module))
            }
            return (modules, said.withLock { $0 })
        }
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
