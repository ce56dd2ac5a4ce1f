// Which hosts a script may reach besides the 1ShotPay service: none, unless the person who runs it says so.

import HTTPTransport
import HostNames

/// The hosts that `http` and `mail` may connect to.
public struct NetworkAccess: Sendable, Hashable {
    /// A host, and perhaps a port.
    struct Rule: Sendable, Hashable {
        /// As `WebAddress` has it, without a final dot. `*.example.com` means every host below.
        var host: String
        /// `nil`: any.
        var port: Int?
    }

    /// A rule that cannot be read; the text completes "the host …".
    public struct Problem: Error, Sendable, CustomStringConvertible {
        public let description: String
    }

    private(set) var rules: [Rule] = []

    /// No hosts at all.
    public init() {}

    /// Every host.
    package static var everywhere: NetworkAccess {
        var access = NetworkAccess()
        access.rules = [Rule(host: "*", port: nil)]
        return access
    }

    /// Adds a host: `shop.example`, `shop.example:8443`, `*.shop.example`, `[::1]:8080`, or `*` for every one.
    /// - Throws: ``Problem`` when the text is none of these.
    public mutating func allow(_ text: String) throws(Problem) {
        rules.append(try Rule(parsing: text))
    }

    /// Whether a connection to this host and port is allowed.
    /// - Parameters:
    ///   - host: a name or an address as it stands in a URL, an IPv6 address without its brackets.
    ///   - port: from 1 to 65535.
    public func allows(_ host: String, port: Int) -> Bool {
        // What cannot be a name is compared as it is, and matches `*` at most.
        let host = HostName.withoutFinalDot((try? HostName.ascii(host)) ?? host)
        return rules.contains { rule in
            guard rule.port == nil || rule.port == port else { return false }
            if rule.host == "*" || rule.host == host { return true }
            return rule.host.hasPrefix("*.") && host.hasSuffix(rule.host.dropFirst())
        }
    }
}

extension NetworkAccess.Rule {
    init(parsing text: String) throws(NetworkAccess.Problem) {
        if text == "*" {
            self.init(host: "*", port: nil)
            return
        }
        let isWildcard = text.hasPrefix("*.")
        let plain = isWildcard ? String(text.dropFirst(2)) : text
        guard !plain.contains(where: { "/@?#".contains($0) }) else {
            throw NetworkAccess.Problem(description: "must be a host, perhaps with a port, and no more")
        }
        do throws(WebAddress.Problem) {
            let address = try WebAddress(parsing: "https://" + plain)
            let hasPort = plain.hasSuffix(":\(address.port)")
            let host = HostName.withoutFinalDot(address.host)
            self.init(host: (isWildcard ? "*." : "") + host, port: hasPort ? address.port : nil)
        } catch {
            throw NetworkAccess.Problem(description: error.description)
        }
    }
}
