// The service as a value: tokens, links and payments, and the rules by which they change.
// Every call takes the instant it happens at; there is no clock, I/O or HTTP here.

/// The state of the sandboxed service. What changed is left in ``events`` for the record.
struct SandboxState: Sendable {
    /// Something that happened to a link.
    enum Event: Sendable, Equatable {
        case created(SandboxLink)
        case paid(SandboxPayment, link: String)
        case archived(String, at: SandboxInstant)
        case ignored(String, at: SandboxInstant)
        case expired(String, at: SandboxInstant)
        case shown(String, at: SandboxInstant)
        case payerDefined(String, at: SandboxInstant)
    }

    let options: SandboxOptions
    var random: SandboxRandom
    private var tokens: [String: SandboxInstant] = [:]
    private var links: [String: SandboxLink] = [:]
    private var order: [String] = []
    /// Links that the automatic payer will pay.
    var dueLinks = DueLinks()
    /// Links whose withheld payment will be shown.
    var dueShows = DueLinks()
    /// Counts every change of a link, so that a saver knows whether there is something new.
    private(set) var revision = 0
    /// What happened since ``takeEvents()``.
    private var events: [Event] = []

    /// Who pays when nobody else is named.
    static let payerUserID = "018f5a3c-0000-7000-8000-00000000beef"

    init(options: SandboxOptions, seed: UInt64, links restored: [SandboxLink] = []) {
        self.options = options
        random = SandboxRandom(seed: seed)
        for link in restored {
            links[link.id] = link
            order.append(link.id)
            if link.paymentCount == 0 { schedulePayment(of: link) }
            if let withheld = link.withheldPayment { scheduleShow(of: withheld, link: link.id) }
        }
    }
}

// MARK: - Tokens

extension SandboxState {
    /// Checks credentials and issues an access token.
    /// - Throws: ``Refusal``: 401 when they are wrong.
    mutating func issueToken(userID: String, apiToken: String, now: SandboxInstant) throws(Refusal) -> String {
        guard userID == options.userID, apiToken == options.apiToken else {
            throw .unauthorized("unknown client_id or wrong client_secret")
        }
        if tokens.count >= 10_000 { tokens = tokens.filter { $0.value > now } }
        let end = now + options.tokenLifetime
        let token = SandboxToken.make(subject: userID, from: now, to: end, &random)
        tokens[token] = end
        return token
    }

    /// Checks an access token.
    /// - Throws: ``Refusal``: 401 when it is unknown, revoked or expired.
    func authorize(_ token: String?, now: SandboxInstant) throws(Refusal) {
        guard let token else { throw .unauthorized("a bearer token is required") }
        guard let expiry = tokens[token] else { throw .unauthorized("the token is unknown or was revoked") }
        guard now < expiry else { throw .unauthorized("the token has expired") }
    }

    /// Forgets every access token.
    mutating func revokeTokens() { tokens.removeAll() }

    /// Ends the life of every access token.
    mutating func expireTokens(now: SandboxInstant) { tokens = tokens.mapValues { min($0, now) } }
}

// MARK: - Links

extension SandboxState {
    var linkCount: Int { order.count }

    /// The links in order of creation, newest `limit` only when given.
    func allLinks(last limit: Int = .max) -> [SandboxLink] { order.suffix(limit).compactMap { links[$0] } }

    func link(_ id: String) throws(Refusal) -> SandboxLink {
        guard let link = links[id.lowercased()] else { throw .noSuchLink }
        return link
    }

    /// Publishes a link.
    mutating func createLink(_ terms: LinkTerms, now: SandboxInstant) -> SandboxLink {
        let link = SandboxLink(
            id: random.uuidV7(at: now),
            amount: terms.amount,
            description: terms.description,
            mediaURL: terms.mediaURL,
            reusable: terms.reusable,
            requestedPayerUserID: terms.requestedPayerUserID,
            expirationTimestamp: terms.expirationTimestamp ?? (now + options.defaultExpiry).unixSeconds,
            payerDefinedAmount: options.payerDefinesAmount ? true : nil,
            created: now,
            updated: now
        )
        links[link.id] = link
        order.append(link.id)
        changed(.created(link))
        schedulePayment(of: link)
        return link
    }

    mutating func archive(_ id: String, now: SandboxInstant) throws(Refusal) -> SandboxLink {
        try update(id, now: now, event: { .archived($0, at: now) }) { $0.archived = true }
    }

    mutating func ignore(_ id: String, now: SandboxInstant) throws(Refusal) -> SandboxLink {
        try update(id, now: now, event: { .ignored($0, at: now) }) { $0.ignoredByRequestedPayer = true }
    }

    /// Ends a link's life now. A paid one stays paid.
    mutating func expire(_ id: String, now: SandboxInstant) throws(Refusal) -> SandboxLink {
        let link = try update(id, now: now, event: { .expired($0, at: now) }) {
            $0.expirationTimestamp = min($0.expirationTimestamp, now.unixSeconds)
        }
        // A late payer counts from the new end; the payment due by the old one finds the link paid.
        if options.payLate != nil, link.paymentCount == 0 { schedulePayment(of: link) }
        return link
    }

    /// Lets the payer of a link choose its amount; the API has no key that asks for this.
    mutating func letPayerDefineAmount(_ id: String, now: SandboxInstant) throws(Refusal) -> SandboxLink {
        try update(id, now: now, event: { .payerDefined($0, at: now) }) { $0.payerDefinedAmount = true }
    }

    mutating func update(
        _ id: String,
        now: SandboxInstant,
        event: (String) -> Event,
        change: (inout SandboxLink) -> Void
    ) throws(Refusal) -> SandboxLink {
        var link = try link(id)
        change(&link)
        link.updated = max(link.updated, now)
        links[link.id] = link
        changed(event(link.id))
        return link
    }

    /// Puts a changed link in place.
    mutating func store(_ link: SandboxLink) { links[link.id] = link }

    mutating func changed(_ event: Event) {
        revision += 1
        events.append(event)
    }

    /// Hands over what happened since the last call.
    mutating func takeEvents() -> [Event] {
        guard !events.isEmpty else { return [] }
        defer { events.removeAll(keepingCapacity: true) }
        return events
    }
}
