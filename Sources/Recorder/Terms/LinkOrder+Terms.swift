// The terms of an order as text, and back: what the ledger keeps, and compares byte by byte.

package import JSON
package import OneShotPay

extension LinkOrder {
    /// Every term of an order: those of a request, but for the expiry, which is kept as it was written.
    package static let terms: [LinkTerm<LinkOrder>] = CreatePayLink.terms.flatMap { term -> [LinkTerm<LinkOrder>] in
        guard term.kind == .moment else {
            return [
                LinkTerm(
                    term.name, wire: term.wireName, term.kind, isRequired: term.isRequired, term.meaning,
                    read: { term.read($0.request) }, write: { term.write(&$0.request, $1) })
            ]
        }
        return [
            LinkTerm(
                "expires_in", .duration, "how long the link can be paid",
                read: { $0.delay.map { .duration($0) } },
                write: { if case .duration(let delay) = $1 { $0.expiry = .after(delay) } }),
            LinkTerm(
                term.name, wire: term.wireName, .moment, term.meaning,
                read: { if case .at(let moment)? = $0.expiry { .moment(moment) } else { nil } },
                write: { if case .moment(let moment) = $1 { $0.expiry = .at(moment) } }),
        ]
    }

    /// The terms in one canonical form: JSON with the names that scripts use, without what was not given. "12.5" and
    /// "12.50" are the same amount, "15m" and "900s" the same delay.
    package func terms(_ json: JSONWriter) -> String {
        json.reset()
        json.beginObject()
        for term in Self.terms {
            guard let value = term.read(self), value != .flag(false) else { continue }
            json.key(term.name)
            switch value {
            case .amount(let money): json.string(money.description)
            case .text(let text): json.string(text)
            case .flag(let isSet): json.bool(isSet)
            case .duration(let delay): json.string(DurationText.canonical(delay))
            case .moment(let seconds): json.int(seconds)
            case .user(let user): json.string(user.description)
            case .locale(let locale): json.string(locale.rawValue)
            }
        }
        json.endObject()
        return String(decoding: json.bytes, as: UTF8.self)
    }

    /// The order that ``terms(_:)`` wrote; `nil` when the text is none of its.
    package init?(terms: String, key: String?) {
        self.init(CreatePayLink(amount: .zero, description: ""), key: key)
        var hasAmount = false
        let isRead = Array(terms.utf8).withUnsafeBytes { bytes -> Bool in
            var reader = JSONReader(bytes)
            guard let first = try? reader.next(), first == .beginObject else { return false }
            while let token = try? reader.next(), token == .key {
                let name = reader.text
                guard let term = Self.terms.first(where: { $0.name.withUTF8Buffer { $0.elementsEqual(name) } }),
                    let token = try? reader.next(), let value = LinkTermValue(term.kind, token, reader)
                else { return false }
                term.write(&self, value)
                if case .amount = value { hasAmount = true }
            }
            return hasAmount
        }
        if !isRead { return nil }
    }
}

extension LinkTermValue {
    /// A value of the canonical form, of which the reader has just given a token.
    fileprivate init?(_ kind: LinkTermKind, _ token: JSONToken, _ reader: JSONReader) {
        let text = token == .string ? String(decoding: reader.text, as: UTF8.self) : nil
        switch kind {
        case .amount:
            guard let money = text.flatMap({ try? Money(parsing: $0) }) else { return nil }
            self = .amount(money)
        case .text, .address:
            guard let text else { return nil }
            self = .text(text)
        case .flag: self = .flag(token == .bool(true))
        case .duration:
            guard let delay = text.flatMap(DurationText.canonical(parsing:)) else { return nil }
            self = .duration(delay)
        case .moment:
            guard token == .number, let moment = reader.int64 else { return nil }
            self = .moment(moment)
        case .user:
            guard let user = text.flatMap({ UserID($0) }) else { return nil }
            self = .user(user)
        case .locale:
            guard let locale = text.flatMap(CheckoutLocale.init) else { return nil }
            self = .locale(locale)
        }
    }
}
