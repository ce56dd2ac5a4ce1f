// Replies of an SMTP server, from bytes as they come: one or many lines, bounded in length and number.

/// One reply, all its lines.
struct SMTPReply: Sendable, Hashable {
    var code: Int
    var lines: [String]

    var isPositive: Bool { (200...299).contains(code) }
    var isTransient: Bool { (400...499).contains(code) }

    /// All of it, as it came. What messages show is shorter, and without the password.
    var text: String { "\(code) " + lines.joined(separator: " ") }
}

/// Takes bytes, gives replies.
struct SMTPReplyReader {
    /// What no server says.
    struct Malformed: Error {
        let what: String
        /// The line itself, as it came.
        var line: String?

        init(what: String) { self.what = what }

        init(line: [UInt8]) {
            what = "this line"
            self.line = String(decoding: line, as: UTF8.self)
        }
    }

    static let lineLimit = 2048
    static let lineCountLimit = 128

    private var line: [UInt8] = []
    private var lines: [String] = []
    private var code: Int?
    private var pending: [UInt8] = []
    private var at = 0

    mutating func append(_ bytes: some Sequence<UInt8>) { pending.append(contentsOf: bytes) }

    /// Forgets everything that came and was not read.
    mutating func discard() { self = SMTPReplyReader() }

    /// The next reply, or `nil` until there is more.
    mutating func next() throws(Malformed) -> SMTPReply? {
        defer {
            pending.removeFirst(at)
            at = 0
        }
        while at < pending.count {
            let byte = pending[at]
            at += 1
            guard byte == 0x0A else {
                guard line.count < Self.lineLimit else {
                    throw Malformed(what: "a line of more than \(Self.lineLimit) bytes")
                }
                line.append(byte)
                continue
            }
            if line.last == 0x0D { line.removeLast() }
            defer { line.removeAll() }
            if let reply = try take(line) { return reply }
        }
        return nil
    }

    private mutating func take(_ line: [UInt8]) throws(Malformed) -> SMTPReply? {
        let digits = line.prefix(3)
        guard digits.count == 3, digits.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Int(String(decoding: digits, as: UTF8.self)), (200...599).contains(number),
            code == nil || code == number
        else { throw Malformed(line: line) }
        let mark = line.count > 3 ? line[3] : 0x20
        guard mark == 0x20 || mark == UInt8(ascii: "-") else {
            throw Malformed(line: line)
        }
        lines.append(String(decoding: line.dropFirst(4), as: UTF8.self))
        guard mark == UInt8(ascii: "-") else {
            defer {
                lines = []
                code = nil
            }
            return SMTPReply(code: number, lines: lines)
        }
        guard lines.count < Self.lineCountLimit else {
            throw Malformed(what: "a reply of more than \(Self.lineCountLimit) lines")
        }
        code = number
        return nil
    }
}
