// Names of senders and recipients as encoded words (RFC 2047) that every reader shows alike.
//
// The blank between two encoded words means nothing by the standard; Python's parser, and what is built on it, shows it
// in a display name all the same. So a name that is too long for one encoded word is broken at its blanks: beside a
// word that needs no encoding the blank stands outside of the encoded word and is one to everybody, and where two
// encoded words meet, it ends the first, so that nobody sees a blank where there is none.

enum DisplayName {
    /// Bytes of text that fit into an encoded word of 75 characters.
    private static let mostBytes = 45
    private static let lineLimit = 76

    static func isAtomByte(_ byte: UInt8) -> Bool {
        HeaderText.isAlphanumeric(byte) || "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
    }

    /// The name in words of at most 75 characters, on lines of at most 76 unless a plain word is longer.
    /// - Parameter column: how much stands on the first line already.
    static func encoded(_ name: String, after column: Int) -> String {
        let room = Swift.max(12, (lineLimit - column - 12) / 4 * 3)
        if name.utf8.count <= Swift.min(room, mostBytes) { return word(name) }
        var text = "", line = column
        for piece in pieces(of: name, first: Swift.min(room, mostBytes)) {
            if !text.isEmpty {
                let fits = line + 1 + piece.utf8.count <= lineLimit
                text += fits ? " " : "\r\n "
                line = fits ? line + 1 : 1
            }
            text += piece
            line += piece.utf8.count
        }
        return text
    }

    /// Encoded words and plain ones, between which a blank or a fold belongs.
    private static func pieces(of name: String, first room: Int) -> [String] {
        let words = name.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        // Blanks that fold away have to be in encoded words.
        let allowsPlain = !words.contains("")
        var pieces: [String] = []
        var run: [String] = []
        for word in words {
            if allowsPlain, isPlain(word) {
                pieces += encodedRun(run, first: pieces.isEmpty ? room : mostBytes)
                pieces.append(word)
                run = []
            } else {
                run.append(word)
            }
        }
        return pieces + encodedRun(run, first: pieces.isEmpty ? room : mostBytes)
    }

    private static func isPlain(_ word: String) -> Bool { word.utf8.allSatisfy(isAtomByte) && !word.contains("=?") }

    /// Words in a row that need encoding, as few encoded words as they fit into; the blank ends the one before.
    private static func encodedRun(_ words: [String], first room: Int) -> [String] {
        var texts: [String] = []
        var room = room
        for (index, item) in words.enumerated() {
            let part = index + 1 < words.count ? item + " " : item
            if let last = texts.last, last.utf8.count + part.utf8.count <= room {
                texts[texts.count - 1] = last + part
                continue
            }
            if !texts.isEmpty { room = mostBytes }
            texts += cut(part, first: room)
            if texts.count > 1 { room = mostBytes }
        }
        return texts.map(word)
    }

    /// A word that is longer than an encoded word: between characters, or within one that is longer still.
    private static func cut(_ text: String, first room: Int) -> [String] {
        var room = room
        var texts = [""]
        func add(_ part: String) {
            if texts[texts.count - 1].utf8.count + part.utf8.count > room {
                texts.append("")
                room = mostBytes
            }
            texts[texts.count - 1] += part
        }
        for character in text {
            if character.utf8.count <= room {
                add(String(character))
            } else {
                for scalar in character.unicodeScalars { add(String(scalar)) }
            }
        }
        return texts.filter { !$0.isEmpty }
    }

    private static func word(_ text: String) -> String { "=?UTF-8?B?\(Base64.text(Array(text.utf8)))?=" }
}
