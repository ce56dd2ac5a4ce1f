// Payments: of whoever asks for one, and of the automatic payer, each at the instant it was due.
// What may not be paid, and what a late or withheld payment leaves behind, is decided here.

extension SandboxState {
    /// The most payments that one call makes.
    static let paymentLimit = 1_000

    /// Pays a link; `amount` (micro-USDC) is the link's own unless given.
    ///
    /// A `late` payment may find the link expired or archived. Of `count` payments, all at one instant, each is a
    /// payment of its own. One that is not `shown` counts, yet `mostRecentPayment` stays what it was until ``show(_:now:)``.
    /// - Throws: ``Refusal``: 404 for an unknown link, 409 for one that is paid, or without `late` archived or expired,
    ///   or is for single use and to be paid several times.
    @discardableResult
    mutating func pay(
        _ id: String, amount: Int64? = nil, late: Bool = false, count: Int = 1, shown: Bool = true, now: SandboxInstant
    ) throws(Refusal) -> SandboxLink {
        guard amount.map({ $0 > 0 }) ?? true else { throw .wrong("amount", "must be above 0") }
        var link = try link(id)
        guard late || !link.archived else { throw .conflict("the link is archived") }
        switch link.status(at: now) {
        case .paid: throw .conflict("the link is already paid")
        case .expired where !late: throw .conflict("the link has expired")
        case .active, .expired: break
        }
        guard count == 1 || link.reusable else { throw .conflict("only a reusable link can be paid several times") }
        for _ in 0..<min(max(count, 1), Self.paymentLimit) {
            let payment = makePayment(of: link, amount: amount ?? link.amount, now: now)
            link.paymentCount += 1
            if shown {
                (link.mostRecentPayment, link.withheldPayment) = (payment, nil)
            } else {
                link.withheldPayment = payment
            }
            changed(.paid(payment, link: link.id))
        }
        link.updated = max(link.updated, now)
        store(link)
        return link
    }

    /// Shows the payment that was withheld.
    /// - Throws: ``Refusal``: 404 for an unknown link, 409 for one with nothing to show.
    mutating func show(_ id: String, now: SandboxInstant) throws(Refusal) -> SandboxLink {
        guard try link(id).withheldPayment != nil else { throw .conflict("the link has no payment that is not shown") }
        return try update(id, now: now, event: { .shown($0, at: now) }) {
            ($0.mostRecentPayment, $0.withheldPayment) = ($0.withheldPayment, nil)
        }
    }

    /// Lets the automatic payer pay every link that is due, and shows what it withheld, each at the instant it was due
    /// and in the order of time.
    mutating func payDueLinks(now: SandboxInstant) {
        while true {
            // At one instant payments come first: one that is withheld for no time at all is shown at once.
            let isShowFirst = dueShows.next.map { show in dueLinks.next.map { show < $0 } ?? true } ?? false
            if isShowFirst, let next = dueShows.takeFirst(until: now) {
                showDue(next)
            } else if let next = dueLinks.takeFirst(until: now) {
                payDue(next)
            } else {
                return
            }
        }
    }

    private mutating func payDue(_ next: DueLinks.Entry) {
        // A link that was paid or archived by then, or had expired unless the payer is late, is passed over.
        guard let link = try? link(next.link), link.paymentCount == 0, !link.archived else { return }
        let paid = try? pay(
            next.link,
            amount: options.payAmount,
            late: options.payLate != nil,
            count: link.reusable ? options.payCount : 1,
            shown: options.payHidden == nil,
            now: next.due
        )
        if let withheld = paid?.withheldPayment { scheduleShow(of: withheld, link: next.link) }
    }

    private mutating func showDue(_ next: DueLinks.Entry) {
        // A newer payment that somebody has withheld since then is theirs to show.
        guard let hidden = options.payHidden, let withheld = try? link(next.link).withheldPayment,
            withheld.created + max(hidden, .zero) <= next.due
        else { return }
        _ = try? show(next.link, now: next.due)
    }

    /// Notes when a payment that counts is shown, if that happens by itself.
    mutating func scheduleShow(of payment: SandboxPayment, link: String) {
        guard let hidden = options.payHidden else { return }
        dueShows.insert(link, due: payment.created + max(hidden, .zero))
    }

    /// Notes when the automatic payer, if there is one, pays a link.
    mutating func schedulePayment(of link: SandboxLink) {
        if let delay = options.payLate {
            // An expiry in the past was accepted knowingly: nobody pays before the link is there.
            let due = SandboxInstant.seconds(link.expirationTimestamp) + max(delay, .zero)
            dueLinks.insert(link.id, due: max(due, link.created))
        } else if let delay = options.payAfter {
            dueLinks.insert(link.id, due: link.created + max(delay, .zero))
        }
    }

    private mutating func makePayment(of link: SandboxLink, amount: Int64, now: SandboxInstant) -> SandboxPayment {
        SandboxPayment(
            id: random.uuidV7(at: now),
            amount: amount,
            relayerTransactionID: random.uuidV7(at: now),
            paidByUserID: link.requestedPayerUserID ?? Self.payerUserID,
            created: now,
            settles: now + max(options.settleAfter, .zero),
            settledHash: "0x" + random.hexDigits(words: 4)
        )
    }
}
