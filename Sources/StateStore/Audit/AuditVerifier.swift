import Glibc
package import NetworkManagement
import NetworkModel

/// Checks audit files against the chain, and says what in them is not as it was written, and where.
///
/// A change of a line is told from the loss of one, and both from lines in another order: each line is checked against the
/// digest of the record that it follows by its number, wherever that stands, and only then is the order looked at.
package struct AuditVerifier {
    private let keys: KeyRing

    package init(keys: KeyRing) {
        self.keys = keys
    }

    /// Checks one file, and, when it is the present one, its end against the head; or all files of an audit when `path` is
    /// its directory.
    ///
    /// - Throws: when a file cannot be read; what is wrong inside one is in the findings.
    package func verify(_ path: String) throws(StoreError) -> AuditVerification {
        var status = stat()
        guard stat(path, &status) == 0 else { throw .system("stat", path, errno) }
        var result = AuditVerification()
        if status.st_mode & S_IFMT == S_IFDIR {
            try verify(AuditDirectory(path: path), into: &result)
        } else {
            let end = try AuditFileCheck(path, keys: keys).run(into: &result)
            let directory = AuditDirectory(path: Directory.parent(of: path))
            if path.split(separator: "/").last == Substring(AuditDirectory.currentName) {
                try compareHead(of: directory, with: end, file: path, into: &result)
            }
        }
        return result
    }

    private func verify(_ directory: AuditDirectory, into result: inout AuditVerification) throws(StoreError) {
        let names = try Directory.names(in: directory.path)
        let files =
            names.filter { AuditDirectory.firstSequence(of: $0) != nil }
            + names.filter { $0 == AuditDirectory.currentName }
        guard !files.isEmpty else {
            if names.contains(AuditDirectory.headName) {
                try compareHead(of: directory, with: nil, file: directory.current, into: &result)
            } else {
                result.findings.append(
                    AuditFinding(
                        kind: .missing, file: directory.path, line: nil, offset: nil, sequences: nil,
                        detail: "there is no audit here"))
            }
            return
        }
        var previous: AuditFileCheck.End?
        var removed: [RemovedFile] = []
        var first: AuditFileCheck.End?
        for name in files {
            let path = directory.path + "/" + name
            let end = try AuditFileCheck(path, keys: keys).run(into: &result)
            if let previous { link(previous, to: end, file: path, into: &result) }
            if let number = AuditDirectory.firstSequence(of: name), let opening = end.first,
                number != opening.sequence + 1
            {
                result.findings.append(
                    AuditFinding(
                        kind: .misplaced, file: path, line: nil, offset: nil, sequences: nil,
                        detail: "the name says that it begins with record \(number)"))
            }
            if first == nil { first = end }
            removed += end.removed
            if end.last != nil || previous == nil { previous = end }
        }
        checkBeginning(first, removed: removed, file: directory.path + "/" + files[0], into: &result)
        try compareHead(of: directory, with: previous, file: directory.path + "/" + (files.last ?? ""), into: &result)
    }

    private func link(
        _ previous: AuditFileCheck.End, to next: AuditFileCheck.End, file: String, into result: inout AuditVerification
    ) {
        guard let last = previous.last, let opening = next.first else { return }
        if opening.sequence > last.sequence {
            result.findings.append(
                AuditFinding(
                    kind: .missing, file: file, line: nil, offset: nil,
                    sequences: last.sequence + 1...opening.sequence, detail: "lost between the file before and this one"
                ))
        } else if opening != last, !previous.isLastDoubtful {
            result.findings.append(
                AuditFinding(
                    kind: .misplaced, file: file, line: 1, offset: 0, sequences: nil,
                    detail: "does not follow the file before it"))
        }
    }

    private func checkBeginning(
        _ first: AuditFileCheck.End?, removed: [RemovedFile], file: String, into result: inout AuditVerification
    ) {
        guard let opening = first?.first, opening.sequence > 0, !removed.contains(where: { $0.last == opening }) else {
            return
        }
        result.findings.append(
            AuditFinding(
                kind: .missing, file: file, line: nil, offset: nil, sequences: 1...opening.sequence,
                detail: "earlier files are gone, and no record says that they were removed"))
    }

    private func compareHead(
        of directory: AuditDirectory, with end: AuditFileCheck.End?, file: String, into result: inout AuditVerification
    ) throws(StoreError) {
        let finding: (String) -> AuditFinding = { detail in
            AuditFinding(kind: .head, file: directory.head, line: nil, offset: nil, sequences: nil, detail: detail)
        }
        if let end, end.isUnknown { return }
        switch try AuditHead.read(directory.head, keys: keys) {
        case .absent: result.findings.append(finding("missing: whether the end is whole cannot be told"))
        case .damaged: result.findings.append(finding("damaged: whether the end is whole cannot be told"))
        case .unknownKey(let identifier):
            result.findings.append(finding("sealed under key \(Hexadecimal.text(of: identifier)), which is not known"))
        case .head(let head):
            let last = end?.last?.sequence ?? end?.first?.sequence ?? 0
            if head.sequence > last {
                result.findings.append(
                    AuditFinding(
                        kind: .missing, file: file, line: nil, offset: nil, sequences: last + 1...head.sequence,
                        detail: "cut off at the end"))
            } else if let digest = end?.digests[head.sequence], digest != head.digest {
                result.findings.append(finding("names another record \(head.sequence) than the log has"))
            }
        }
    }
}
