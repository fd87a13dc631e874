import Glibc

/// A program run by a test, by posix_spawn(3).
final class ChildProcess {
    let number: pid_t
    private var status: Int32?

    /// - Parameters:
    ///   - arguments: the first is the program's path.
    ///   - output: the descriptor that becomes standard output and error.
    init?(_ arguments: [String], environment: [String: String], output: Int32) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, output, 2)
        // Signals that the test runner ignores or blocks must reach the program.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF))

        var words = arguments.map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer {
            for word in words + variables { free(word) }
        }
        var number = pid_t()
        guard let path = words[0], posix_spawn(&number, path, &actions, &attributes, &words, &variables) == 0 else {
            return nil
        }
        self.number = number
    }

    /// Waits for the end.
    ///
    /// - Returns: the exit status; -1 when a signal ended it.
    @discardableResult
    func wait() -> Int32 {
        if let status { return status }
        var raw: Int32 = 0
        while waitpid(number, &raw, 0) < 0, errno == EINTR {}
        let status = raw & 0x7F == 0 ? (raw >> 8) & 0xFF : -1
        self.status = status
        return status
    }

    func terminate() {
        guard status == nil else { return }
        kill(number, SIGTERM)
        wait()
    }

    /// Runs a program to its end.
    ///
    /// - Returns: nil when it cannot be run.
    static func run(_ arguments: [String], environment: [String: String]) -> (status: Int32, output: String)? {
        // A file, not a pipe: another program started at the same time could hold the end of a pipe open.
        var template = Array("/tmp/orion-agentx-output-XXXXXX".utf8CString)
        let file = mkstemp(&template)
        guard file >= 0 else { return nil }
        defer { close(file) }
        unlink(&template)
        guard let status = ChildProcess(arguments, environment: environment, output: file)?.wait() else { return nil }
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = pread(file, &chunk, chunk.count, off_t(output.count))
            guard count > 0 else { break }
            output += chunk[..<count]
        }
        return (status, String(decoding: output, as: UTF8.self))
    }
}
