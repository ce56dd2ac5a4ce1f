// paylink.create, get, wait and wait_each: from a script's terms to the engine and back.

import Console
import LuaRuntime
import NIOCore
import OneShotPay
import Recorder

extension ScriptHost {
    /// Arguments: amount, description, media_url, reusable, expires_in, expires_at, payer, close_on_complete,
    /// locale, key; each may be nil.
    func startCreate(_ arguments: inout LuaReader, _ waiter: Waiter) -> (() -> Void)? {
        switch readTerms(&arguments) {
        case .success(let order):
            return start(waiter, key: order.key) { links, done in
                links.create(order) { result in
                    if case .success(let link) = result, link.status == .expired { self.warn(of: link, order) }
                    done(result)
                }
            }
        case .failure(let error): return fails(waiter, LinkFailure(error))
        }
    }

    /// A script gets the link as it is, and may well know; whoever reads its log learns why nobody pays.
    private func warn(of link: PayLink, _ order: LinkOrder) {
        expiredLinks += 1
        guard expiredLinks <= 5 else { return }
        let more = expiredLinks == 5 ? "; there may be more of this kind" : ""
        log(LogMessage(level: .warn, text: LinkFailure.expired(link, order).message + more, fields: []))
    }

    /// Arguments: id, close_on_complete.
    func startGet(_ arguments: inout LuaReader, _ waiter: Waiter) -> (() -> Void)? {
        switch readID(&arguments) {
        case .success(let id):
            let closes = arguments.boolean() ?? false
            return start(waiter) { links, done in links.get(id, page: links.engine.page(closing: closes), done) }
        case .failure(let error): return fails(waiter, LinkFailure(error))
        }
    }

    /// Arguments: id, close_on_complete, the known payment's id and time, timeout, settled, whether it is a link that a
    /// call of this library gave.
    func startWait(_ arguments: inout LuaReader, _ waiter: Waiter) -> (() -> Void)? {
        switch readWait(&arguments) {
        case .success(let wait): return start(waiter) { links, done in wait.start(links, done) }
        case .failure(let error): return fails(waiter, LinkFailure(error))
        }
    }

    func fails(_ waiter: Waiter, _ error: LinkFailure) -> (() -> Void)? {
        soon { waiter.returns { LinkWriter.write(.failure(error), to: $0) } }
        return nil
    }

    private func start(
        _ waiter: Waiter, key: String? = nil,
        _ body: (RecordedLinks, @escaping (Result<PayLink, LinkFailure>) -> Void) -> RecordedCall
    ) -> (() -> Void)? {
        do throws(OneShotPayError) {
            let call = body(try links()) { result in waiter.returns { LinkWriter.write(result, key: key, to: $0) } }
            return { call.cancel() }
        } catch {
            return fails(waiter, LinkFailure(error))
        }
    }

    // MARK: wait_each

    /// Ends the waits of a group.
    func closeGroup(_ id: Int64, _ group: WaitGroup) {
        groups[id] = nil
        state.uncharge(group.charged)
        group.close()
    }

    /// Arguments: group or nil, then as for wait. Gives the group; or nil and why not.
    func answerGroupAdd(_ arguments: inout LuaReader, _ reply: LuaWriter) {
        guard state.charge(WaitGroup.cost) else {
            reply.null()
            return reply.string("not enough memory" as StaticString)
        }
        var id = arguments.integer() ?? 0
        if id == 0 {
            _ = arguments.skipNull()
            id = nextGroup
            nextGroup += 1
        }
        let group = groups[id] ?? WaitGroup(owner: caller)
        groups[id] = group
        let wait = readWait(&arguments)
        group.add { done in
            do throws(OneShotPayError) {
                return try wait.get().start(links(), done)
            } catch {
                soon { done(.failure(LinkFailure(error))) }
                return nil
            }
        }
        reply.integer(id)
    }

    /// Arguments: group. Gives index, link, err; nothing when all have been given; or nil and what is wrong.
    func startGroupNext(_ arguments: inout LuaReader, _ waiter: Waiter) -> (() -> Void)? {
        guard let group = arguments.integer().flatMap({ groups[$0] }) else {
            soon {
                waiter.returns { reply in
                    reply.null()
                    reply.string("the waits have ended with the task that began them" as StaticString)
                }
            }
            return nil
        }
        guard !group.isExhausted else {
            soon { waiter.returns { _ in } }
            return nil
        }
        group.next(for: waiter.task) { outcome in
            self.soon {
                waiter.returns { reply in
                    guard let outcome else { return }
                    reply.integer(Int64(outcome.index))
                    LinkWriter.write(outcome.result, to: reply)
                }
            }
        }
        return { group.forgetWaiter(waiter.task) }
    }

    // MARK: Reading arguments

    struct Wait {
        var id: PayLinkID
        var closes: Bool
        var paymentBefore: PaymentMark?
        var timeout: Duration?
        var settled: Bool
        var isKnown: Bool

        func start(
            _ links: RecordedLinks, _ done: @escaping (Result<PayLink, LinkFailure>) -> Void
        ) -> RecordedCall {
            links.wait(
                id, page: links.engine.page(closing: closes), paymentBefore: paymentBefore, timeout: timeout,
                settled: settled, isKnown: isKnown, done)
        }
    }

    private func readWait(_ arguments: inout LuaReader) -> Result<Wait, OneShotPayError> {
        readID(&arguments).flatMap { id in
            let closes = flag(&arguments)
            let before = arguments.value()?.stringValue.flatMap(PaymentID.init)
            var beforeAt: Int64?
            if case .integer(let seconds)? = arguments.value() { beforeAt = seconds }
            let timeout: Duration?
            do throws(OneShotPayError) { timeout = try duration(&arguments, "timeout") } catch {
                return .failure(error)
            }
            return .success(
                Wait(
                    id: id, closes: closes, paymentBefore: before.map { PaymentMark(id: $0, createdAt: beforeAt) },
                    timeout: timeout, settled: flag(&arguments), isKnown: arguments.boolean() ?? false))
        }
    }

    private func readID(_ arguments: inout LuaReader) -> Result<PayLinkID, OneShotPayError> {
        let text = arguments.value()?.stringValue ?? ""
        guard let id = PayLinkID(text) else {
            return .failure(
                .invalid(
                    "id",
                    "\"\(ShownText.short(text))\" is no pay link id: an id is a UUID, such as "
                        + "01890a5d-ac96-774b-bcce-b302099a8057; paylink.find gives the link of a key"
                ))
        }
        return .success(id)
    }

    private func readTerms(_ arguments: inout LuaReader) -> Result<LinkOrder, OneShotPayError> {
        do throws(OneShotPayError) { return .success(try order(&arguments)) } catch { return .failure(error) }
    }

    private func order(_ arguments: inout LuaReader) throws(OneShotPayError) -> LinkOrder {
        let amount: Money
        switch readMoney(&arguments) {
        case .success(let money): amount = money
        case .failure(let error): throw .invalid("amount", error.message)
        }
        var request = CreatePayLink(amount: amount, description: try text(&arguments, "description") ?? "")
        request.mediaURL = try text(&arguments, "media_url")
        request.reusable = flag(&arguments)
        var expiry: LinkOrder.Expiry?
        if let delay = try duration(&arguments, "expires_in") { expiry = .after(delay) }
        if !arguments.skipNull() { expiry = .at(arguments.integer() ?? 0) }
        if let payer = try text(&arguments, "payer") {
            guard let id = UserID(payer) else {
                throw .invalid(
                    "payer",
                    "\"\(ShownText.short(payer))\" is no user id: the payer is a UUID, such as 123e4567-e89b-12d3-a456-426614174000"
                )
            }
            request.payer = id
        }
        request.closeOnComplete = flag(&arguments)
        if let name = try text(&arguments, "locale") {
            guard let locale = CheckoutLocale(rawValue: name) else {
                throw .invalid(
                    "locale", "\"\(ShownText.short(name))\" is no language of the checkout page: use en, es or tr")
            }
            request.locale = locale
        }
        return LinkOrder(request, key: try text(&arguments, "key"), expiry: expiry)
    }

    /// A duration or nothing; what is neither is named as the script wrote it.
    private func duration(_ arguments: inout LuaReader, _ field: String) throws(OneShotPayError) -> Duration? {
        if arguments.skipNull() { return nil }
        let before = arguments
        if let duration = readDuration(&arguments) { return duration }
        arguments = before
        let shown = arguments.value().map(LogText.plain) ?? ""
        throw .invalid(field, "\(field) is no duration: \"\(ShownText.short(shown))\"; \(DurationText.advice)")
    }

    func text(_ arguments: inout LuaReader, _ field: String) throws(OneShotPayError) -> String? {
        if arguments.skipNull() { return nil }
        if let text = arguments.string() { return text }
        _ = arguments.value()
        throw .invalid(field, "\(field) is not valid UTF-8 text")
    }

    private func flag(_ arguments: inout LuaReader) -> Bool {
        arguments.value() == .boolean(true)
    }
}

extension PayLinkEngine {
    func page(closing: Bool) -> CheckoutPage {
        var page = defaultPage
        page.closeOnComplete = closing
        return page
    }
}
