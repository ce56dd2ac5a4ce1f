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
