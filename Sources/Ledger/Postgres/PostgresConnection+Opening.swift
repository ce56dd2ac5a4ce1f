// How a connection comes about: each host in turn, each of its addresses for a time of our own.

import CPostgres
import Glibc

extension PostgresConnection {
    /// How long one address is tried: libpq's own limit does not hold for a connection that is made step by step.
    static let patienceForOneAddress = Duration.seconds(2)

    /// Connects to the first host that takes reading and writing.
    ///
    /// - Throws: ``PostgresFailure``: `unreachable` with what each host said; the server's refusal of user, password or
    ///   database at once.
    static func open(
        _ address: PostgresAddress, _ library: PostgresLibrary, until deadline: ContinuousClock.Instant
    ) throws(PostgresFailure) -> PostgresConnection {
        var problems: [String] = []
        for host in address.hosts {
            let places = host.isSocket ? [String?.none] : addresses(of: host.name)
            if places.isEmpty { problems.append("\(host.shown): there is no host of this name") }
            for place in places {
                let limit = min(deadline, ContinuousClock.now + patienceForOneAddress)
                do throws(PostgresFailure) {
                    let made = try open(
                        address.settings(for: host, address: place), library, host.shown, until: limit)
                    // Before anything is asked of it that an older one would not know.
                    try PostgresOpening.checkServer(made)
                    do throws(PostgresFailure) { try made.begin(until: limit) } catch {
                        throw error.kind == .lost
                            ? PostgresFailure(kind: .unreachable, message: error.message) : error
                    }
                    return made
                } catch {
                    guard error.kind == .unreachable else { throw error }
                    problems.append(error.message)
                }
            }
        }
        throw PostgresFailure(kind: .unreachable, message: problems.joined(separator: "; "))
    }

    /// The addresses of a name, as numbers. It may block for as long as the system's resolver does.
    private static func addresses(of name: String) -> [String?] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(name, nil, &hints, &found) == 0 else { return [] }
        defer { freeaddrinfo(found) }
        var texts: [String?] = []
        var next = found
        while let one = next {
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            if getnameinfo(
                one.pointee.ai_addr, one.pointee.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0
            {
                let shown = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
                if !texts.contains(shown) { texts.append(shown) }
            }
            next = one.pointee.ai_next
        }
        return texts
    }

    private static func open(
        _ settings: [(String, String)], _ library: PostgresLibrary, _ place: String,
        until deadline: ContinuousClock.Instant
    ) throws(PostgresFailure) -> PostgresConnection {
        let pq = library.pq
        let copies = settings.map { (strdup($0.0), strdup($0.1)) }
        defer { for (name, value) in copies { free(name); free(value) } }
        var names = copies.map { UnsafePointer<CChar>($0.0) } + [nil]
        var values = copies.map { UnsafePointer<CChar>($0.1) } + [nil]
        guard let raw = pq.PQconnectStartParams(&names, &values, 0) else {
            throw PostgresFailure(kind: .unusable, message: "there is not enough memory to connect to \(place)")
        }
        _ = pq.PQsetErrorVerbosity(raw, PQERRORS_VERBOSE)
        var isHandedOn = false
        defer { if !isHandedOn { pq.PQfinish(raw) } }
        try finish(raw, library, place, until: deadline)
        guard pq.PQsetnonblocking(raw, 1) == 0, pq.PQenterPipelineMode(raw) == 1 else {
            throw PostgresFailure(kind: .unusable, message: "\(place): libpq has no pipeline mode")
        }
        isHandedOn = true
        return PostgresConnection(raw, library, place: place)
    }

    private static func finish(
        _ raw: OpaquePointer, _ library: PostgresLibrary, _ place: String, until deadline: ContinuousClock.Instant
    ) throws(PostgresFailure) {
        let pq = library.pq
        // Polling begins as if it had asked to write.
        var wanted = PGRES_POLLING_WRITING
        while pq.PQstatus(raw) != CONNECTION_BAD {
            let left = deadline - .now
            guard left > .zero else {
                throw PostgresFailure(
                    kind: .unreachable, message: "\(place): no answer within \(patienceForOneAddress)")
            }
            var entry = pollfd(
                fd: pq.PQsocket(raw), events: Int16(wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT), revents: 0)
            let count = poll(&entry, 1, Int32(clamping: Int64(left / .milliseconds(1)) + 1))
            if count < 0, errno != EINTR { break }
            guard count > 0 else { continue }
            wanted = pq.PQconnectPoll(raw)
            if wanted == PGRES_POLLING_OK { return }
            if wanted == PGRES_POLLING_FAILED { break }
        }
        throw refusal(raw, library, place)
    }

    /// Why a connection did not come about. A server that answered, and refused for good, is no server that is away.
    private static func refusal(_ raw: OpaquePointer, _ library: PostgresLibrary, _ place: String) -> PostgresFailure {
        let text = library.pq.PQerrorMessage(raw).map { String(cString: $0) } ?? ""
        let lines = text.split(separator: "\n").map(String.init)
        // "FATAL:  57P03: the database system is starting up": the words are in the server's language, the state is not.
        let answer = lines.lazy.compactMap(ServerAnswer.init).first
        let shown = answer?.message ?? lines.first { !$0.isEmpty } ?? "the connection failed"
        let lacksPassword = library.pq.PQconnectionNeedsPassword(raw) == 1
        // Of what libpq finds by itself, what does not pass: a value that it has no meaning for, a certificate.
        let isRefused =
            answer.map { !$0.isPassing }
            ?? (lacksPassword || text.contains("certificate") || shown.hasPrefix("invalid "))
        let advice =
            lacksPassword
            ? "; its password goes into a file of mode 0600 that PGPASSFILE names, into PGPASSWORD, or among the secrets of a "
                + "settings file (ledger_password)" : ""
        return PostgresFailure(kind: isRefused ? .unusable : .unreachable, message: "\(place): \(shown)\(advice)")
    }

    /// A line of an error that a server has sent, as libpq writes it with its state: perhaps behind the host's name and
    /// port, always before the server's own words.
    private struct ServerAnswer {
        let state: String
        let message: String

        init?(_ line: String) {
            let parts = line.split(separator: ":", omittingEmptySubsequences: false).map { $0.drop { $0 == " " } }
            guard let place = parts.indices.dropFirst().first(where: { Self.isState(parts[$0]) }) else { return nil }
            state = String(parts[place])
            message = parts[(place + 1)...].joined(separator: ": ") + " (SQLSTATE \(state))"
        }

        private static func isState(_ part: Substring) -> Bool {
            part.utf8.count == 5 && part.utf8.contains { (48...57).contains($0) }
                && part.utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) }
        }

        /// Starting, stopping, full, or no server to write to: it may be another one in a moment.
        var isPassing: Bool { ["57P01", "57P02", "57P03", "53300", "25006"].contains(state) || state.hasPrefix("08") }
    }
}
