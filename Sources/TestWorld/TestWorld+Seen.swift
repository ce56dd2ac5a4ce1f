// What a test sees of its world: requests, mails and the service's own view of links.

import Glibc
import Ledger
import LuaRuntime
import Mail
import OneShotPay
import Sandbox
import Scripting

extension TestWorld {
    /// The script that a test names: in its own folder first, then in the working directory.
    func script(named name: String) throws(WorldFailure) -> ScriptSource {
        guard !name.hasPrefix("/"), folder != "." else { return try settings.load(name) }
        do throws(WorldFailure) { return try settings.load("\(folder)/\(name)") } catch {
            // The first failure tells of the place where it should be.
            let first = error
            do throws(WorldFailure) { return try settings.load(name) } catch { throw first }
        }
    }

    /// The path of a file that a test names: in its own folder first, then in the working directory.
    func file(named name: String) -> String {
        let own = "\(folder)/\(name)"
        return name.hasPrefix("/") || access(own, F_OK) != 0 ? name : own
    }

    /// The id of a link that is named by its id, its key or its address.
    func existing(_ named: String) throws(WorldFailure) -> String {
        if let id = link(named: named) { return id }
        throw WorldFailure("there is no link \"\(named)\" at the service, and no such key in the ledger")
    }

    /// Writes a list of tables.
    func write(_ what: String, to reply: LuaWriter) {
        switch what {
        case "mails":
            reply.beginArray(hint: outbox.count)
            for mail in outbox { mail.write(to: reply) }
        case "requests":
            reply.beginArray(hint: requests.count)
            for request in requests {
                reply.beginMap(hint: 4)
                reply.field("at") { $0.number(request.at) }
                reply.field("method") { $0.string(request.method) }
                reply.field("path") { $0.string(request.path) }
                if let status = request.status { reply.field("status") { $0.integer(Int64(status)) } }
                reply.end()
            }
        case "ledger":
            var query = LinkQuery()
            query.scope = Self.scope
            query.limit = Int(Int32.max)
            let records = (try? reader.links(query)) ?? []
            reply.beginArray(hint: records.count)
            for record in records { write(record, to: reply) }
        default:
            let links = service.links
            reply.beginArray(hint: links.count)
            for link in links { write(link, to: reply) }
        }
        reply.end()
    }

    private func write(_ record: LinkRecord, to reply: LuaWriter) {
        reply.beginMap(hint: 14)
        if let key = record.key { reply.field("key") { $0.string(key) } }
        reply.field("state") { $0.string((record.isInDoubt ? .inDoubt : record.state).rawValue) }
        reply.field("amount") { $0.box(record.amount.microUSDC) }
        reply.field("description") { $0.string(record.description) }
        reply.field("attempts") { $0.integer(Int64(record.attempts)) }
        reply.field("possible_orphans") { $0.integer(Int64(record.possibleOrphans)) }
        reply.field("payments") { $0.integer(Int64(record.paymentsSeen)) }
        reply.field("received") { $0.box(record.receivedInAll.microUSDC) }
        reply.field("created_at") { $0.integer(record.createdAt) }
        if let link = record.link {
            reply.field("id") { $0.string(link.id.description) }
            reply.field("url") { $0.string(link.url) }
        }
        if let problem = record.problem { reply.field("problem") { $0.string(problem) } }
        reply.end()
    }

    private func write(_ link: SandboxLink, to reply: LuaWriter) {
        let status = link.status(at: SandboxInstant(milliseconds: Int64(unixTime * 1_000)))
        reply.beginMap(hint: 8)
        reply.field("id") { $0.string(link.id) }
        reply.field("amount") { $0.box(link.amount) }
        reply.field("description") { $0.string(link.description) }
        reply.field("status") { $0.string("\(status)") }
        reply.field("expires_at") { $0.integer(link.expirationTimestamp) }
        reply.field("payments") { $0.integer(Int64(link.paymentCount)) }
        if let payment = link.mostRecentPayment { reply.field("received") { $0.box(payment.amount) } }
        reply.end()
    }
}

extension WorldMail {
    init(_ mail: MailMessage, at moment: Double) {
        self.init(
            at: moment, from: mail.from.spec, to: mail.recipients, subject: mail.subject, text: mail.text,
            html: mail.html, headers: mail.headers, attachments: mail.attachments.map { ($0.name, $0.bytes) },
            id: mail.id)
    }

    func write(to reply: LuaWriter) {
        reply.beginMap(hint: 10)
        reply.field("at") { $0.number(at) }
        reply.field("id") { $0.string(id) }
        reply.field("from") { $0.string(from) }
        reply.field("to") { reply in
            reply.beginArray(hint: to.count)
            for address in to { reply.string(address) }
            reply.end()
        }
        reply.field("subject") { $0.string(subject) }
        if let text { reply.field("text") { $0.string(text) } }
        if let html { reply.field("html") { $0.string(html) } }
        reply.field("headers") { reply in
            reply.beginMap(hint: headers.count)
            for (name, value) in headers {
                reply.string(name)
                reply.string(value)
            }
            reply.end()
        }
        reply.field("attachments") { reply in
            reply.beginArray(hint: attachments.count)
            for (name, bytes) in attachments {
                reply.beginMap(hint: 2)
                reply.field("name") { $0.string(name) }
                reply.field("data") { reply in bytes.withUnsafeBytes { reply.string($0) } }
                reply.end()
            }
            reply.end()
        }
        reply.end()
    }
}

extension LuaWriter {
    /// A key of a map, and its value.
    func field(_ name: StaticString, _ value: (LuaWriter) -> Void) {
        string(name)
        value(self)
    }
}
