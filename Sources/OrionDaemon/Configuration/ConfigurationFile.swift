import Glibc

/// Reads a configuration file's text, whatever the path turns out to be.
enum ConfigurationFile {
    /// Far above any sensible file, and small enough to be parsed in a moment.
    static let maximumOctets = 16 << 20

    /// The whole text.
    ///
    /// - Throws: `ConfigurationError` when it cannot be opened or read, is a directory, is larger than `maximumOctets`,
    ///   or is not UTF-8 without NUL.
    static func text(of file: String) throws(ConfigurationError) -> String {
        try text(of: octets(of: file), file: file)
    }

    private static func octets(of file: String) throws(ConfigurationError) -> [UInt8] {
        // Without O_NONBLOCK, opening a FIFO that nobody writes to would hang.
        let descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { throw problem(file, "cannot be opened: \(errorText(errno))") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw problem(file, "cannot be read: \(errorText(errno))") }
        guard status.st_mode & S_IFMT != S_IFDIR else { throw problem(file, "expected a file, found a directory") }

        var octets: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw problem(file, "cannot be read: \(errorText(errno))")
            }
            if count == 0 { return octets }
            octets += buffer[..<count]
            guard octets.count <= maximumOctets else {
                throw problem(file, "expected at most \(maximumOctets) octets, found more")
            }
        }
    }

    /// The octets as text.
    static func text(of octets: [UInt8], file: String) throws(ConfigurationError) -> String {
        if let position = octets.firstIndex(of: 0) {
            throw problem(file, "expected text, found a NUL octet", line: line(of: position, in: octets))
        }
        guard let text = String(validating: octets, as: UTF8.self) else {
            throw problem(file, "expected UTF-8, found an octet that is not", line: lineOfFirstInvalidOctet(octets))
        }
        return text
    }

    private static func line(of position: Int, in octets: [UInt8]) -> Int {
        1 + octets[..<position].count { $0 == UInt8(ascii: "\n") }
    }

    private static func lineOfFirstInvalidOctet(_ octets: [UInt8]) -> Int {
        var decoder = UTF8()
        var iterator = octets.makeIterator()
        var line = 1
        while case .scalarValue(let scalar) = decoder.decode(&iterator) {
            if scalar == "\n" { line += 1 }
        }
        return line
    }

    private static func problem(_ file: String, _ reason: String, line: Int? = nil) -> ConfigurationError {
        ConfigurationError([ConfigurationProblem(file: file, line: line, reason: reason)])
    }
}

/// The system's words for an error number.
func errorText(_ number: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    // The XSI variant: it fills the buffer and returns 0.
    guard strerror_r(number, &buffer, buffer.count) == 0 else { return "error \(number)" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
