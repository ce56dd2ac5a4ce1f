// Keeps web pages of others from steering a local server through the user's browser.
// Against DNS rebinding: the Host must be an IP address, localhost or a name the server was started with.
// Against cross-site forms: a request that changes something must come from its own origin, if it says where from.

import HTTPTypes
package import HummingbirdCore

/// Judges a request's Host, Origin and Sec-Fetch-Site headers.
package struct OriginGuard: Sendable {
    package enum Problem: Error {
        /// The Host is not the server's: 421.
        case foreignHost
        /// Another site's page has made the browser send it: 403.
        case foreignOrigin
    }

    private let ownNames: Set<String>

    /// - Parameter names: further names that the server is reached by, in lower case; authorities or hosts.
    package init(names: [String] = []) { ownNames = Set(["localhost"] + names.map(Self.name)) }

    private static let fetchSite = HTTPField.Name("Sec-Fetch-Site")

    /// Refuses a request that another site could have made a browser send.
    /// - Parameter changes: whether it changes something.
    package func check(_ request: Request, changes: Bool) throws(Problem) {
        try check(
            host: request.head.authority, origin: request.headers[.origin],
            fetchSite: Self.fetchSite.flatMap { request.headers[$0] }, changes: changes)
    }

    package func check(host: String?, origin: String?, fetchSite: String?, changes: Bool) throws(Problem) {
        let host = (host ?? "").lowercased()
        let name = Self.name(ofAuthority: host)
        guard ownNames.contains(name) || name.hasSuffix(".localhost") || Self.isAddress(name) else {
            throw .foreignHost
        }
        guard changes else { return }
        if let fetchSite, fetchSite != "same-origin", fetchSite != "none" { throw .foreignOrigin }
        if let origin, origin.lowercased() != "http://\(host)", origin.lowercased() != "https://\(host)" {
            throw .foreignOrigin
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
