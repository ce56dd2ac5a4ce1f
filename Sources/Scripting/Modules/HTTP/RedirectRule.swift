// Where a redirect leads, and what of a request may go there (RFC 9110, 15.4; RFC 3986, 5.2).

import HTTPTransport

/// The rules of following redirects.
enum RedirectRule {
    /// Why a redirect is not followed; completes "the redirect …".
    struct Refusal: Error, Equatable {
        let message: String
        /// Where it led, when that could be read.
        var target: WebAddress?
    }

    static func isRedirect(_ status: Int) -> Bool { [301, 302, 303, 307, 308].contains(status) }

    /// The request that a redirect asks for. Whether its host may be reached is the caller's to check.
    static func next(
        after request: ScriptRequest, status: Int, location: String?
    ) throws(Refusal) -> ScriptRequest {
        guard let location, !location.isEmpty else { throw Refusal(message: "names no address") }
        let target: WebAddress
        do throws(WebAddress.Problem) {
            target = try WebAddress(parsing: resolve(location, against: request.address))
        } catch {
            throw Refusal(message: "leads to an address that \(error)")
        }
        guard target.userInfo == nil else { throw Refusal(message: "leads to an address with a user name") }
        guard target.isSecure || !request.address.isSecure else {
            throw Refusal(message: "leads from https to plain http", target: target)
        }
        var next = request
        next.address = target
        let dropsBody = status == 303 && request.method != "HEAD" || status <= 302 && request.method == "POST"
        if dropsBody {
            next.method = "GET"
            next.body = nil
            next.hasSecretBody = false
            next.signing = nil
            next.headers.removeAll { $0.name.lowercased().hasPrefix("content-") }
        }
        if target.origin != request.address.origin {
            guard !next.hasSecretBody else {
                throw Refusal(message: "would carry a secret in the body to another host", target: target)
            }
            next.signing = nil
            next.headers.removeAll { $0.isSecret || isCredential($0.name.lowercased()) }
        }
        return next
    }

    /// Headers that speak for the script and are meant for the first host only.
    private static func isCredential(_ name: String) -> Bool {
        ["authorization", "cookie", "proxy-authorization", "idempotency-key"].contains(name)
            || name.hasPrefix("webhook-")
    }

    /// An absolute address for a reference.
    static func resolve(_ reference: String, against base: WebAddress) -> String {
        let text = reference.prefix { $0 != "#" }
        if let colon = text.firstIndex(of: ":"), text[..<colon].allSatisfy({ $0.isLetter }), colon > text.startIndex {
            return String(text)
        }
        if text.hasPrefix("//") { return (base.isSecure ? "https:" : "http:") + text }
        let path = String(base.target.prefix { $0 != "?" })
        if text.isEmpty { return base.origin + base.target }
        if text.hasPrefix("?") { return base.origin + path + text }
        let query = text.drop { $0 != "?" }
        let given = String(text.prefix { $0 != "?" })
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "/"
        return base.origin + withoutDots(given.hasPrefix("/") ? given : folder + given) + query
    }

    private static func withoutDots(_ path: String) -> String {
        var result: [Substring] = []
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        for (place, part) in parts.enumerated() {
            let isLast = place == parts.count - 1
            switch part {
            case ".": if isLast { result.append("") }
            case "..":
                _ = result.popLast()
                if isLast { result.append("") }
            default: result.append(part)
            }
        }
        return "/" + result.joined(separator: "/")
    }
}
