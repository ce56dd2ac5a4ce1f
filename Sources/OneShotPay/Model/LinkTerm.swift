// The terms of a link, one entry each: what every spelling of them is made from, in scripts, tables, the ledger and
// requests. A new term is a new entry here, and a field of CreatePayLink.
// Requests are written from it in ServiceRequests.swift.

/// One term: its name, its kind, its words, and its place in whatever holds terms.
/// Of a class, so that going through the table copies nothing.
package final class LinkTerm<Holder>: Sendable {
    /// In scripts, tables, the ledger and messages.
    package let name: StaticString
    /// The service's name for it, in requests to make a link; `nil` for what only concerns the checkout page.
    package let wireName: StaticString?
    package let kind: LinkTermKind
    /// In one phrase, with Markdown's code marks.
    package let meaning: String
    package let isRequired: Bool
    /// What was given; `nil` when nothing was.
    package let read: @Sendable (Holder) -> LinkTermValue?
    /// Takes a value of the term's kind.
    package let write: @Sendable (inout Holder, LinkTermValue) -> Void

    package init(
        _ name: StaticString, wire: StaticString? = nil, _ kind: LinkTermKind, isRequired: Bool = false,
        _ meaning: String, read: @escaping @Sendable (Holder) -> LinkTermValue?,
        write: @escaping @Sendable (inout Holder, LinkTermValue) -> Void
    ) {
        self.name = name
        wireName = wire
        self.kind = kind
        self.isRequired = isRequired
        self.meaning = meaning
        self.read = read
        self.write = write
    }
}

/// What kind of value a term has.
package enum LinkTermKind: String, Sendable, CaseIterable {
    /// US dollars.
    case amount
    case text
    /// A web address, as text.
    case address
    case flag
    /// From now on.
    case duration
    /// Unix seconds.
    case moment
    /// A user of the service.
    case user
    case locale
}

/// A term's value.
package enum LinkTermValue: Sendable, Hashable {
    case amount(Money)
    /// Text, or an address.
    case text(String)
    case flag(Bool)
    case duration(Duration)
    case moment(Int64)
    case user(UserID)
    case locale(CheckoutLocale)
}

extension CreatePayLink {
    /// Every term, in the order in which they are written. Options that were not given are left out of requests; the
    /// amount, the description and `reuseable` (the service's spelling) never are.
    package static let terms: [LinkTerm<CreatePayLink>] = [
        LinkTerm(
            "amount", wire: "amount", .amount, isRequired: true,
            "USD, more than zero, at most 6 decimals: a decimal string, an integer, `paylink.usd(…)`, or a number exact to 6 decimals",
            read: { .amount($0.amount) }, write: { if case .amount(let money) = $1 { $0.amount = money } }),
        LinkTerm(
            "description", wire: "description", .text, isRequired: true, "what the payer reads",
            read: { .text($0.description) }, write: { if case .text(let text) = $1 { $0.description = text } }),
        LinkTerm(
            "media_url", wire: "mediaUrl", .address,
            "address of a picture for the checkout page: `http` or `https`, sent as written but for a host with letters beyond ASCII, which becomes A-labels; for a space write `%20`",
            read: { $0.mediaURL.map { .text($0) } }, write: { if case .text(let text) = $1 { $0.mediaURL = text } }),
        LinkTerm(
            "reusable", wire: "reuseable", .flag, "whether it can be paid more than once",
            read: { .flag($0.reusable) }, write: { if case .flag(let isSet) = $1 { $0.reusable = isSet } }),
        LinkTerm(
            "expires_at", wire: "expirationTimestamp", .moment,
            "until when, in Unix seconds; instead of `expires_in`",
            read: { $0.expiresAt.map { .moment($0) } },
            write: { if case .moment(let moment) = $1 { $0.expiresAt = moment } }),
        LinkTerm(
            "payer", wire: "requestedPayerUserId", .user, "UUID of the one user who may pay",
            read: { $0.payer.map { .user($0) } }, write: { if case .user(let user) = $1 { $0.payer = user } }),
        LinkTerm(
            "close_on_complete", .flag, "whether the checkout page closes once it is paid",
            read: { .flag($0.closeOnComplete) },
            write: { if case .flag(let isSet) = $1 { $0.closeOnComplete = isSet } }),
        LinkTerm(
            "locale", .locale, "language of the checkout page: `en`, `es` or `tr`",
            read: { $0.locale.map { .locale($0) } }, write: { if case .locale(let locale) = $1 { $0.locale = locale } }),
    ]
}
