// paylink.create, get, wait and wait_each: from a script's terms to the engine and back.

import Console
import LuaRuntime
import NIOCore
import OneShotPay
import Recorder

final class PayLinkModule: APIModule {
    static let lua = [LuaFile(name: "paylink", text: PackageResources.paylink_lua, globals: ["paylink"])]

    private unowned let host: ScriptHost
    /// Tasks that wait for a link to be made.
    private var creating: Set<LuaTaskID> = []
    /// How many of the script's links with a key turned out to have expired.
    private var expiredLinks = 0
    private(set) var groups: [Int64: WaitGroup] = [:]
    private var nextGroup: Int64 = 1

    init(_ host: ScriptHost) { self.host = host }

    // Granted to untrusted scripts as far as `RecordedLinks.isOwnOnly` goes.
    var operations: [Operation] {
        [
            Operation("terms", untrusted: .granted, constantFor: [[]], .answers { Self.writeTerms($1) }),
            Operation("create", shown: "paylink.create", untrusted: .granted, .waits(create)),
            Operation("get", shown: "paylink.get", untrusted: .granted, .waits(get)),
            Operation("wait", shown: "paylink.wait", untrusted: .granted, .waits(wait)),
            Operation("group_add", untrusted: .granted, .answers(add)),
            Operation("group_next", shown: "paylink.wait_each", untrusted: .granted, .waits(next)),
            Operation("group_close", untrusted: .granted, .notes { [unowned self] in close(&$0) }),
            Operation("qr", untrusted: .granted, .answers { Self.writeQR(&$0, $1) }),
        ]
    }

    func taskEnded(_ task: LuaTaskID) {
        for (id, group) in groups where group.owner == task { closeGroup(id, group) }
    }

    /// Whoever runs `| head` does not ask for links that nobody knows of: these are made, and recorded.
    func completes(_ task: LuaTaskID) -> Bool { creating.contains(task) }

    func scriptEnded(_ result: ScriptResult) -> ScriptFailure? {
        for group in groups.values { group.close() }
        return nil
    }

    /// The terms of a link in the order in which `create` takes them: a list of name, type, meaning, whether it must be
    /// given.
    private static func writeTerms(_ reply: LuaWriter) {
        reply.beginArray(hint: LinkOrder.terms.count)
        for term in LinkOrder.terms {
            reply.beginArray(hint: 4)
            reply.string(term.name)
            reply.string(term.kind.luaType)
            reply.string(term.meaning)
            reply.boolean(term.isRequired)
            reply.end()
        }
        reply.end()
    }

    /// Arguments: address. Gives the code as text, or nil.
    private static func writeQR(_ arguments: inout LuaReader, _ reply: LuaWriter) {
        guard let text = arguments.string(), let code = QRCode.text(text, .of(1)) else { return reply.null() }
        reply.string(code)
    }

    // MARK: One link

    /// Arguments: the terms in their order, and the key; each may be nil.
    private func create(_ arguments: inout LuaReader, _ waiter: Waiter) -> (() -> Void)? {
        let order: LinkOrder
        do throws(OneShotPayError) { order = try LinkOrder(&arguments) } catch {
            return host.fails(waiter, LinkFailure(error))
        }
        let links: RecordedLinks
        do throws(OneShotPayError) { links = try host.links() } catch {
            return host.fails(waiter, LinkFailure(error))
        }
        creating.insert(waiter.task)
        let call = links.create(order) { [self] result in
            creating.remove(waiter.task)
            if case .success(let link) = result, let failure = LinkFailure.over(link, order) { warn(failure) }
            waiter.returns { LinkWriter.write(result, key: order.key, to: $0) }
        }
        return { [self] in
            creating.remove(waiter.task)
            call.cancel()
        }
    }

    /// A script gets the link as it is, and may well know; whoever reads its log learns why nobody pays.
    private func warn(_ failure: LinkFailure) {
        expiredLinks += 1
        guard expiredLinks <= 5 else { return }
        let more = expiredLinks == 5 ? "; there may be more of this kind" : ""
        host.log(LogMessage(level: .warn, text: failure.message + more, fields: []))
    }

    /// Arguments: id, close_on_complete.
    private func get(_ arguments: inout LuaReader, _ waiter: Waiter) -> (() -> Void)? {
        switch Self.readID(&arguments) {
        case .success(let id):
            let closes = arguments.boolean() ?? false
            return start(waiter) { links, done in links.get(id, page: links.engine.page(closing: closes), done) }
        case .failure(let error): return host.fails(waiter, LinkFailure(error))
        }
    }

    /// Arguments: id, close_on_complete, the known payment's id and time, timeout, settled, whether it is a link that a
    /// call of this library gave, its expiry.
    private func wait(_ arguments: inout LuaReader, _ waiter: Waiter) -> (() -> Void)? {
        switch Self.readWait(&arguments) {
        case .success(let wait): return start(waiter) { links, done in wait.start(links, done) }
        case .failure(let error): return host.fails(waiter, LinkFailure(error))
        }
    }

    private func start(
        _ waiter: Waiter,
        _ body: (RecordedLinks, @escaping (Result<PayLink, LinkFailure>) -> Void) -> RecordedCall
    ) -> (() -> Void)? {
        do throws(OneShotPayError) {
            let call = body(try host.links()) { result in waiter.returns { LinkWriter.write(result, to: $0) }
            }
            return { call.cancel() }
        } catch {
            return host.fails(waiter, LinkFailure(error))
        }
    }

    // MARK: wait_each

    /// Ends the waits of a group.
    private func closeGroup(_ id: Int64, _ group: WaitGroup) {
        groups[id] = nil
        host.state.uncharge(group.charged)
        group.close()
    }

    /// Arguments: group or nil, then as for wait. Gives the group; or nil and why not.
    private func add(_ arguments: inout LuaReader, _ reply: LuaWriter) {
        guard host.state.charge(WaitGroup.cost) else {
            return reply.failure("not enough memory")
        }
        var id = arguments.integer() ?? 0
        if id == 0 {
            _ = arguments.skipNull()
            id = nextGroup
            nextGroup += 1
        }
        let group = groups[id] ?? WaitGroup(owner: host.caller)
        groups[id] = group
        let wait = Self.readWait(&arguments)
        group.add { [host] done in
            do throws(OneShotPayError) {
                return try wait.get().start(host.links(), done)
            } catch {
                host.soon { done(.failure(LinkFailure(error))) }
                return nil
            }
        }
        reply.integer(id)
    }

    /// Arguments: group. Gives index, link, err; nothing when all have been given; or nil and what is wrong.
    private func next(_ arguments: inout LuaReader, _ waiter: Waiter) -> (() -> Void)? {
        guard let group = arguments.integer().flatMap({ groups[$0] }) else {
            host.soon {
                waiter.returns { $0.failure("the waits have ended with the task that began them") }
            }
            return nil
        }
        guard !group.isExhausted else {
            host.soon { waiter.returns { _ in } }
            return nil
        }
        group.next(for: waiter.task) { [host] outcome in
            host.soon {
                waiter.returns { reply in
                    guard let outcome else { return }
                    reply.integer(Int64(outcome.index))
                    LinkWriter.write(outcome.result, to: reply)
                }
            }
        }
        return { group.forgetWaiter(waiter.task) }
    }

    /// Arguments: group.
    private func close(_ arguments: inout LuaReader) {
        if let id = arguments.integer(), let group = groups[id] { closeGroup(id, group) }
    }
}

extension PayLinkEngine {
    func page(closing: Bool) -> CheckoutPage {
        var page = defaultPage
        page.closeOnComplete = closing
        return page
    }
}
