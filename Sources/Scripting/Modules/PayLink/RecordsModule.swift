// paylink.find, links and once: what the ledger knows, and what must happen once.

import Advice
import Console
import Ledger
import LuaRuntime
import OneShotPay
import Recorder

final class RecordsModule: APIModule {
    static let lua = [LuaFile(name: "once", text: PackageResources.once_lua)]

    private unowned let host: ScriptHost

    init(_ host: ScriptHost) { self.host = host }

    // Granted to untrusted scripts as far as `RecordedLinks.isOwnOnly` goes.
    var operations: [Operation] {
        [
            Operation("find", shown: "paylink.find", untrusted: .granted, .waits(find)),
            Operation("list", shown: "paylink.links", untrusted: .granted, .waits(list)),
            Operation("once", shown: "paylink.once", untrusted: .granted, .waits(begin)),
            Operation("once_end", shown: "paylink.once", untrusted: .granted, .waits(end)),
            Operation("once_leave", untrusted: .granted, .notes(leave)),
        ]
    }

    /// Arguments: key. Gives the link; or nil and an error.
    private func find(_ arguments: inout LuaReader, _ waiter: Waiter) -> (() -> Void)? {
        let key = arguments.string() ?? ""
        return withLinks(waiter) { links in
            links.find(key) { result in
                waiter.returns { reply in
                    switch result {
                    case .success(let record?) where record.link != nil && record.state == .done:
                        LinkWriter.write(record, to: reply)
                    case .success(let record): LinkWriter.fail(.absent(key, record, links.words), to: reply)
                    case .failure(let error): LinkWriter.fail(LinkFailure(error), to: reply)
                    }
                }
            }
        }
    }

    /// Arguments: status, key_prefix, created_since, created_before, paid_since, paid_before, the last row of the page
    /// before; each may be nil; and how many links. Gives a list of links and its last row; the list is empty at the end.
    /// Or nil and an error.
    private func list(_ arguments: inout LuaReader, _ waiter: Waiter) -> (() -> Void)? {
        var query = LinkQuery()
        query.states = [.done]
        if !arguments.skipNull() { query.status = arguments.string() }
        if !arguments.skipNull() { query.keyPrefix = arguments.string() }
        if !arguments.skipNull() { query.createdSince = arguments.integer() }
        if !arguments.skipNull() { query.createdBefore = arguments.integer() }
        if !arguments.skipNull() { query.paidSince = arguments.integer() }
        if !arguments.skipNull() { query.paidBefore = arguments.integer() }
        if !arguments.skipNull() { query.after = arguments.integer() ?? 0 }
        query.limit = Int(clamping: arguments.integer() ?? 0)
        let ready = query
        return withLinks(waiter) { links in
            var query = ready
            query.scope = links.scope
            links.list(query) { result in
                waiter.returns { reply in
                    switch result {
                    case .failure(let error): LinkWriter.fail(LinkFailure(error), to: reply)
                    case .success(let records):
                        reply.beginArray(hint: records.count)
                        for record in records where record.link != nil { LinkWriter.write(record, to: reply) }
                        reply.end()
                        reply.integer(records.last?.row ?? 0)
                    }
                }
            }
        }
    }

    // MARK: once

    /// Arguments: key, mode. Gives "run" or "check", row, token, attempt; "ran" and the result as JSON or nil; "dry";
    /// or nil and an error.
    private func begin(_ arguments: inout LuaReader, _ waiter: Waiter) -> (() -> Void)? {
        let key = arguments.string() ?? ""
        let mode = arguments.string().flatMap(EffectClaim.Mode.init) ?? .atMost
        if let problem = LinkOrder.problem(withKey: key) {
            return host.fails(waiter, LinkFailure(.invalid("key", problem)))
        }
        let links: RecordedLinks
        do throws(OneShotPayError) { links = try host.links() } catch { return host.fails(waiter, LinkFailure(error)) }
        guard !links.limits.isDryRun else {
            host.soon { waiter.returns { $0.string("dry" as StaticString) } }
            return nil
        }
        let asking = EffectWaiter(task: waiter.task.raw, generation: waiter.generation)
        return links.claimEffect(EffectClaim(key: key, mode: mode), for: asking) { result in
            waiter.returns { reply in
                switch result {
                case .success(.run(let row, let token, let attempt)):
                    LinkWriter.write("run", row, token, attempt, to: reply)
                case .success(.check(let row, let token, let attempt)):
                    LinkWriter.write("check", row, token, attempt, to: reply)
                case .success(.ran(let result)):
                    reply.string("ran" as StaticString)
                    if let result { reply.string(result) }
                case .success(.inDoubt(let record)): LinkWriter.fail(.effectInDoubt(record, links.words), to: reply)
                case .success(.abandoned): LinkWriter.fail(.effectAbandoned(key), to: reply)
                case .success(.busy(let run)): LinkWriter.fail(.busy(key, run: run), to: reply)
                case .failure(let error): LinkWriter.fail(LinkFailure(error), to: reply)
                }
            }
        }
    }

    /// Arguments: row; whether it is done; its result as JSON or nil, or what went wrong. Gives true, or nil and an
    /// error.
    private func end(_ arguments: inout LuaReader, _ waiter: Waiter) -> (() -> Void)? {
        let row = arguments.integer() ?? 0
        let isDone = arguments.boolean() ?? false
        let text = arguments.value()?.stringValue
        return withLinks(waiter) { links in
            links.finishEffect(row, isDone ? .done(result: text) : .failed(problem: text ?? "failed")) { problem in
                waiter.returns { reply in
                    guard let problem else { return reply.boolean(true) }
                    LinkWriter.fail(LinkFailure(problem), to: reply)
                }
            }
        }
    }

    /// Arguments: key, and its row unless the end is recorded.
    private func leave(_ arguments: inout LuaReader) {
        guard let key = arguments.string(), let links = try? host.links() else { return }
        links.leaveEffect(key, broken: arguments.integer())
    }

    private func withLinks(_ waiter: Waiter, _ body: (RecordedLinks) -> Void) -> (() -> Void)? {
        do throws(OneShotPayError) { body(try host.links()) } catch { return host.fails(waiter, LinkFailure(error)) }
        return nil
    }
}

extension LinkWriter {
    static func write(_ record: LinkRecord, to reply: LuaWriter) {
        guard let link = record.link else { return }
        let sum = link.reusable && record.paymentsSeen > 0 ? record.receivedInAll : nil
        write(link, key: record.key, receivedInAll: sum, to: reply)
    }

    /// nil and an error table.
    static func fail(_ failure: LinkFailure, to reply: LuaWriter) {
        reply.null()
        write(failure, to: reply)
    }

    fileprivate static func write(
        _ verdict: StaticString, _ row: Int64, _ token: String, _ attempt: Int, to reply: LuaWriter
    ) {
        reply.string(verdict)
        reply.integer(row)
        reply.string(token)
        reply.integer(Int64(attempt))
    }
}

extension LinkFailure {
    /// There is no link under a key.
    fileprivate static func absent(_ key: String, _ record: LinkRecord?, _ words: AdviceWords) -> LinkFailure {
        let shown = ShownText.short(key)
        guard let record else { return LinkFailure(.notFound, "the ledger has no key \"\(shown)\"") }
        if record.isInDoubt { return .inDoubt(record, words) }
        let problem = record.problem.map { ": \($0)" } ?? ""
        return LinkFailure(.notFound, "no link was made under key \"\(shown)\" (\(record.state.rawValue))\(problem)")
    }

    fileprivate static func effectInDoubt(_ record: EffectRecord, _ words: AdviceWords) -> LinkFailure {
        let key = ShownText.short(record.key)
        let problem = record.problem.map { " (\($0))" } ?? ""
        return LinkFailure(
            .inDoubt,
            "\"\(key)\" was begun before and did not finish\(problem): it may have happened; look, then: "
                + words(.settle(key: key, .anyOfEffect)))
    }

    fileprivate static func effectAbandoned(_ key: String) -> LinkFailure {
        LinkFailure(.abandoned, "\"\(ShownText.short(key))\" was given up by hand")
    }
}
