// Header fields as bytes: folding at 78 characters (RFC 5322), encoded words (RFC 2047), parameters (RFC 2231).
// Nothing with a control character comes this far; each builder checks that once more.

enum HeaderText {
    /// Line breaks of any kind and all other controls: what could begin a header of its own.
    static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || scalar.value == 0x2028 || scalar.value == 0x2029
    }

    static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    static func check(_ text: String, _ field: String) throws(MailFailure) {
        guard !text.unicodeScalars.contains(where: isControl) else {
            throw MailFailure(
                .invalid,
                "\(field): \"\(MailFailure.shown(text, limit: 80))\" contains a line break or another control character, "
                    + "which no header may")
        }
    }

    /// Characters on a line, the name included.
    private static let lineLimit = 78

    // MARK: Fields

    /// A field of free text.
    static func unstructured(_ name: String, _ value: String) throws(MailFailure) -> String {
        try check(value, name)
        guard isPlain(value) else { return "\(name): " + encodedWords(value, after: name.utf8.count + 2) + "\r\n" }
        var line = "\(name):"
        var field = ""
        var token = " "
        var hasWord = false
        func flush() {
            if line.utf8.count + token.utf8.count > lineLimit, line.utf8.contains(where: { $0 != 0x20 }),
                !line.hasSuffix(":")
            {
                field += line + "\r\n"
                line = ""
            }
            line += token
            token = ""
        }
        for character in value {
            if character == " ", hasWord {
                flush()
                hasWord = false
            }
            if character != " " { hasWord = true }
            token.append(character)
        }
        flush()
        return field + line + "\r\n"
    }

    /// A field of addresses, one a line when they do not fit.
    static func addresses(_ name: String, _ list: [MailAddress]) throws(MailFailure) -> String {
        var field = ""
        var line = "\(name):"
        for (index, address) in list.enumerated() {
            if let name = address.name { try check(name, "name") }
            let last = index == list.count - 1
            var text = " " + mailbox(address, after: line.utf8.count + 1) + (last ? "" : ",")
            let firstLine = text.split(separator: "\r\n", maxSplits: 1)[0]
            if line.utf8.count + firstLine.utf8.count > lineLimit, !line.hasSuffix(":") {
                field += line + "\r\n"
                line = ""
                text = " " + mailbox(address, after: 1) + (last ? "" : ",")
            }
            line += text
            if let end = line.range(ofLast: "\r\n") {
                field += line[..<end.upperBound]
                line = String(line[end.upperBound...])
            }
        }
        return field + line + "\r\n"
    }

    private static func mailbox(_ address: MailAddress, after column: Int) -> String {
        guard let name = address.name, !name.isEmpty else { return address.spec }
        let isShort = name.utf8.count + address.spec.utf8.count <= 60
        guard isPlain(name), isShort else {
            return DisplayName.encoded(name, after: column) + "\r\n <\(address.spec)>"
        }
        let isPhrase = name.utf8.allSatisfy { $0 == 0x20 || DisplayName.isAtomByte($0) }
        return (isPhrase ? name : quoted(name)) + " <\(address.spec)>"
    }

    static func quoted(_ text: String) -> String {
        "\"" + text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined() + "\""
    }

    /// ASCII that a receiver reads back as it stands: not taken for an encoded word, nothing that folding would lose,
    /// no word longer than a line may be.
    private static func isPlain(_ text: String) -> Bool {
        guard text.utf8.allSatisfy({ $0 < 0x80 }), !text.hasPrefix(" "), !text.hasSuffix(" ") else { return false }
        return !text.utf8.split(separator: 0x20).contains { word in
            word.count > 900 || String(Substring(word)).contains("=?")
        }
    }

    /// Words of at most 75 characters, each of whole characters, on lines of at most 76.
    private static func encodedWords(_ text: String, after column: Int) -> String {
        var words: [String] = []
        var piece: [UInt8] = []
        var room = Swift.max(12, (76 - column - 12) / 4 * 3)
        for scalar in text.unicodeScalars {
            let bytes = Array(String(scalar).utf8)
            if piece.count + bytes.count > room {
                words.append("=?UTF-8?B?\(Base64.text(piece))?=")
                piece = []
                room = 45
            }
            piece += bytes
        }
        words.append("=?UTF-8?B?\(Base64.text(piece))?=")
        return words.joined(separator: "\r\n ")
    }

    /// A parameter such as `filename`, on lines of its own.
    static func parameter(_ name: String, _ value: String) throws(MailFailure) -> String {
        try check(value, name)
        if value.utf8.allSatisfy({ $0 < 0x80 }), value.utf8.count <= 60 { return ";\r\n \(name)=\(quoted(value))" }
        var pieces: [String] = [""]
        for scalar in value.unicodeScalars {
            let encoded = String(scalar).utf8.map { byte in
                isAlphanumeric(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
                    ? String(UnicodeScalar(byte)) : "%" + hexadecimal(byte)
            }.joined()
            if pieces[pieces.count - 1].utf8.count + encoded.utf8.count > 50 { pieces.append("") }
            pieces[pieces.count - 1] += encoded
        }
        if pieces.count == 1 { return ";\r\n \(name)*=UTF-8''\(pieces[0])" }
        return pieces.enumerated().map { index, piece in
            ";\r\n \(name)*\(index)*=\(index == 0 ? "UTF-8''" : "")\(piece)"
        }.joined()
    }

    static func hexadecimal(_ byte: UInt8) -> String {
        let text = String(byte, radix: 16, uppercase: true)
        return byte < 16 ? "0" + text : text
    }
}

extension String {
    fileprivate func range(ofLast separator: Character) -> Range<Index>? {
        lastIndex(of: separator).map { $0..<index(after: $0) }
    }
}
