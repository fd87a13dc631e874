import Glibc
import NetworkManagement

/// Goes through the lines of an audit file, holding one of them at a time.
struct AuditFileScanner {
    struct Line {
        /// Without the line feed.
        let octets: ArraySlice<UInt8>
        /// Of its first octet in the file.
        let offset: Int64
        /// From 1.
        let number: Int
        /// Whether a line feed ends it; only the last line of a file may have none.
        let isComplete: Bool
    }

    private let file: File
    private var buffer: [UInt8] = []
    /// Where the unread part of `buffer` begins, and where that is in the file.
    private var start = 0
    private var offset: Int64 = 0
    private var number = 0
    private var isAtEnd = false

    private static let chunk = 1 << 18

    init(_ path: String) throws(StoreError) {
        file = try File(path, O_RDONLY)
    }

    /// The next line; nil at the end. A line longer than any record comes cut, as incomplete, and is the last.
    mutating func next() throws(StoreError) -> Line? {
        var searched = start
        while true {
            if let feed = lineFeed(from: searched) {
                return take(upTo: feed, isComplete: true)
            }
            searched = buffer.count
            guard !isAtEnd, buffer.count - start <= AuditLine.maximumLength else {
                guard start < buffer.count else { return nil }
                isAtEnd = true
                return take(upTo: buffer.count, isComplete: false)
            }
            if start > 0 {
                buffer.removeSubrange(..<start)
                searched -= start
                start = 0
            }
            let more = try file.read(Self.chunk, at: offset + Int64(buffer.count))
            isAtEnd = more.count < Self.chunk
            buffer += more
        }
    }

    private func lineFeed(from start: Int) -> Int? {
        buffer.withUnsafeBytes { octets in
            guard let base = octets.baseAddress, start < octets.count else { return nil }
            return memchr(base + start, 0x0A, octets.count - start).map { UnsafeRawPointer($0) - base }
        }
    }

    private mutating func take(upTo end: Int, isComplete: Bool) -> Line {
        number += 1
        let line = Line(octets: buffer[start..<end], offset: offset, number: number, isComplete: isComplete)
        let length = end - start + (isComplete ? 1 : 0)
        start += length
        offset += Int64(length)
        return line
    }
}
