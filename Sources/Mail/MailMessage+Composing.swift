// A message as the bytes that cross the wire: RFC 5322 and MIME, CRLF line ends, ASCII bodies, no line too long.
// The same message always gives the same bytes.

import Dates

extension MailMessage {
    /// The whole message, without the dots of SMTP.
    /// - Throws: ``MailFailure`` with code `invalid_mail`: what is wrong, and in which field.
    package func compose() throws(MailFailure) -> [UInt8] {
        try validate()
        var header = try HeaderText.addresses("From", [from])
        if !replyTo.isEmpty { header += try HeaderText.addresses("Reply-To", replyTo) }
        if !to.isEmpty { header += try HeaderText.addresses("To", to) }
        if !cc.isEmpty { header += try HeaderText.addresses("Cc", cc) }
        if to.isEmpty, cc.isEmpty { header += "To: undisclosed-recipients:;\r\n" }
        header += try HeaderText.unstructured("Subject", subject)
        header += "Date: \(MailDate.text(date))\r\nMessage-ID: \(id)\r\n"
        for (name, value) in headers { header += try HeaderText.unstructured(name, value) }
        header += "MIME-Version: 1.0\r\n"
        let body = try self.body()
        return Array(header.utf8) + Array(body.header.utf8) + [0x0D, 0x0A] + body.bytes
    }

    // MARK: Rules

    private func validate() throws(MailFailure) {
        guard !recipients.isEmpty else {
            throw MailFailure(.invalid, "to: the message has no recipient; name one in to, cc or bcc")
        }
        guard recipients.count <= 1000 else {
            throw MailFailure(.invalid, "to: \(recipients.count) recipients are more than the 1000 of one message")
        }
        guard text != nil || html != nil || !attachments.isEmpty else {
            throw MailFailure(.invalid, "text: the message is empty; give it text, html or an attachment")
        }
        guard attachments.reduce(0, { $0 + $1.bytes.count }) <= MailAttachment.sizeLimit else {
            throw MailFailure(
                .invalid, "attachments: more than \(MailAttachment.sizeLimit >> 20) MB in all; send a link instead")
        }
        let isToken = token.utf8.allSatisfy { HeaderText.isAlphanumeric($0) || "-_.+=".utf8.contains($0) }
        guard isToken, (1...200).contains(token.utf8.count), !token.hasPrefix("."), !token.hasSuffix("."),
            !token.contains("..")
        else {
            throw MailFailure(
                .invalid,
                "token: \"\(MailFailure.shown(token, limit: 80))\" must be 1 to 200 letters, digits and -_.+= "
                    + "(it becomes the Message-ID)")
        }
        guard subject.utf8.count <= 2000 else { throw MailFailure(.invalid, "subject: more than 2000 bytes") }
        for header in headers { try Self.validate(header) }
    }

    /// Fields that the composer writes itself, or that would change whom the message goes to.
    private static let ownFields: Set<String> = [
        "from", "sender", "reply-to", "to", "cc", "bcc", "subject", "date", "message-id", "mime-version", "return-path",
        "received", "apparently-to",
    ]

    private static func validate(_ header: (name: String, value: String)) throws(MailFailure) {
        let shown = MailFailure.shown(header.name, limit: 80)
        let isName = header.name.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: ":") }
        guard isName, (1...60).contains(header.name.utf8.count) else {
            throw MailFailure(
                .invalid, "headers: \"\(shown)\" is no header name: letters, digits and hyphens, at most 60")
        }
        let name = header.name.lowercased()
        guard !ownFields.contains(name), !name.hasPrefix("content-"), !name.hasPrefix("resent-") else {
            throw MailFailure(.invalid, "headers: \"\(shown)\" is written by paylink itself; use the option for it")
        }
        guard header.value.utf8.count <= 4000 else {
            throw MailFailure(.invalid, "headers: the value of \"\(shown)\" has more than 4000 bytes")
        }
        guard header.value.contains(where: { $0 != " " }) else {
            throw MailFailure(.invalid, "headers: \"\(shown)\" has no value")
        }
    }

    // MARK: Parts

    private struct Part {
        var header: String
        var bytes: [UInt8]
    }

    private func body() throws(MailFailure) -> Part {
        var parts: [Part] = []
        if let text { parts.append(Self.part(text, "plain")) }
        if let html { parts.append(Self.part(html, "html")) }
        var whole: Part
        switch parts.count {
        case 0: whole = Self.part("", "plain")
        case 1: whole = parts[0]
        default: whole = Self.multipart("alternative", parts)
        }
        guard !attachments.isEmpty else { return whole }
        var all = [whole]
        for attachment in attachments { all.append(try Self.part(attachment)) }
        whole = Self.multipart("mixed", all)
        return whole
    }

    private static func part(_ text: String, _ subtype: String) -> Part {
        let (encoding, bytes) = BodyEncoding.encode(text)
        return Part(
            header:
                "Content-Type: text/\(subtype); charset=utf-8\r\nContent-Transfer-Encoding: \(encoding.rawValue)\r\n",
            bytes: bytes)
    }

    private static func part(_ attachment: MailAttachment) throws(MailFailure) -> Part {
        let disposition = "attachment" + (try HeaderText.parameter("filename", attachment.name))
        let type = attachment.mediaType.split(separator: ";", maxSplits: 1).joined(separator: ";\r\n")
        return Part(
            header:
                "Content-Type: \(type)\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: \(disposition)\r\n",
            bytes: Base64.lines(attachment.bytes))
    }

    /// No part can hold the boundary: it has "=_", which neither encoding leaves and text that stands as it is must
    /// not have.
    private static func multipart(_ kind: String, _ parts: [Part]) -> Part {
        let boundary = "=_paylink-\(kind)"
        var bytes: [UInt8] = []
        bytes.reserveCapacity(parts.reduce(0) { $0 + $1.bytes.count } + 1024)
        for part in parts {
            bytes += Array("--\(boundary)\r\n\(part.header)\r\n".utf8)
            bytes += part.bytes
            bytes += [0x0D, 0x0A]
        }
        bytes += Array("--\(boundary)--\r\n".utf8)
        return Part(header: "Content-Type: multipart/\(kind); boundary=\"\(boundary)\"\r\n", bytes: bytes)
    }
}

/// Dates as RFC 5322 writes them, always in UTC.
enum MailDate {
    static func text(_ seconds: Int64) -> String {
        let seconds = min(max(seconds, 0), 253_402_300_799)  // the years that have four digits
        let time = CivilTime(unixSeconds: seconds)
        let (year, month, day) = time.day.date
        let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        return "\(weekdays[time.day.weekday]), \(day) \(names[month - 1]) \(year) \(time.timeText) +0000"
    }
}
