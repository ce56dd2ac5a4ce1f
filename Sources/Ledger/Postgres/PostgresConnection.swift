// One connection to a server: batches of statements out, their results in, each with a deadline of ours. How it comes about
// is in PostgresConnection+Opening.swift.

import CPostgres
import Glibc

/// A connection, for one thread at a time.
///
/// A batch is one round trip. Without a transaction of its own it is one: what fails in it undoes all of it.
final class PostgresConnection {
    let library: PostgresLibrary
    /// Which server it is, for messages.
    let place: String
    private let raw: OpaquePointer
    private var prepared: Set<String> = []
    /// Statements are prepared on a server's connection, which a pool may give to somebody else meanwhile.
    var preparesStatements = true
    private(set) var isBroken = false
    /// Whether something stands between us and the server that shares its connections.
    private(set) var isPooled = false
    /// What the server said at the beginning.
    fileprivate(set) var session: PostgresSession?
    private let notices: UnsafeMutablePointer<cpg_notices>

    /// - Parameter raw: a connection that is there, in pipeline mode.
    init(_ raw: OpaquePointer, _ library: PostgresLibrary, place: String) {
        self.raw = raw
        self.library = library
        self.place = place
        notices = .allocate(capacity: 1)
        notices.initialize(to: cpg_notices(library: library.functions, is_uncertain: 0))
        cpg_note_notices(notices, raw)
    }

    deinit {
        library.pq.PQfinish(raw)
        notices.deallocate()
    }

    var processID: Int32 { library.pq.PQbackendPID(raw) }
    var serverVersion: Int { Int(library.pq.PQserverVersion(raw)) }
    func parameter(_ name: String) -> String? { library.pq.PQparameterStatus(raw, name).map { String(cString: $0) } }

    /// Begins the session. Behind a pool, whose connections have numbers of their own, nothing is prepared: a statement would
    /// stay on a connection of the server's that somebody else may get.
    func begin(until deadline: ContinuousClock.Instant) throws(PostgresFailure) {
        preparesStatements = false
        let session = try PostgresSession.begin(on: self, until: deadline)
        self.session = session
        isPooled = session.processID != processID
        preparesStatements = !isPooled
    }

    /// Sends statements and waits for what each gives.
    ///
    /// - Throws: ``PostgresFailure``: the server's first error, and then nothing of the batch is done; `lost`, and then it
    ///   may be done or not, and the connection is of no more use.
    func run(_ batch: PostgresBatch, until deadline: ContinuousClock.Instant) throws(PostgresFailure)
        -> [PostgresResult]
    {
        guard !isBroken else { throw .lost("the connection to \(place) is broken") }
        guard !batch.holdsNul else {
            throw PostgresFailure(
                kind: .impossible, message: "\(place): PostgreSQL keeps no text with a NUL character in it")
        }
        do throws(PostgresFailure) {
            notices.pointee.is_uncertain = 0
            let sent = try send(batch)
            let results = try receive(sent, until: deadline)
            // A wait for a standby was cancelled: after a failover it may be gone.
            if notices.pointee.is_uncertain != 0 {
                throw PostgresFailure.lost("\(place): a commit did not reach its standby")
            }
            return results
        } catch {
            if error.kind == .lost { isBroken = true }
            throw error
        }
    }

    // MARK: Sending

    /// What a batch's replies are for, in order: the preparation of a statement, or a statement.
    private enum Sent {
        case preparation(String)
        case statement
    }

    private func send(_ batch: PostgresBatch) throws(PostgresFailure) -> [Sent] {
        var sent: [Sent] = []
        var isSent = true
        batch.bytes.withUnsafeBytes { bytes in
            var values: [UnsafePointer<CChar>?] = []
            var fresh: Set<String> = []
            for entry in batch.entries where isSent {
                values.removeAll(keepingCapacity: true)
                for start in entry.parameters {
                    values.append(
                        start.map {
                            bytes.baseAddress.unsafelyUnwrapped.advanced(by: $0).assumingMemoryBound(to: CChar.self)
                        })
                }
                let count = Int32(values.count), statement = entry.statement
                guard preparesStatements else {
                    isSent = library.pq.PQsendQueryParams(raw, statement.text, count, nil, values, nil, nil, 0) == 1
                    sent.append(.statement)
                    continue
                }
                if !prepared.contains(statement.name), fresh.insert(statement.name).inserted {
                    isSent = library.pq.PQsendPrepare(raw, statement.name, statement.text, 0, nil) == 1
                    sent.append(.preparation(statement.name))
                }
                isSent = isSent && library.pq.PQsendQueryPrepared(raw, statement.name, count, values, nil, nil, 0) == 1
                sent.append(.statement)
            }
        }
        guard isSent, library.pq.PQpipelineSync(raw) == 1 else { throw .lost(reason) }
        return sent
    }

    // MARK: Receiving

    private func receive(_ sent: [Sent], until deadline: ContinuousClock.Instant) throws(PostgresFailure)
        -> [PostgresResult]
    {
        var results: [PostgresResult] = []
        var failure: PostgresFailure?
        for one in sent {
            guard let result = try next(until: deadline) else {
                throw .lost("\(place) gave fewer answers than were asked for")
            }
            switch library.pq.PQresultStatus(result) {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK:
                if case .preparation(let name) = one {
                    prepared.insert(name)
                    library.pq.PQclear(result)
                } else {
                    results.append(PostgresResult(result, library))
                }
            case PGRES_PIPELINE_ABORTED: library.pq.PQclear(result)
            default:
                if failure == nil { failure = self.failure(result) }
                library.pq.PQclear(result)
            }
            // Each ends with a word that there is no more of it.
            if let more = try next(until: deadline) {
                library.pq.PQclear(more)
                throw .lost("\(place) gave more answers than were asked for")
            }
        }
        guard let end = try next(until: deadline) else { throw .lost("\(place) did not end its answers") }
        let status = library.pq.PQresultStatus(end)
        library.pq.PQclear(end)
        guard status == PGRES_PIPELINE_SYNC else { throw .lost("\(place) did not end its answers") }
        if let failure { throw failure }
        return results
    }

    private func next(until deadline: ContinuousClock.Instant) throws(PostgresFailure) -> OpaquePointer? {
        while true {
            let flushed = library.pq.PQflush(raw)
            guard flushed >= 0 else { throw .lost(reason) }
            if library.pq.PQisBusy(raw) == 0 { return library.pq.PQgetResult(raw) }
            let events = try wait(for: flushed == 1 ? POLLIN | POLLOUT : POLLIN, until: deadline)
            if events & Int16(POLLIN | POLLHUP | POLLERR) != 0, library.pq.PQconsumeInput(raw) == 0 {
                throw .lost(reason)
            }
        }
    }

    /// What was notified, once there is something or the time is over; `nil` when the connection is broken.
    func notifications(within limit: Duration) -> [String]? {
        var entry = pollfd(fd: library.pq.PQsocket(raw), events: Int16(POLLIN), revents: 0)
        let count = poll(&entry, 1, Int32(clamping: Int64(limit / .milliseconds(1))))
        if count > 0, library.pq.PQconsumeInput(raw) == 0 {
            isBroken = true
            return nil
        }
        var texts: [String] = []
        while let one = library.pq.PQnotifies(raw) {
            if let text = one.pointee.extra { texts.append(String(cString: text)) }
            library.pq.PQfreemem(one)
        }
        return texts
    }

    private func wait(for events: Int32, until deadline: ContinuousClock.Instant) throws(PostgresFailure) -> Int16 {
        while true {
            let left = deadline - .now
            guard left > .zero else { throw .lost("\(place) gave no answer in time") }
            var entry = pollfd(fd: library.pq.PQsocket(raw), events: Int16(events), revents: 0)
            let milliseconds = Int32(clamping: Int64(left / .milliseconds(1)) + 1)
            let count = poll(&entry, 1, milliseconds)
            if count > 0 { return entry.revents }
            if count < 0, errno != EINTR {
                throw .lost("waiting for \(place) failed: \(String(cString: strerror(errno)))")
            }
        }
    }

    // MARK: Failures

    /// Why the connection is of no use, on one line.
    private var reason: String {
        let text = library.pq.PQerrorMessage(raw).map { String(cString: $0) } ?? ""
        let first = text.split(separator: "\n").first.map(String.init) ?? "the connection broke"
        return "\(place): \(first)"
    }

    private func failure(_ result: OpaquePointer) -> PostgresFailure {
        func field(_ code: Int32) -> String? {
            library.pq.PQresultErrorField(result, code).map { String(cString: $0) }
        }
        guard let state = field(Int32(UInt8(ascii: "C"))) else { return .lost(reason) }
        let message = field(Int32(UInt8(ascii: "M"))) ?? "error \(state)"
        // The server has ended the session: what it was at may be done.
        if state.hasPrefix("57P") || state.hasPrefix("08") || state == "25P03" { return .lost("\(place): \(message)") }
        return PostgresFailure(kind: .server(state: state), message: "\(place): \(message) (SQLSTATE \(state))")
    }
}
