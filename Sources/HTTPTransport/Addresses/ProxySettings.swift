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

    /// Settings that cannot be used; the text says which and why, and shows no password.
    package struct Problem: Error, Sendable, Hashable, CustomStringConvertible {
        package let description: String
    }

    private let secureProxy: Proxy?
    private let plainProxy: Proxy?
    private let exceptions: ProxyExceptions
    /// Entries of `no_proxy` that mean nothing, each with what is wrong with it.
    package var problems: [String] { exceptions.problems }

    /// No proxy.
    package static let none = ProxySettings()

    private init() {
        secureProxy = nil
        plainProxy = nil
        exceptions = ProxyExceptions(parsing: "")
    }

    /// Reads `https_proxy`, `http_proxy`, `all_proxy` and `no_proxy`; the lower-case name wins over the upper-case one.
    ///
    /// `HTTP_PROXY` in upper case is ignored where `REQUEST_METHOD` is set: there a web client could have set it.
    package init(environment: [String: String]) throws(Problem) {
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
        exceptions = ProxyExceptions(parsing: value("no_proxy")?.value ?? "")
    }

    private static func proxy(_ setting: (name: String, value: String)?) throws(Problem) -> Proxy? {
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
            throw Problem(description: "the proxy address in \(setting.name) \(error)")
        }
    }

    /// The proxy for a request to `address`, or `nil` to connect directly.
    package func proxy(for address: WebAddress) -> Proxy? {
        guard let proxy = address.isSecure ? secureProxy : plainProxy else { return nil }
        return address.isLoopback || exceptions.contains(address) ? nil : proxy
    }

    private static func percentDecoded(_ text: String) -> [UInt8] {
        var result: [UInt8] = []
        var bytes = Array(text.utf8)[...]
        while let byte = bytes.popFirst() {
            let digits = bytes.prefix(2).compactMap { Character(UnicodeScalar($0)).hexDigitValue }
            if byte == UInt8(ascii: "%"), digits.count == 2 {
                result.append(UInt8(digits[0] << 4 | digits[1]))
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
