// Where a ledger's server is: a URL as libpq takes it, its hosts one by one, and what every connection has.

import CPostgres

/// A server's address, as `postgres://user@host:5432/database?sslmode=verify-full`.
struct PostgresAddress: Sendable, Hashable {
    /// One place to try.
    struct Host: Sendable, Hashable {
        /// A name, an address, or the folder of a socket.
        var name: String
        var port: String

        var isSocket: Bool { name.hasPrefix("/") || name.hasPrefix("@") }
        var shown: String { isSocket ? name : name.contains(":") ? "[\(name)]:\(port)" : "\(name):\(port)" }
    }

    /// libpq's parameters but for hosts and ports.
    private(set) var parameters: [String: String]
    private(set) var hosts: [Host]
    /// What is given besides the address.
    private let password: String?

    /// Whether a ledger's name is one of these.
    static func isOne(_ text: String) -> Bool { text.hasPrefix("postgres://") || text.hasPrefix("postgresql://") }

    /// What its parameters name that decides who is let in. Without libpq, which need not be there for that.
    static func files(of text: String) -> [String] {
        guard isOne(text) else { return [] }
        // A user's name may have a question mark in it, too.
        return text.split(whereSeparator: { "?&".contains($0) }).dropFirst().compactMap { parameter in
            let parts = parameter.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, ["passfile", "sslkey", "sslcert", "sslrootcert"].contains(decoded(parts[0])) else {
                return nil
            }
            return decoded(parts[1])
        }
    }

    /// `%2F` is `/`, as libpq has it.
    private static func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) {
                bytes.append(code)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// - Throws: ``PostgresFailure`` (`unusable`) for what is no such address; its message shows nothing of it, as the
    ///   part that is wrong may be a password.
    init(_ server: LedgerServer, _ library: PostgresLibrary) throws(PostgresFailure) {
        var complaint: UnsafeMutablePointer<CChar>?
        defer { library.pq.PQfreemem(complaint) }
        guard let options = library.pq.PQconninfoParse(server.address, &complaint) else {
            throw PostgresFailure(
                kind: .unusable,
                message: "the ledger's address is none that PostgreSQL knows: write "
                    + "postgres://USER@HOST:5432/DATABASE?sslmode=verify-full, with other signs than letters and digits as %XX"
            )
        }
        defer { library.pq.PQconninfoFree(options) }
        var given: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { given[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        guard given["password"] == nil, given["sslpassword"] == nil else {
            throw PostgresFailure(
                kind: .unusable,
                message: "the ledger's address has a password in it, where others may read it: put it into a file of "
                    + "mode 0600 that PGPASSFILE names, into PGPASSWORD, or among the secrets of a settings file (ledger_password)"
            )
        }
        let names = given.removeValue(forKey: "host")?.split(separator: ",", omittingEmptySubsequences: false)
        let ports = given.removeValue(forKey: "port")?.split(separator: ",", omittingEmptySubsequences: false) ?? []
        guard let names, names.allSatisfy({ !$0.isEmpty }) else {
            throw PostgresFailure(kind: .unusable, message: "the ledger's address names no host")
        }
        guard ports.count <= 1 || ports.count == names.count else {
            throw PostgresFailure(
                kind: .unusable, message: "the ledger's address names \(names.count) hosts and \(ports.count) ports")
        }
        hosts = names.enumerated().map { index, name in
            let port = ports.count > 1 ? ports[index] : ports.first ?? ""
            return Host(name: String(name), port: port.isEmpty ? "5432" : String(port))
        }
        parameters = given
        password = server.password
    }

    var database: String { parameters["dbname"] ?? parameters["user"] ?? "" }

    /// For messages: without what may be secret.
    var shown: String {
        let user = parameters["user"].map { $0 + "@" } ?? ""
        return "postgres://\(user)\(hosts.map(\.shown).joined(separator: ","))/\(database)"
    }

    /// What each connection is made with. A host that has vanished is noticed within some 10 s, on whichever side.
    func settings(for host: Host, address: String?) -> [(String, String)] {
        var all = [
            "application_name": "paylink", "keepalives": "1", "keepalives_idle": "5", "keepalives_interval": "2",
            "keepalives_count": "3", "tcp_user_timeout": "10000", "target_session_attrs": "read-write",
        ]
        all.merge(parameters) { $1 }
        // What everything below relies on is not to be chosen.
        all["client_encoding"] = "UTF8"
        all["host"] = host.name
        all["port"] = host.port
        all["hostaddr"] = address
        if let password { all["password"] = password }
        return all.sorted { $0.key < $1.key }
    }
}
