// Which server takes the mail, and how the connection to it is protected.

import HostNames

/// A mail server as its address names it: `smtps://user@mail.example:465`, `smtp://mail.example:587`.
package struct SMTPServer: Sendable, Hashable {
    package enum Security: Sendable, Hashable {
        /// TLS from the first byte.
        case implicit
        /// STARTTLS, or nothing is sent.
        case startTLS
        /// None: only to this machine.
        case loopback
    }

    package let host: String
    package let port: Int
    package let user: String?
    package let security: Security

    package init(host: String, port: Int, user: String? = nil, security: Security) {
        self.host = host
        self.port = port
        self.user = user
        self.security = security
    }

    /// - Throws: ``MailFailure`` with code `invalid_mail`.
    package init(parsing text: String) throws(MailFailure) {
        func problem(_ what: String) -> MailFailure {
            // A password in it must not be shown: nothing before the "@" is.
            let shown = text.split(separator: "@").last.map(String.init) ?? ""
            return MailFailure(
                .invalid,
                "mail server \"\(MailFailure.shown(shown, limit: 80))\": \(what); write smtps://USER@HOST:465 or "
                    + "smtp://USER@HOST:587")
        }
        guard !text.unicodeScalars.contains(where: { HeaderText.isControl($0) || $0 == " " }) else {
            throw problem("has a space or a control character")
        }
        let schemes: [(String, Int)] = [("smtps://", 465), ("smtp://", 587), ("smtp+starttls://", 587)]
        guard let (scheme, usual) = schemes.first(where: { text.lowercased().hasPrefix($0.0) }) else {
            throw problem("does not begin with smtp:// or smtps://")
        }
        var rest = text.dropFirst(scheme.count)
        if rest.last == "/" { rest.removeLast() }
        var user: String?
        if let at = rest.lastIndex(of: "@") {
            guard let decoded = Self.decoded(rest[..<at]), !decoded.isEmpty else {
                throw problem("has a user name that cannot be read")
            }
            guard !rest[..<at].contains(":") else {
                throw problem("holds a password, which does not belong into an address; give it as a secret")
            }
            user = decoded
            rest = rest[rest.index(after: at)...]
        }
        guard let (written, port) = Self.hostAndPort(rest, usual) else { throw problem("has no valid host and port") }
        let host: String
        do throws(HostName.Problem) { host = try HostName.ascii(written) } catch {
            throw problem("has a host that \(error)")
        }
        self.user = user
        self.host = host
        self.port = port
        switch scheme {
        case "smtps://": security = .implicit
        case "smtp://" where Self.isLoopback(host): security = .loopback
        default: security = .startTLS
        }
    }

    /// The host as certificates and SNI name it: without the final dot.
    var tlsName: String { HostName.withoutFinalDot(host) }

    /// As messages show it.
    package var shown: String { (host.contains(":") ? "[\(host)]" : host) + ":\(port)" }

    static func isLoopback(_ host: String) -> Bool {
        ["localhost", "localhost.", "::1"].contains(host)
            || host.hasPrefix("127.") && host.split(separator: ".").count == 4
                && host.utf8.allSatisfy { ".0123456789".utf8.contains($0) }
    }

    private static func hostAndPort(_ text: Substring, _ usual: Int) -> (String, Int)? {
        var host = text
        var port = usual
        let isBracketed = text.first == "["
        if isBracketed {
            guard let close = text.firstIndex(of: "]") else { return nil }
            host = text[text.index(after: text.startIndex)..<close]
            let after = text[text.index(after: close)...]
            guard after.isEmpty || after.first == ":" else { return nil }
            if !after.isEmpty {
                guard let number = UInt16(after.dropFirst()), number > 0 else { return nil }
                port = Int(number)
            }
        } else if let colon = text.firstIndex(of: ":") {
            guard let number = UInt16(text[text.index(after: colon)...]), number > 0 else { return nil }
            port = Int(number)
            host = text[..<colon]
        }
        let allowed = host.utf8.allSatisfy {
            HeaderText.isAlphanumeric($0) || ".-_".utf8.contains($0) || isBracketed && $0 == UInt8(ascii: ":")
                || $0 >= 0x80 && !isBracketed
        }
        guard !host.isEmpty, host.utf8.count <= 253, allowed, !host.hasPrefix("-") else { return nil }
        return (String(host), port)
    }

    /// Percent signs resolved: a user name is often an address with an "@".
    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16),
                value >= 0x20
            else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}

/// What a server wants to know before it takes mail.
package struct SMTPCredentials: Sendable {
    package let user: String
    package let password: String

    package init(user: String, password: String) {
        self.user = user
        self.password = password
    }
}
