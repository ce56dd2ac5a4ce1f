// Which hosts are reached without the proxy: `no_proxy` as it is written in the wild, where no standard says how.
// Separators are commas and white space of any kind; an entry is a name, an address, a range of addresses, or `*`.

import Console
import HostNames

/// The entries of `no_proxy`.
struct ProxyExceptions: Sendable {
    private struct Entry: Sendable {
        enum Hosts: Sendable {
            case all
            /// Without a final dot: itself, and all names below it.
            case domain(String)
            case addresses(AddressRange)
        }

        var hosts: Hosts
        /// `nil`: any.
        var port: Int?
    }

    private var entries: [Entry] = []
    /// Entries that mean nothing, as they are written, each with what is wrong with it.
    private(set) var problems: [String] = []

    init(parsing text: String) {
        for word in text.split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
            switch Self.entry(String(word)) {
            case .success(let entry): entries.append(entry)
            case .failure(let problem):
                problems.append("\"\(ShownText.short(String(word), limit: 80))\" \(problem.text)")
            }
        }
    }

    /// Whether `address` is reached without the proxy. Names are compared as names: none is looked up for a range.
    func contains(_ address: WebAddress) -> Bool {
        let name = address.tlsName
        let number = AddressRange(name).flatMap { $0.isSingle ? $0 : nil }
        return entries.contains { entry in
            guard entry.port == nil || entry.port == address.port else { return false }
            switch entry.hosts {
            case .all: return true
            case .addresses(let range): return number.map(range.contains) ?? false
            case .domain(let domain):
                return number == nil && (name == domain || name.hasSuffix("." + domain))
            }
        }
    }

    // MARK: Reading

    private struct Problem: Error {
        let text: String
    }

    private static func entry(_ word: String) -> Result<Entry, Problem> {
        guard !word.contains("://") else {
            return .failure(Problem(text: "is an address with a scheme; a host is meant"))
        }
        // An IPv6 address needs no brackets here, so that colons are a port's only behind them, or when there is one.
        if let range = AddressRange(word) { return .success(Entry(hosts: .addresses(range))) }
        var host = word[...]
        var port: Int?
        if let colon = word.lastIndex(of: ":"),
            word.hasPrefix("[") ? word[..<colon].hasSuffix("]") : word.firstIndex(of: ":") == colon
        {
            guard let number = UInt16(word[word.index(after: colon)...]), number > 0 else {
                return .failure(Problem(text: "has a port that is not between 1 and 65535"))
            }
            port = Int(number)
            host = word[..<colon]
        }
        if host.hasPrefix("["), let range = AddressRange(host) {
            return .success(Entry(hosts: .addresses(range), port: port))
        }
        if host == "*" { return .success(Entry(hosts: .all, port: port)) }
        if let range = AddressRange(host) { return .success(Entry(hosts: .addresses(range), port: port)) }
        if host.contains("/") { return .failure(Problem(text: "is no range of addresses, such as 10.0.0.0/8")) }
        if host.hasPrefix("*.") { host = host.dropFirst() }
        if host.hasPrefix(".") { host = host.dropFirst() }
        do throws(WebAddress.Problem) {
            let name = try WebAddress(parsing: "https://\(host)").tlsName
            // What else may stand in an address is no host.
            guard !host.contains(where: { "@?#:[".contains($0) }) else { return .failure(Problem(text: "is no host")) }
            return .success(Entry(hosts: .domain(name), port: port))
        } catch {
            return .failure(Problem(text: "\(error)"))
        }
    }
}
