// Bodies as lines of ASCII that any server passes on: as they are, quoted-printable, or base64 (RFC 2045).

/// How a part's bytes stand in the message.
enum BodyEncoding: String {
    case plain = "7bit"
    case quotedPrintable = "quoted-printable"
    case base64 = "base64"

    /// The encoding that suits a text, and its lines. Line breaks of any kind become CRLF.
    static func encode(_ text: String) -> (encoding: BodyEncoding, bytes: [UInt8]) {
        let bytes = normalized(text)
        var foreign = 0
        var line = 0
        var isPlain = true
        var before: UInt8 = 0
        for byte in bytes {
            if byte >= 0x80 { foreign += 1 }
            line = byte == 0x0A ? 0 : line + 1
            // "=_" begins our boundaries, and only text that stands as it is could hold one.
            if byte >= 0x7F || byte < 0x20 && byte != 0x0A && byte != 0x0D && byte != 0x09 || line > 990
                || before == UInt8(ascii: "=") && byte == UInt8(ascii: "_")
            {
                isPlain = false
            }
            before = byte
        }
        if isPlain { return (.plain, bytes) }
        if foreign * 3 > bytes.count { return (.base64, Base64.lines(bytes)) }
        return (.quotedPrintable, quotedPrintable(bytes))
    }

    private static func normalized(_ text: String) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count + 64)
        var hadReturn = false
        for byte in text.utf8 {
            if byte == 0x0A, hadReturn {
                hadReturn = false
                continue
            }
            hadReturn = byte == 0x0D
            if byte == 0x0D || byte == 0x0A { result += [0x0D, 0x0A] } else { result.append(byte) }
        }
        return result
    }

    /// Lines of at most 76 characters; `bytes` has CRLF line ends only.
    private static func quotedPrintable(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var column = 0
        func put(_ token: [UInt8]) {
            if column + token.count > 75 {
                result += [UInt8(ascii: "="), 0x0D, 0x0A]
                column = 0
            }
            result += token
            column += token.count
        }
        for (index, byte) in bytes.enumerated() {
            switch byte {
            case 0x0D: break
            case 0x0A:
                result += [0x0D, 0x0A]
                column = 0
            case 0x20, 0x09:
                // A server may cut white space off the end of a line.
                let isLast = index + 1 == bytes.count || bytes[index + 1] == 0x0D
                put(isLast ? escaped(byte) : [byte])
            case 0x21...0x7E where byte != UInt8(ascii: "="): put([byte])
            default: put(escaped(byte))
            }
        }
        // A soft break keeps the text from getting a line end that it did not have.
        if column > 0 { result += [UInt8(ascii: "="), 0x0D, 0x0A] }
        return result
    }

    private static func escaped(_ byte: UInt8) -> [UInt8] {
        [UInt8(ascii: "=")] + Array(HeaderText.hexadecimal(byte).utf8)
    }
}

/// Base64 (RFC 4648), with the padding.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func text(_ bytes: some Sequence<UInt8>) -> String { String(decoding: encode(Array(bytes)), as: UTF8.self) }

    /// In lines of 76 characters, each with its CRLF.
    static func lines(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count * 4 / 3 + bytes.count / 28 + 8)
        var start = 0
        while start < bytes.count {
            let end = min(start + 57, bytes.count)
            append(bytes, start, end, to: &result)
            result += [0x0D, 0x0A]
            start = end
        }
        return result
    }

    private static func encode(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        append(bytes, 0, bytes.count, to: &result)
        return result
    }

    private static func append(_ bytes: [UInt8], _ start: Int, _ end: Int, to result: inout [UInt8]) {
        var at = start
        while at < end {
            let a = bytes[at]
            let b = at + 1 < end ? bytes[at + 1] : 0
            let c = at + 2 < end ? bytes[at + 2] : 0
            result.append(alphabet[Int(a >> 2)])
            result.append(alphabet[Int(a & 0x03) << 4 | Int(b >> 4)])
            result.append(at + 1 < end ? alphabet[Int(b & 0x0F) << 2 | Int(c >> 6)] : UInt8(ascii: "="))
            result.append(at + 2 < end ? alphabet[Int(c & 0x3F)] : UInt8(ascii: "="))
            at += 3
        }
    }
}
