// The statements of the hot path and of single rows. Parameters are bound in order; columns are read in order.

/// A statement that is prepared once for a store.
enum LedgerSQL: Int, CaseIterable {
    case begin, beginImmediate, commit, rollBack
    case findScope, insertScope, insertRun, endRun
    case findLink, insertLink, insertNewLink, grantLink, haltLink, sendLink
    case finishLink, finishWithoutLink, settleLink, changeLink, observeLink
    case linkByRow, linkByKey, linkByLinkID, stateByKey, otherRowOfLink
    case changeMark, openLinks, endedLinks, lookLate, paidLinks, underpaidLinks, expiredLinks, insertFollower,
        moveFollower, findFollower
    case findMark, moveMark, paidPassed, underpaidPassed, expiredPassed
    case notePayment, becomeEvents, paymentsOfLink
    case findEffect, insertEffect, grantEffect, finishEffect, changeEffect, effectByKey

    var text: String {
        switch self {
        case .begin: "BEGIN"
        case .beginImmediate: "BEGIN IMMEDIATE"
        case .commit: "COMMIT"
        case .rollBack: "ROLLBACK"
        case .findScope: "SELECT id FROM scopes WHERE base_url = ? AND account = ?"
        case .insertScope: "INSERT INTO scopes (base_url, account) VALUES (?, ?)"
        case .insertRun: "INSERT INTO runs (command, pid, started_at) VALUES (?, ?, ?)"
        case .endRun: "UPDATE runs SET ended_at = ?2, exit_status = ?3 WHERE id = ?1 AND ended_at IS NULL"

        case .findLink:
            """
            SELECT id, state, run_id, is_held, possible_orphans, terms = ?3, known_id IS NOT NULL FROM links WHERE scope_id = ?1 AND key = ?2
            """
        case .insertNewLink: "\(Self.insertLink.text) ON CONFLICT (scope_id, key) WHERE key IS NOT NULL DO NOTHING"
        case .insertLink:
            """
            INSERT INTO links (
                scope_id, key, run_id, attempts, state, is_held, possible_orphans, terms, amount_micro, description,
                created_at, updated_at)
            VALUES (?1, ?2, ?3, ?4, CASE ?4 WHEN 0 THEN 'prepared' ELSE 'sent' END, 1, 0, ?5, ?6, ?7, ?8, ?8)
            """
        case .grantLink:
            """
            UPDATE links SET
                run_id = ?2, attempts = attempts + ?3, state = CASE ?3 WHEN 0 THEN 'prepared' ELSE 'sent' END,
                is_held = 1, possible_orphans = ?4, terms = ?5, amount_micro = ?6, description = ?7, problem = NULL,
                updated_at = ?8
            WHERE id = ?1
            """
        case .haltLink:
            """
            UPDATE links SET state = 'in_doubt', is_held = 0, possible_orphans = ?2, problem = ?3, updated_at = ?4
            WHERE id = ?1 AND state <> 'in_doubt'
            """
        case .sendLink:
            """
            UPDATE links SET state = 'sent', attempts = attempts + 1, possible_orphans = ?4, updated_at = ?5
            WHERE id = ?1 AND scope_id = ?2 AND run_id = ?3 AND is_held
            """
        case .finishLink:
            """
            UPDATE links SET \(Self.doneColumns)
            WHERE id = ?1 AND scope_id = ?9 AND run_id = ?10 AND (is_held OR state = 'in_doubt')
            """
        case .settleLink: "UPDATE links SET \(Self.doneColumns) WHERE id = ?1"
        case .finishWithoutLink:
            """
            UPDATE links SET
                state = ?4, is_held = 0, possible_orphans = ?5, problem = ?6, known_id = coalesce(nullif(?7, ''), known_id, ?7),
                updated_at = ?8
            WHERE id = ?1 AND scope_id = ?2 AND run_id = ?3 AND is_held
            """
        case .changeLink:
            """
            UPDATE links SET
                state = ?2, is_held = 0, possible_orphans = ?3, updated_at = ?4,
                known_id = CASE WHEN ?2 = 'prepared' THEN nullif(known_id, '') ELSE known_id END
            WHERE id = ?1
            """
        case .observeLink:
            """
            UPDATE links SET
                status = ?3, link = ?4, updated_at = ?5, is_open = ?6,
                paid_at = CASE WHEN ?7 IS NULL OR ?7 IS payment_mark THEN paid_at ELSE \(Self.eventTime("?5")) END,
                payment_mark = coalesce(?7, payment_mark),
                underpaid_at = CASE WHEN ?8 IS NULL OR ?8 IS underpaid_mark THEN underpaid_at ELSE \(Self.eventTime("?5")) END,
                underpaid_mark = coalesce(?8, underpaid_mark),
                expired_at = CASE WHEN ?3 = 'expired' THEN coalesce(expired_at, \(Self.eventTime("?5"))) ELSE expired_at END,
                is_paid_late = CASE
                    WHEN (?7 IS NOT NULL AND ?7 IS NOT payment_mark) OR (?8 IS NOT NULL AND ?8 IS NOT underpaid_mark)
                    THEN ended_at IS NOT NULL AND underpaid_mark IS NULL ELSE is_paid_late END,
                ended_at = CASE WHEN ?9 THEN coalesce(ended_at, ?5) END
            WHERE link_id = ?1 AND scope_id = ?2
                AND (link <> ?4 OR (?7 IS NOT NULL AND (payment_mark IS NULL OR is_open <> ?6)))
            """
        case .linkByRow: "SELECT \(Self.linkColumns) FROM links WHERE id = ?"
        case .linkByKey: "SELECT \(Self.linkColumns) FROM links WHERE scope_id = ? AND key = ?"
        case .linkByLinkID:
            "SELECT \(Self.linkColumns) FROM links WHERE link_id = ? AND scope_id = ? ORDER BY key IS NULL, id LIMIT 1"
        case .otherRowOfLink: "SELECT 1 FROM links WHERE link_id = ? AND scope_id = ? AND id <> ? LIMIT 1"
        case .stateByKey: "SELECT state FROM links WHERE scope_id = ? AND key = ?"

        case .changeMark: "SELECT data_version, total_changes() FROM pragma_data_version"
        case .openLinks:
            """
            SELECT id FROM links INDEXED BY links_open WHERE is_open AND scope_id = ? AND id < ? ORDER BY id DESC LIMIT ?
            """
        case .paidLinks: EventSQL.paid.found
        case .underpaidLinks: EventSQL.underpaid.found
        case .expiredLinks: EventSQL.expired.found
        case .paidPassed: EventSQL.paid.passed
        case .underpaidPassed: EventSQL.underpaid.passed
        case .expiredPassed: EventSQL.expired.passed
        case .findMark:
            """
            SELECT claimed_before FROM followed
            WHERE scope_id = ? AND prefix = ? AND event = ? AND key_prefix = coalesce(?, '') AND since <= ?
            """
        case .moveMark:
            """
            INSERT INTO followed (scope_id, prefix, event, key_prefix, since, claimed_before)
            VALUES (?1, ?2, ?3, coalesce(?4, ''), ?5, ?6)
            ON CONFLICT DO UPDATE SET since = excluded.since, claimed_before = excluded.claimed_before
            """
        case .notePayment:
            """
            INSERT INTO payments (
                scope_id, link_id, payment_id, received_micro, made_at, event, seen_at, reported_at, payment)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, \(Self.eventTime("?7", "?1")), CASE WHEN ?8 THEN ?7 END, ?9)
            ON CONFLICT (scope_id, link_id, payment_id) DO UPDATE SET
                received_micro = excluded.received_micro, made_at = excluded.made_at, event = excluded.event,
                seen_at = CASE WHEN excluded.event IS event THEN seen_at ELSE excluded.seen_at END,
                reported_at = coalesce(reported_at, excluded.reported_at),
                payment = CASE WHEN ?8 THEN payment ELSE excluded.payment END
            """
        case .becomeEvents:
            """
            UPDATE payments SET seen_at = \(Self.eventTime("?3", "?1")) WHERE scope_id = ?1 AND link_id = ?2 AND event IS NOT NULL
            """
        case .paymentsOfLink:
            """
            SELECT payment, seen_at, reported_at FROM payments
            WHERE scope_id = ? AND link_id = ? ORDER BY seen_at, made_at, payment_id
            """
        case .endedLinks:
            """
            SELECT id, ended_at, looked_at FROM links INDEXED BY links_ended
            WHERE scope_id = ? AND ended_at IS NOT NULL AND ended_at >= ? ORDER BY id
            """
        case .lookLate: "UPDATE links SET looked_at = ?3 WHERE id = ?1 AND scope_id = ?2 AND ended_at IS NOT NULL"
        case .insertFollower:
            "INSERT INTO followers (scope_id, name, since) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
        case .moveFollower: "UPDATE followers SET since = ?3 WHERE scope_id = ?1 AND name = ?2 AND since > ?3"
        case .findFollower: "SELECT since FROM followers WHERE scope_id = ? AND name = ?"

        case .findEffect:
            "SELECT id, state, run_id, token, attempts, result FROM effects WHERE scope_id = ? AND key = ?"
        case .insertEffect:
            """
            INSERT INTO effects (scope_id, key, mode, state, run_id, token, attempts, created_at, updated_at)
            VALUES (?1, ?2, ?3, 'running', ?4, ?5, 1, ?6, ?6)
            """
        case .grantEffect:
            """
            UPDATE effects SET
                mode = ?2, state = 'running', run_id = ?3, attempts = attempts + 1, problem = NULL, updated_at = ?4
            WHERE id = ?1
            """
        case .finishEffect:
            """
            UPDATE effects SET state = ?4, result = ?5, problem = ?6, updated_at = ?7
            WHERE id = ?1 AND scope_id = ?2 AND run_id = ?3 AND state = 'running'
            """
        case .changeEffect:
            """
            UPDATE effects SET
                state = ?2, updated_at = ?3, created_at = CASE WHEN ?2 = 'open' THEN ?3 ELSE created_at END
            WHERE id = ?1
            """
        case .effectByKey: "SELECT \(Self.effectColumns) FROM effects WHERE scope_id = ? AND key = ?"
        }
    }

    /// When an event is recorded at `now`: never before a mark behind which nobody goes (``LedgerOperation/passOver(_:)``),
    /// also where the clock was set back.
    private static func eventTime(_ now: String, _ scope: String = "links.scope_id") -> String {
        "max(\(now), coalesce((SELECT max(claimed_before) FROM followed WHERE followed.scope_id = \(scope)), \(now)))"
    }

    /// What a link is recorded with: ?2 possible orphans, ?3 id, ?4 status, ?5 url, ?6 locale, ?7 close on complete,
    /// ?8 JSON, ?11 now,
    /// ?12 whether it is open, ?13 and ?14 payment marks, ?15 whether it has ended unpaid. An id that a damaged reply
    /// showed is kept if it is another one: it is an orphan with a name.
    private static let doneColumns = """
        state = 'done', is_held = 0, possible_orphans = ?2, link_id = ?3, status = ?4, url = ?5, locale = ?6, \
        close_on_complete = ?7, link = ?8, known_id = nullif(known_id, ?3), problem = NULL, updated_at = ?11, \
        is_open = ?12, payment_mark = ?13, paid_at = CASE WHEN ?13 IS NOT NULL THEN \(eventTime("?11")) END, \
        expired_at = CASE WHEN ?4 = 'expired' THEN \(eventTime("?11")) END, \
        underpaid_mark = ?14, underpaid_at = CASE WHEN ?14 IS NOT NULL THEN \(eventTime("?11")) END, \
        ended_at = CASE WHEN ?15 THEN ?11 END
        """

    static let linkColumns = linkColumns("link", isLate: "is_paid_late")

    /// What came is counted, and added up in dollars and in millionths: no sum of amounts is too large for SQLite then. NULL
    /// where nothing did.
    /// - Parameter link: the expression that gives the link.
    /// - Parameter isLate: the expression that says whether the payment that it shows came late.
    /// - Parameter sums: whether what came is added up, which costs as much as there are payments of the link.
    static func linkColumns(_ link: String, isLate: String, sums: Bool = true) -> String {
        let sum = """
            (SELECT count(*) || ' ' || sum(received_micro / 1000000) || ' ' || sum(received_micro % 1000000) \
                FROM payments s WHERE s.scope_id = links.scope_id AND s.link_id = links.link_id)
            """
        return """
            links.id, key, state, run_id, is_held, attempts, possible_orphans, amount_micro, created_at, updated_at, \
            locale, close_on_complete, known_id, problem, description, terms, \(link) AS link, ended_at, \(isLate), \
            \(sums ? sum : "NULL")
            """
    }

    /// How many there are: what a query asks for besides comes behind them.
    static let linkWidth: Int32 = 20

    /// `PayLink.shownStatus`.
    static let shownStatus = shownStatus(received: "link ->> '$.mostRecentPayment.amount'")

    /// - Parameter received: the expression that gives the payment's amount in micro-USDC.
    private static func shownStatus(received: String) -> String {
        """
        CASE WHEN (status = 'paid' OR \(isReusable)) AND NOT coalesce(link ->> '$.payerDefinedAmount', 0) \
            AND \(received) < link ->> '$.amount' THEN 'underpaid' ELSE status END
        """
    }

    /// What is known of the newest payment is known of no other one.
    static let isNewestLate = "(is_paid_late AND p.payment_id IS link ->> '$.mostRecentPayment.id')"

    // MARK: Payments of a period: ?9 its beginning, ?10 its end

    /// When the newest payment was made, by the service's clock; where it says nothing, when the payment was recorded.
    private static let newestMoment = "coalesce(link ->> '$.mostRecentPayment.createdTimestamp', paid_at, underpaid_at)"
    private static let isReusable = "coalesce(link ->> '$.reuseable', 0)"
    /// Payments of a reusable link that were made in the period.
    private static let payments = """
        p.scope_id = links.scope_id AND p.link_id = links.link_id \
        AND coalesce(p.made_at, p.seen_at) >= ?9 AND coalesce(p.made_at, p.seen_at) < ?10 \
        AND (?4 IS NULL OR \(shownStatus(received: "p.received_micro")) = ?4)
        """

    /// Whether a link was paid, in full or short, in the period; a reusable one by any of its payments that were seen.
    static let wasPaidInPeriod = """
        CASE WHEN \(isReusable) THEN EXISTS (SELECT 1 FROM payments p WHERE \(payments)) \
            ELSE \(newestMoment) >= ?9 AND \(newestMoment) < ?10 AND (?4 IS NULL OR \(shownStatus) = ?4) END
        """

    /// The links of these rows; a reusable one once for each payment in the period, as if that were its newest.
    static func paymentsInPeriod(of rows: String, from source: String, order: String) -> String {
        let isLate = "CASE WHEN p.payment IS NULL THEN is_paid_late ELSE \(isNewestLate) END"
        let link =
            "CASE WHEN p.payment IS NULL THEN link ELSE json_set(link, '$.mostRecentPayment', json(p.payment)) END"
        return """
            SELECT \(linkColumns(link, isLate: isLate)), account, base_url \(source)
            LEFT JOIN payments p ON \(isReusable) AND \(payments)
            WHERE links.id IN (\(rows)) ORDER BY \(order), coalesce(p.made_at, p.seen_at), p.payment_id
            """
    }
    static let effectColumns = """
        effects.id, key, mode, state, run_id, token, attempts, created_at, updated_at, problem, result
        """
}
