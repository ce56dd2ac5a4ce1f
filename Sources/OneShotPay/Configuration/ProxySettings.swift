// Which proxy, if any, a request goes through: the usual environment variables, given as a dictionary.
// Loopback is never proxied: a sandbox on this machine is not visible from a proxy.

/// Proxy settings as the environment gives them.
package struct ProxySettings: Sendable {
    /// A proxy to connect to.
    package struct Proxy: Sendable, Hashable {
        package let host: String
        package let port: Int
        /// The value of the `Proxy-Authorization` header. A secret.
        package let authorization: String?
    }

    private let secureProxy: Proxy?
    private let plainProxy: Proxy?
    private let exceptions: [String]

    /// No proxy.
    package static let none = ProxySettings()

    private init() {
        secureProxy = nil
        plainProxy = nil
        exceptions = []
    }

    /// Reads `https_proxy`, `http_proxy`, `all_proxy` and `no_proxy`; the lower-case name wins over the upper-case one.
    ///
    /// `HTTP_PROXY` in upper case is ignored where `REQUEST_METHOD` is set: there a web client could have set it.
    /// - Throws: ``OneShotPayError`` with code ``OneShotPayError/Code/invalidConfiguration``.
    package init(environment: [String: String]) throws(OneShotPayError) {
        func value(_ name: String) -> (name: String, value: String)? {
            for variable in [name, name.uppercased()] {
                if variable == "HTTP_PROXY", environment["REQUEST_METHOD"] != nil { continue }
                if let text = environment[variable], !text.isEmpty { return (variable, text) }
            }
            return nil
        }
        let all = value("all_proxy")
        secureProxy = try Self.proxy(value("https_proxy") ?? all)
        plainProxy = try Self.proxy(value("http_proxy") ?? all)
        exceptions = (value("no_proxy")?.value ?? "")
            .split { $0 == "," || $0 == " " }
            .map { $0.lowercased() }
    }

    private static func proxy(_ setting: (name: String, value: String)?) throws(OneShotPayError) -> Proxy? {
        guard let setting else { return nil }
        let text = setting.value.contains("://") ? setting.value : "http://" + setting.value
        // The value may hold a password, so no message shows it.
        do throws(WebAddress.Problem) {
            let address = try WebAddress(parsing: text)
            guard !address.isSecure else {
                throw WebAddress.Problem(description: "begins with https://; only http:// proxies are supported")
            }
            let authorization = address.userInfo.map { "Basic " + Base64.encode(percentDecoded($0)) }
            return Proxy(host: address.host, port: address.port, authorization: authorization)
        } catch {
            throw OneShotPayError(.invalidConfiguration, "the proxy address in \(setting.name) \(error)")
        }
    }

    /// The proxy for a request to `address`, or `nil` to connect directly.
    package func proxy(for address: WebAddress) -> Proxy? {
        guard let proxy = address.isSecure ? secureProxy : plainProxy else { return nil }
        return address.isLoopback || isExcepted(address) ? nil : proxy
    }

    /// `*`; a host; a domain with or without a leading dot, for itself and all below it; each with an optional port.
    private func isExcepted(_ address: WebAddress) -> Bool {
        exceptions.contains { entry in
            if entry == "*" { return true }
            var name = Substring(entry)
            if let colon = entry.lastIndex(of: ":"), let port = Int(entry[entry.index(after: colon)...]),
                entry.hasPrefix("[") || entry.firstIndex(of: ":") == colon
            {
                guard port == address.port else { return false }
                name = entry[..<colon]
            }
            if name.hasPrefix("["), name.hasSuffix("]") { name = name.dropFirst().dropLast() }
            if name.hasPrefix("*.") { name = name.dropFirst() }
            if name.hasPrefix(".") { name = name.dropFirst() }
            return !name.isEmpty && (address.host == name || address.host.hasSuffix("." + name))
        }
    }

    private static func percentDecoded(_ text: String) -> [UInt8] {
        var result: [UInt8] = []
        var bytes = Array(text.utf8)[...]
        while let byte = bytes.popFirst() {
            if byte == UInt8(ascii: "%"), bytes.count >= 2,
                let high = HexDigit.value(of: bytes[bytes.startIndex]),
                let low = HexDigit.value(of: bytes[bytes.startIndex + 1])
            {
                result.append(high << 4 | low)
                bytes = bytes.dropFirst(2)
            } else {
                result.append(byte)
            }
        }
        return result
    }
}

extension ProxySettings.Proxy: CustomStringConvertible, CustomReflectable {
    package var description: String { "\(host):\(port)" }
    package var customMirror: Mirror { Mirror(self, children: ["host": host, "port": port]) }
}
