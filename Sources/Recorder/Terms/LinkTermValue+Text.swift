// A term as people write it, in a table or on a command line: one reading for each kind.

import Console
package import OneShotPay

extension LinkTermValue {
    /// The value that a text stands for. What a link may not have is found later, by ``LinkOrder/validate()``.
    /// - Parameter term: whose kind decides, and whose name the error has.
    /// - Throws: `OneShotPayError` with code `invalid_request`.
    package init(_ text: String, for term: LinkTerm<LinkOrder>) throws(OneShotPayError) {
        switch term.kind {
        case .amount:
            do throws(MoneyError) { self = .amount(try Money(parsing: text)) } catch {
                throw .invalid("\(term.name)", error.message)
            }
        case .text, .address: self = .text(text)
        case .flag:
            switch text.lowercased() {
            case "true", "yes", "1": self = .flag(true)
            case "false", "no", "0": self = .flag(false)
            default: throw Self.refusal(text, term, "neither true nor false")
            }
        case .duration:
            guard let delay = DurationText.parse(text) else {
                throw Self.refusal(text, term, "no duration: \(DurationText.advice)")
            }
            self = .duration(delay)
        case .moment:
            guard let moment = Timestamp.parse(text) else {
                throw Self.refusal(text, term, "no moment: \(Timestamp.advice)")
            }
            self = .moment(moment)
        case .user:
            guard let user = UserID(text) else { throw Self.refusal(text, term, "no user id: it is a UUID") }
            self = .user(user)
        case .locale:
            guard let locale = CheckoutLocale(rawValue: text) else {
                throw Self.refusal(text, term, "no language of the checkout page: use en, es or tr")
            }
            self = .locale(locale)
        }
    }

    private static func refusal(_ text: String, _ term: LinkTerm<LinkOrder>, _ what: String) -> OneShotPayError {
        .invalid("\(term.name)", "\(ShownText.quoted(text)) is \(what)")
    }
}
