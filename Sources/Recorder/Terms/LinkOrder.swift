// What a script, a row or a command wants made: the request, its key, and its terms as they were written;
// and as text, which the ledger keeps and compares byte by byte.

internal import CSV
import Console
package import JSON
package import OneShotPay

/// A link to make, under a key if it has one.
package struct LinkOrder: Sendable, Hashable {
    /// When it expires, as it was written: a duration stays one, so that the same text is the same terms tomorrow.
    package enum Expiry: Sendable, Hashable {
        case after(Duration)
        /// Unix seconds.
        case at(Int64)
    }

    /// The longest key, in bytes.
    package static let maximumKeyBytes = 512

    package var key: String?
    package var request: CreatePayLink
    package var expiry: Expiry? {
        didSet { request.expiresAt = nil }
    }

    package init(_ request: CreatePayLink, key: String? = nil, expiry: Expiry? = nil) {
        self.request = request
        self.key = key
        self.expiry = expiry
    }

    /// The request as it is sent, but for the moment at which a delay ends: the service's clock decides on that, and is
    /// not known before the request is about to leave.
    func request(idempotencyKey: String?) -> CreatePayLink {
        var request = request
        if case .at(let moment)? = expiry { request.expiresAt = moment }
        request.idempotencyKey = idempotencyKey
        return request
    }

    /// The same order under the key that follows this one, when its link is offered again: `order-1`, `order-1:2`, …
    func reissued(_ number: Int) -> LinkOrder {
        LinkOrder(request, key: key.map { number > 1 ? "\($0):\(number)" : $0 }, expiry: expiry)
    }

    /// How long it can be paid, where that is what was written.
    var delay: Duration? {
        if case .after(let delay)? = expiry { return delay }
        return nil
    }

    /// The request with the moment at which it expires, counted from now by this machine's clock.
    package func readyRequest(idempotencyKey: String?) -> CreatePayLink {
        var request = request(idempotencyKey: idempotencyKey)
        if let delay { request.expiresAt = Recorder.Expiry.unixSeconds(after: delay) }
        return request
    }

    /// Why a text cannot be the key of a link or an effect: the one rule for scripts, commands and tables.
    ///
    /// Two keys that look alike would be two links for one order, and one that a spreadsheet has mangled one link for
    /// two orders.
    package static func problem(withKey key: String) -> String? {
        guard !key.isEmpty, key.utf8.count <= maximumKeyBytes else {
            return "key must be text of 1 to \(maximumKeyBytes) bytes, not \(key.utf8.count)"
        }
        // Most keys: nothing can be wrong with such characters but what a spreadsheet has made of them.
        if key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) {
            return SpreadsheetTrace.problem(with: key).map { "key \"\(ShownText.short(key))\" \($0)" }
        }
        let shown = "key \"\(ShownText.short(key))\""
        if let invisible = InvisibleCharacter.first(in: key) {
            return "\(shown) \(invisible): it \(invisible.appearance), and with it the order would be another one; "
                + invisible.remedy
        }
        for (index, scalar) in key.unicodeScalars.enumerated() where scalar.properties.generalCategory == .control {
            return "\(shown) contains a control character, \(InvisibleCharacter.name(of: scalar)), its character "
                + "\(index + 1)"
        }
        if let (column, character) = key.firstUncomposed {
            let scalars = character.unicodeScalars.map(InvisibleCharacter.name).joined(separator: " ")
            return "\(shown) is written with \(scalars) for its character \(column), which looks like another order's: "
                + "write the one character that most programs write there (Unicode's form NFC)"
        }
        return SpreadsheetTrace.problem(with: key).map { "\(shown) \($0)" }
    }

    /// Checks everything that can be checked without a request.
    package func validate() throws(OneShotPayError) {
        if let key, let problem = Self.problem(withKey: key) { throw .invalid("key", problem) }
        if case .after(let delay)? = expiry, delay <= .zero {
            throw .invalid("expires_in", "expires_in is 0; the link could never be paid: \(DurationText.advice)")
        }
        try readyRequest(idempotencyKey: nil).validate()
    }

    /// The first term in which a link that was found differs from this order; `nil` when it is the one.
    package func firstDifference(from link: PayLink) -> String? {
        var request = readyRequest(idempotencyKey: nil)
        // A delay was counted from a moment that nobody remembers.
        if case .after? = expiry { request.expiresAt = nil }
        return request.firstDifference(fromAdopted: link)
    }
}

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
