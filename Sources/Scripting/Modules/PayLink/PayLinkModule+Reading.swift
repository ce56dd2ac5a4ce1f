// What paylink.create, get and wait are given: terms, ids, and how to wait.

import Console
import LuaRuntime
import OneShotPay
import Recorder

extension PayLinkModule {
    struct Wait {
        var id: PayLinkID
        var closes: Bool
        var paymentBefore: PaymentMark?
        var timeout: Duration?
        var settled: Bool
        var isKnown: Bool
        var expiresAt: Int64?

        func start(
            _ links: RecordedLinks, _ done: @escaping (Result<PayLink, LinkFailure>) -> Void
        ) -> RecordedCall {
            links.wait(
                id, page: links.engine.page(closing: closes), paymentBefore: paymentBefore, timeout: timeout,
                settled: settled, isKnown: isKnown, expiresAt: expiresAt, done)
        }
    }

    static func readWait(_ arguments: inout LuaReader) -> Result<Wait, OneShotPayError> {
        readID(&arguments).flatMap { id in
            let closes = arguments.flag()
            let before = arguments.value()?.stringValue.flatMap(PaymentID.init)
            var beforeAt: Int64?
            if case .integer(let seconds)? = arguments.value() { beforeAt = seconds }
            let timeout: Duration?
            do throws(OneShotPayError) { timeout = try arguments.duration("timeout") } catch {
                return .failure(error)
            }
            return .success(
                Wait(
                    id: id, closes: closes, paymentBefore: before.map { PaymentMark(id: $0, createdAt: beforeAt) },
                    timeout: timeout, settled: arguments.flag(), isKnown: arguments.boolean() ?? false,
                    expiresAt: arguments.integer()))
        }
    }

    static func readID(_ arguments: inout LuaReader) -> Result<PayLinkID, OneShotPayError> {
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
}

extension LinkOrder {
    /// Reads the terms in their order, and the key; each may be nil.
    init(_ arguments: inout LuaReader) throws(OneShotPayError) {
        self.init(CreatePayLink(amount: .zero, description: ""))
        for term in Self.terms {
            if let value = try LinkTermValue(term, &arguments) { term.write(&self, value) }
        }
        key = try arguments.text("key")
    }
}

extension LinkTermKind {
    /// What the prelude checks an option of this kind by.
    var luaType: StaticString {
        switch self {
        case .amount: "amount"
        case .text, .address, .user, .locale: "string"
        case .flag: "boolean"
        case .duration: "duration"
        case .moment: "integer"
        }
    }
}

extension LinkTermValue {
    /// A term's value as a script gives it; `nil` when it does not.
    fileprivate init?(_ term: LinkTerm<LinkOrder>, _ arguments: inout LuaReader) throws(OneShotPayError) {
        let name = "\(term.name)"
        if term.kind != .amount, arguments.skipNull() { return nil }
        switch term.kind {
        case .amount:
            do throws(AmountProblem) { self = .amount(try arguments.money().get()) } catch {
                throw .invalid(name, error.message)
            }
        case .flag: self = .flag(arguments.flag())
        case .duration:
            guard let delay = try arguments.duration(name) else { return nil }
            self = .duration(delay)
        case .moment: self = .moment(arguments.integer() ?? 0)
        case .text, .address:
            guard let text = try arguments.text(name) else { return nil }
            self = .text(text)
        case .user:
            guard let text = try arguments.text(name) else { return nil }
            guard let user = UserID(text) else {
                throw .invalid(
                    name,
                    "\"\(ShownText.short(text))\" is no user id: the \(name) is a UUID, such as 123e4567-e89b-12d3-a456-426614174000"
                )
            }
            self = .user(user)
        case .locale:
            guard let text = try arguments.text(name) else { return nil }
            guard let locale = CheckoutLocale(rawValue: text) else {
                throw .invalid(
                    name, "\"\(ShownText.short(text))\" is no language of the checkout page: use en, es or tr")
            }
            self = .locale(locale)
        }
    }
}

extension LuaReader {
    /// A duration or nothing; what is neither is named as the script wrote it.
    fileprivate mutating func duration(_ field: String) throws(OneShotPayError) -> Duration? {
        if skipNull() { return nil }
        let before = self
        if let duration = duration() { return duration }
        self = before
        let shown = value().map(LogText.plain) ?? ""
        throw .invalid(field, "\(field) is no duration: \"\(ShownText.short(shown))\"; \(DurationText.advice)")
    }

    fileprivate mutating func text(_ field: String) throws(OneShotPayError) -> String? {
        if skipNull() { return nil }
        if let text = string() { return text }
        _ = value()
        throw .invalid(field, "\(field) is not valid UTF-8 text")
    }

    fileprivate mutating func flag() -> Bool { value() == .boolean(true) }
}
