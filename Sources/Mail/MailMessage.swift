// A message before it is bytes: who, to whom, what. MailMessage+Composing.swift makes it bytes.

/// What is to be sent.
package struct MailMessage: Sendable {
    package var from: MailAddress
    package var replyTo: [MailAddress] = []
    package var to: [MailAddress] = []
    package var cc: [MailAddress] = []
    /// In the envelope only, never in the header.
    package var bcc: [MailAddress] = []
    package var subject = ""
    package var text: String?
    package var html: String?
    package var attachments: [MailAttachment] = []
    package var headers: [(name: String, value: String)] = []
    /// What identifies the message: the same token gives the same Message-ID, by which a receiver knows a repetition.
    package var token: String
    /// When it was made: seconds since 1970.
    package var date: Int64

    package init(from: MailAddress, token: String, date: Int64) {
        self.from = from
        self.token = token
        self.date = date
    }

    /// Everyone who is to get it, each once.
    package var recipients: [String] {
        var seen: Set<String> = []
        return (to + cc + bcc).map(\.spec).filter { seen.insert($0).inserted }
    }

    /// Whether an address in it needs a server with SMTPUTF8.
    package var needsUTF8: Bool { ([from] + replyTo + to + cc + bcc).contains { $0.needsUTF8 } }

    /// `<token@domain of the sender>`.
    package var id: String {
        "<\(token)@\(from.domain)>"
    }
}

/// A file that goes with a message.
package struct MailAttachment: Sendable {
    package let name: String
    /// `type/subtype`, perhaps with parameters.
    package let mediaType: String
    package let bytes: [UInt8]

    /// Bytes that all attachments of a message may have together.
    package static let sizeLimit = 25 << 20

    /// - Parameter mediaType: `nil`: by the end of the name.
    /// - Throws: ``MailFailure`` with code `invalid_mail`.
    package init(name: String, mediaType: String?, bytes: [UInt8]) throws(MailFailure) {
        try HeaderText.check(name, "attachment name")
        guard !name.isEmpty, name.utf8.count <= 255, !name.contains("/"), !name.contains("\\") else {
            throw MailFailure(
                .invalid,
                "attachment name: \"\(MailFailure.shown(name, limit: 80))\" must have 1 to 255 bytes and no slash")
        }
        let type = mediaType ?? Self.mediaType(of: name)
        guard Self.isMediaType(type) else {
            throw MailFailure(
                .invalid,
                "attachment type: \"\(MailFailure.shown(type, limit: 80))\" is no media type such as application/pdf "
                    + "(multipart and message cannot be attached)")
        }
        self.name = name
        self.mediaType = type
        self.bytes = bytes
    }

    private static func isMediaType(_ text: String) -> Bool {
        guard text.utf8.count <= 127 else { return false }
        func isToken(_ text: Substring) -> Bool {
            !text.isEmpty
                && text.utf8.allSatisfy { HeaderText.isAlphanumeric($0) || "!#$%&'*+-.^_`|~".utf8.contains($0) }
        }
        let parts = text.split(separator: ";", omittingEmptySubsequences: false)
        let type = parts[0].split(separator: "/", omittingEmptySubsequences: false)
        guard type.count == 2, isToken(type[0]), isToken(type[1]) else { return false }
        guard !["multipart", "message"].contains(type[0].lowercased()) else { return false }
        return parts.dropFirst().allSatisfy { parameter in
            let pair = parameter.drop { $0 == " " }.split(separator: "=", omittingEmptySubsequences: false)
            return pair.count == 2 && isToken(pair[0]) && isToken(pair[1])
        }
    }

    private static func mediaType(of name: String) -> String {
        switch name.split(separator: ".").last.map({ $0.lowercased() }) {
        case "pdf": "application/pdf"
        case "csv": "text/csv; charset=utf-8"
        case "txt", "log": "text/plain; charset=utf-8"
        case "html", "htm": "text/html"
        case "json": "application/json"
        case "xml": "application/xml"
        case "png": "image/png"
        case "jpg", "jpeg": "image/jpeg"
        case "gif": "image/gif"
        case "svg": "image/svg+xml"
        case "zip": "application/zip"
        case "ics": "text/calendar; charset=utf-8"
        case "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        case "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
        default: "application/octet-stream"
        }
    }
}
