// What a script, a row or a command wants made: the request, its key, and its terms as they were written.

internal import CSV
import Console
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
        let shown = "key \"\(ShownText.short(key))\""
        if let invisible = InvisibleCharacter.first(in: key) {
            return "\(shown) \(invisible): it \(invisible.appearance), and with it the order would be another one; "
                + invisible.remedy
        }
        for (index, scalar) in key.unicodeScalars.enumerated() where scalar.properties.generalCategory == .control {
            return "\(shown) contains a control character, \(InvisibleCharacter.name(of: scalar)), its character "
                + "\(index + 1)"
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

    /// The terms in one canonical form, compared byte by byte: JSON with the names that scripts use, without what
    /// was not given. "12.5" and "12.50" are the same amount, "15m" and "900s" the same delay.
    package func terms(_ json: JSONWriter) -> String {
        json.reset()
        json.beginObject()
        json.key("amount"); json.string(request.amount.description)
        json.key("description"); json.string(request.description)
        if let mediaURL = request.mediaURL { json.key("media_url"); json.string(mediaURL) }
        if request.reusable { json.key("reusable"); json.bool(true) }
        switch expiry {
        case .after(let delay): json.key("expires_in"); json.string(DurationText.canonical(delay))
        case .at(let moment): json.key("expires_at"); json.int(moment)
        case nil: break
        }
        if let payer = request.payer { json.key("payer"); json.string(payer.description) }
        if request.closeOnComplete { json.key("close_on_complete"); json.bool(true) }
        if let locale = request.locale { json.key("locale"); json.string(locale.rawValue) }
        json.endObject()
        return String(decoding: json.bytes, as: UTF8.self)
    }
}
