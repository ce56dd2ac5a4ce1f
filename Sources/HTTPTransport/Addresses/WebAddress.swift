// Reads http and https addresses: the service's, a proxy's, a picture's, and those a script asks for.
// A strict subset of RFC 3986; what is doubtful (spaces, controls, backslashes) is refused, not repaired.

import HostNames

/// An `http` or `https` address, taken apart.
package struct WebAddress: Sendable, Hashable {
    /// An address that cannot be used; the text completes "the address …".
    package struct Problem: Error, Sendable, Hashable, CustomStringConvertible {
        package let description: String
    }

    package let isSecure: Bool
    /// In lower case, letters beyond ASCII as A-labels, and with the final dot if one is written; an IPv6 address without
    /// its brackets.
    package let host: String
    package let port: Int
    /// `user:password`, percent-encoded as written.
    package let userInfo: String?
    /// Path and query, beginning with a slash; no fragment.
    package let target: String

    /// The port that `scheme` has when none is written.
    package static func defaultPort(isSecure: Bool) -> Int { isSecure ? 443 : 80 }

    package init(parsing text: String) throws(Problem) {
        if text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F || $0 == UInt8(ascii: "\\") }) {
            throw Problem(description: "contains a space, a control character or a backslash")
        }
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")), text[colon...].hasPrefix("://") else {
            throw Problem(description: "does not begin with http:// or https://")
        }
        switch text[..<colon].lowercased() {
        case "https": isSecure = true
        case "http": isSecure = false
        default: throw Problem(description: "does not begin with http:// or https://")
        }
        let afterScheme = text[colon...].dropFirst(3)
        let authorityEnd = afterScheme.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? afterScheme.endIndex
        var authority = afterScheme[..<authorityEnd]
        if let at = authority.lastIndex(of: "@") {
            userInfo = String(authority[..<at])
            authority = authority[authority.index(after: at)...]
        } else {
            userInfo = nil
        }
        // With a user name before it, what is written may be part of a password: then no message shows it.
        (host, port) = try Self.hostAndPort(authority, isSecure: isSecure, isShown: userInfo == nil)

        var rest = afterScheme[authorityEnd...]
        if let fragment = rest.firstIndex(of: "#") { rest = rest[..<fragment] }
        target = rest.hasPrefix("/") ? String(rest) : "/" + String(rest)
    }

    private static func hostAndPort(
        _ authority: Substring, isSecure: Bool, isShown: Bool
    ) throws(Problem) -> (String, Int) {
        var host = authority
        var portText: Substring?
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else {
                throw Problem(description: "has an IPv6 address without a closing bracket")
            }
            host = authority[authority.index(after: authority.startIndex)..<end]
            let rest = authority[authority.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else {
                throw Problem(description: "has something between the IPv6 address and the port")
            }
            if !rest.isEmpty { portText = rest.dropFirst() }
            guard host.utf8.contains(UInt8(ascii: ":")),
                host.utf8.allSatisfy({
                    UnicodeScalar($0).properties.isASCIIHexDigit || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".")
                })
            else { throw Problem(description: "has no IPv6 address between the brackets") }
        } else {
            if let colon = authority.firstIndex(of: ":") {
                host = authority[..<colon]
                portText = authority[authority.index(after: colon)...]
            }
        }
        let name = host.utf8.contains(UInt8(ascii: ":")) ? host.lowercased() : try checked(host, isShown: isShown)
        var port = defaultPort(isSecure: isSecure)
        if let portText, !portText.isEmpty {
            guard portText.utf8.allSatisfy({ $0 &- 0x30 <= 9 }), let value = Int(portText), (1...65535).contains(value)
            else { throw Problem(description: "has a port that is not between 1 and 65535") }
            port = value
        }
        return (name, port)
    }

    /// A name, or an IPv4 address, in the form that DNS takes.
    private static func checked(_ host: Substring, isShown: Bool) throws(Problem) -> String {
        guard !host.isEmpty else { throw Problem(description: "has no host") }
        let name: String
        do throws(HostName.Problem) { name = try HostName.ascii(String(host)) } catch {
            throw Problem(description: isShown ? "has a host that \(error)" : "has a host that is no name")
        }
        guard name.utf8.allSatisfy(isHostByte) else {
            throw Problem(description: "has a host with characters that no host name has")
        }
        let plain = HostName.withoutFinalDot(name)
        guard plain.utf8.count <= 253 else { throw Problem(description: "has a host name that is too long") }
        for label in plain.split(separator: ".", omittingEmptySubsequences: false) {
            guard !label.isEmpty else { throw Problem(description: "has a host with a dot too many") }
            guard label.utf8.count <= 63 else {
                throw Problem(description: "has a host name with a part of more than 63 characters")
            }
        }
        // The dot says that a name is whole; an address has none.
        return isIPv4(plain) ? plain : name
    }

    private static func isIPv4(_ host: String) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

extension WebAddress {
    /// Whether the host can only be this machine: `localhost`, `*.localhost`, 127.0.0.0/8 or `::1`.
    package var isLoopback: Bool {
        let host = tlsName
        if host == "localhost" || host.hasSuffix(".localhost") || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    /// The host as certificates and SNI name it: without the final dot.
    var tlsName: String { HostName.withoutFinalDot(host) }

    /// `host` or `host:port`, with brackets around an IPv6 address; the value of a `Host` header.
    package var authority: String {
        let shown = host.contains(":") ? "[\(host)]" : host
        return port == Self.defaultPort(isSecure: isSecure) ? shown : "\(shown):\(port)"
    }

    /// Scheme, host and port: `https://example.com`.
    package var origin: String { (isSecure ? "https://" : "http://") + authority }

    /// An address as written, but with a host that every program understands: letters beyond ASCII as A-labels. What is no
    /// address stays as it is.
    package static func withASCIIHost(_ text: String) -> String {
        guard !text.utf8.allSatisfy({ $0 < 0x80 }), let address = try? WebAddress(parsing: text),
            let scheme = text.firstRange(of: "://")
        else { return text }
        let end = text[scheme.upperBound...].firstIndex { "/?#".contains($0) } ?? text.endIndex
        var start = scheme.upperBound
        if let at = text[start..<end].lastIndex(of: "@") { start = text.index(after: at) }
        let host = text[start..<end].firstIndex(of: ":").map { start..<$0 } ?? start..<end
        guard !text[host].utf8.allSatisfy({ $0 < 0x80 }) else { return text }
        return text[..<host.lowerBound] + address.host + text[host.upperBound...]
    }

    /// Completes "the address …" when `text` cannot be the address of a picture; `nil` when it can.
    package static func problem(withMediaURL text: String) -> String? {
        do throws(Problem) {
            let address = try WebAddress(parsing: text)
            guard address.userInfo == nil else { return "contains a user name; anyone who opens the link would see it" }
            // A browser takes a host that ends in a number for an IPv4 address, of whatever spelling, or for nothing.
            let last = address.tlsName.split(separator: ".").last ?? ""
            if !address.host.contains(":"), last.first?.isNumber == true, !isIPv4(address.tlsName),
                last.allSatisfy(\.isNumber) || last.hasPrefix("0x")
            {
                return "has a host that is no IPv4 address; give an address such as https://example.com/picture.png"
            }
            return nil
        } catch {
            return error.description + "; give an address such as https://example.com/picture.png"
        }
    }
}
