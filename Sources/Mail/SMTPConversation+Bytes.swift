// What a server's EHLO reply offers, and a message as it stands between DATA and the final dot.

extension SMTPConversation {
    static func offers(of reply: SMTPReply) -> [String: String] {
        var offers: [String: String] = [:]
        for line in reply.lines.dropFirst() {
            let words = line.split(separator: " ", maxSplits: 1)
            guard let first = words.first else { continue }
            var keyword = first.uppercased()
            var value = words.count > 1 ? String(words[1]) : ""
            if keyword.hasPrefix("AUTH=") {  // as old servers write it
                value = keyword.dropFirst(5) + " " + value
                keyword = "AUTH"
            }
            offers[keyword] = offers[keyword].map { "\($0) \(value)" } ?? value
        }
        return offers
    }

    /// Lines that begin with a dot get another one, and the last line its end; the final dot is sent by itself.
    static func stuffed(_ message: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(message.count + 64)
        var isLineStart = true
        for byte in message {
            if isLineStart, byte == UInt8(ascii: ".") { result.append(byte) }
            result.append(byte)
            isLineStart = byte == 0x0A
        }
        if !isLineStart { result += [0x0D, 0x0A] }
        return result
    }
}
