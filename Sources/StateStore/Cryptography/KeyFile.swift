import Glibc
package import NetworkManagement

/// Where the host's keys are kept: a credential of systemd's, or a file that only its owner reads.
package struct KeyFile: Sendable {
    package let path: String
    /// systemd gave it: it is not ours to write.
    package let isCredential: Bool

    /// The name of the credential, and of the file.
    package static let name = "orion-seal-key"
    /// The longest file that can be right.
    private static let maximumLength = 8192

    /// - Parameters:
    ///   - credentials: the value of CREDENTIALS_DIRECTORY (systemd.exec(5)); nil when it is not set.
    ///   - directory: where the file is when there is no such credential.
    package init(credentials: String?, directory: String) {
        let credential = credentials.map { $0 + "/" + Self.name }
        isCredential = credential.map(Directory.exists) ?? false
        path = isCredential ? credential ?? "" : directory + "/" + Self.name
    }

    package var exists: Bool { Directory.exists(path) }

    /// Reads the keys.
    ///
    /// - Throws: `.permissions` when others than the owner may read it, or somebody else owns it.
    package func read() throws(StoreError) -> KeyRing {
        let file = try File(path, O_RDONLY)
        let status = try file.status()
        guard status.st_mode & S_IFMT == S_IFREG else { throw StoreError(.permissions, "\(path): not a regular file") }
        guard status.st_uid == geteuid() || status.st_uid == 0 else {
            throw StoreError(.permissions, "\(path): owned by user \(status.st_uid), expected \(geteuid()) or root")
        }
        // systemd lets the unit's user read by an access control list, whose mask shows as the group's permission.
        let forbidden: mode_t = isCredential ? 0o027 : 0o077
        guard status.st_mode & forbidden == 0 else {
            let mode = String(status.st_mode & 0o7777, radix: 8)
            throw StoreError(.permissions, "\(path): mode 0\(mode), others can read or change it; expected 0400")
        }
        var contents = try file.contents(atMost: Self.maximumLength)
        defer { contents.wipe() }
        return try KeyRing(contents: contents, path: path)
    }

    /// Makes a file with one new key; durable when this returns.
    package func create() throws(StoreError) -> KeyRing {
        let ring = try KeyRing()
        var contents = ring.contents
        defer { contents.wipe() }
        let file = try File(path, O_WRONLY | O_CREAT | O_EXCL, mode: 0o400)
        do {
            try file.write(contents, at: 0)
            try file.synchronize()
            try Directory.synchronize(Directory.parent(of: path))
        } catch {
            // Half a key would keep the next start from making a whole one.
            unlink(path)
            throw error
        }
        return ring
    }

    /// Puts a new key in front, keeping the earlier ones; durable when this returns.
    ///
    /// - Throws: `.readOnly` for a credential: whoever gave it gives the next one.
    package func rotate() throws(StoreError) -> KeyRing {
        guard !isCredential else {
            throw StoreError(.readOnly, "\(path): a credential; give systemd a new one, with the earlier keys below it")
        }
        let ring = try read().rotated()
        var contents = ring.contents
        defer { contents.wipe() }
        try Directory.replace(path, with: contents, mode: 0o400)
        return ring
    }
}
