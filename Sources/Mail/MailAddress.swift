// Addresses as people write them: `a@b`, `Name <a@b>`, `"Last, First" <a@b>`. What is doubtful is refused, not repaired.

import HostNames

/// One mailbox.
package struct MailAddress: Sendable, Hashable {
    /// The display name, unquoted.
    package let name: String?
    package let local: String
    /// Letters beyond ASCII as A-labels, so that any server can take it.
    package let domain: String

    /// As it stands in the envelope.
    package var spec: String { "\(local)@\(domain)" }

    /// Whether only a server with SMTPUTF8 can take it.
    package var needsUTF8: Bool { !spec.utf8.allSatisfy { $0 < 0x80 } }

    /// - Parameter field: what messages call the place, such as "to".
    /// - Throws: ``MailFailure`` with code `invalid_mail`.
    package init(parsing text: String, field: String) throws(MailFailure) {
        func problem(_ what: String) -> MailFailure {
            MailFailure(.invalid, "\(field): \"\(MailFailure.shown(text, limit: 80))\" \(what)")
        }
        guard !text.unicodeScalars.contains(where: HeaderText.isControl) else {
            throw problem("contains a line break or another control character, which no address may")
        }
        let trimmed = Self.trimmed(Substring(text))
        guard !trimmed.isEmpty else { throw problem("is empty: an address such as \"anna@shop.example\" is needed") }
        var spec = trimmed
        var name: String?
        if trimmed.last == ">" {
            guard let open = trimmed.lastIndex(of: "<") else { throw problem("has a \">\" without a \"<\"") }
            spec = trimmed[trimmed.index(after: open)...].dropLast()
            switch Self.displayName(Self.trimmed(trimmed[..<open])) {
            case .success(let found): name = found
            case .failure(let what): throw problem(what.text)
            }
        }
        guard let at = spec.lastIndex(of: "@") else {
            throw problem("is no address: it has no \"@\"")
        }
        local = String(spec[..<at])
        let written = String(spec[spec.index(after: at)...])
        if let what = Self.problem(local: local) ?? Self.problem(domain: written) { throw problem(what) }
        if written.hasPrefix("[") {
            domain = written
        } else {
            do throws(HostName.Problem) { domain = try Self.ascii(written) } catch {
                throw problem("has a domain that \(error)")
            }
            if let what = Self.problem(domain: domain) { throw problem(what) }
        }
        guard name?.utf8.count ?? 0 <= 500 else { throw problem("has a name of more than 500 bytes") }
        self.name = name
    }

    // MARK: Rules

    private struct Wrong: Error { let text: String }

    private static func displayName(_ text: Substring) -> Result<String?, Wrong> {
        if text.isEmpty { return .success(nil) }
        guard text.first == "\"" else {
            if text.contains(where: { "<>@,;\"".contains($0) }) {
                return .failure(
                    Wrong(
                        text:
                            "has a name with one of < > @ , ; or a quote: put the name in double quotes, or make a list of addresses"
                    ))
            }
            return .success(String(text))
        }
        var name = ""
        var isEscaped = false
        var rest = text.dropFirst()
        while let character = rest.popFirst() {
            if isEscaped {
                name.append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "\"" {
                return rest.isEmpty
                    ? .success(name) : .failure(Wrong(text: "has text between the quoted name and the \"<\""))
            } else {
                name.append(character)
            }
        }
        return .failure(Wrong(text: "has a name whose quotes are not closed"))
    }

    private static func problem(local: String) -> String? {
        if local.isEmpty { return "has nothing before the \"@\"" }
        if local.utf8.count > 64 { return "has more than 64 bytes before the \"@\"" }
        if local.hasPrefix(".") || local.hasSuffix(".") || local.contains("..") {
            return "has a dot at the wrong place before the \"@\""
        }
        let bad = local.unicodeScalars.first { !isAtom($0) && $0 != "." }
        return bad.map { "has \"\(String($0))\" before the \"@\", which is not supported there" }
    }

    private static func problem(domain: String) -> String? {
        if domain.isEmpty { return "has nothing after the \"@\"" }
        if domain.utf8.count > 253 { return "has a domain of more than 253 bytes" }
        if domain.hasPrefix("["), domain.hasSuffix("]") {
            let inner = domain.dropFirst().dropLast()
            let isLiteral =
                !inner.isEmpty && inner.utf8.allSatisfy { HeaderText.isAlphanumeric($0) || ".:".utf8.contains($0) }
            return isLiteral ? nil : "has no valid address between the brackets"
        }
        for label in domain.split(separator: ".", omittingEmptySubsequences: false) {
            let isValid =
                !label.isEmpty && label.utf8.count <= 63 && !label.hasPrefix("-") && !label.hasSuffix("-")
                && label.unicodeScalars.allSatisfy { scalar in
                    scalar.isASCII
                        ? HeaderText.isAlphanumeric(UInt8(ascii: scalar)) || scalar == "-" || scalar == "_"
                        : isLetter(scalar)
                }
            if !isValid { return "has a domain that cannot be" }
        }
        return nil
    }

    /// A domain of ASCII stays as it is written: mail shows it to people.
    private static func ascii(_ domain: String) throws(HostName.Problem) -> String {
        domain.utf8.allSatisfy { $0 < 0x80 } ? domain : try HostName.ascii(domain)
    }

    private static func isAtom(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCII
            ? HeaderText.isAlphanumeric(UInt8(ascii: scalar)) || "!#$%&'*+-/=?^_`{|}~".unicodeScalars.contains(scalar)
            : isLetter(scalar)
    }

    /// Beyond ASCII, only what can be seen: no spaces, no marks of direction, nothing unassigned.
    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        let properties = scalar.properties
        if properties.isWhitespace { return false }
        switch properties.generalCategory {
        case .control, .format, .unassigned, .privateUse, .surrogate, .lineSeparator, .paragraphSeparator: return false
        default: return true
        }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return text
    }
}
