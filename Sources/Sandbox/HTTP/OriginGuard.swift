// Keeps web pages of others from steering the sandbox through the user's browser.
// Against DNS rebinding: the Host must be an IP address, localhost or a name we were started with.
// Against cross-site forms: a request that changes something must come from our own origin, if it says where from.

/// Judges a request's Host, Origin and Sec-Fetch-Site headers.
struct OriginGuard: Sendable {
    private let ownNames: Set<String>

    init(options: SandboxOptions) {
        var names: Set<String> = ["localhost", options.host.lowercased()]
        // scheme, nothing, authority, path …
        let parts = (options.publicBaseURL ?? "").split(separator: "/", omittingEmptySubsequences: false)
        if parts.count >= 3 { names.insert(Self.name(ofAuthority: String(parts[2]))) }
        ownNames = names
    }

    /// Refuses a request that another site could have made a browser send.
    /// - Throws: ``Refusal``: 421 for a foreign Host, 403 for a foreign Origin.
    func check(host: String?, origin: String?, fetchSite: String?, changes: Bool) throws(Refusal) {
        let host = (host ?? "").lowercased()
        let name = Self.name(ofAuthority: host)
        guard ownNames.contains(name) || name.hasSuffix(".localhost") || Self.isAddress(name) else {
            throw Refusal(status: 421, code: "foreign_host", message: "this sandbox does not answer to that Host")
        }
        guard changes else { return }
        if let fetchSite, fetchSite != "same-origin", fetchSite != "none" {
            throw Refusal(status: 403, code: "foreign_origin", message: "only the sandbox's own pages may do this")
        }
        if let origin, origin.lowercased() != "http://\(host)", origin.lowercased() != "https://\(host)" {
            throw Refusal(status: 403, code: "foreign_origin", message: "only the sandbox's own pages may do this")
        }
    }

    /// The name or address in `host[:port]`, without an IPv6 address's brackets.
    private static func name(ofAuthority authority: String) -> String {
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            return String(authority[authority.index(after: authority.startIndex)..<end]).lowercased()
        }
        return String(authority.prefix { $0 != ":" }).lowercased()
    }

    /// A rebinding attack needs a name, so any literal address will do.
    private static func isAddress(_ name: String) -> Bool {
        if name.contains(":") { return name.allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." } }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
    }
}
