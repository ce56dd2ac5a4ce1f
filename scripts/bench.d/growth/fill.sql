-- Fills a new ledger in a file with :rows links as years of a shop leave them, as postgres/fill.sql does on a server: one
-- every six seconds, the newest :still_open still open, each 33rd of the others expired, the rest paid and followed up by the
-- watch "bench". What is given: rows, still_open, moment, scope, run, base_url, account.
INSERT INTO followers (scope_id, name, since) VALUES (:scope, 'bench', 0);

CREATE TEMP TABLE given AS SELECT :rows AS rows, :still_open AS still_open, :moment AS moment;
CREATE TEMP VIEW drawn AS
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers, given WHERE n < rows)
SELECT n, moment - 6 * (rows - n) AS made_at,
    CASE WHEN n > rows - still_open THEN 'active' WHEN n % 33 = 0 THEN 'expired' ELSE 'paid' END AS status,
    printf('%08x-%04x-7%03x-8%03x-%012x', (moment - 6 * (rows - n)) * 1000 >> 16, (moment - 6 * (rows - n)) * 1000 & 65535,
        n * 2654435761 >> 8 & 4095, n * 2654435761 >> 20 & 4095, n * 2654435761 & 281474976710655) AS link_id
FROM numbers, given;

INSERT INTO links (
    scope_id, key, state, run_id, is_held, attempts, possible_orphans, amount_micro, created_at, updated_at, link_id,
    status, url, locale, close_on_complete, description, terms, link, is_open, payment_mark, paid_at, expired_at, ended_at)
SELECT :scope, printf('order-%08d', n), 'done', :run, 0, 1, 0, 12500000, made_at, made_at + 95, link_id, status,
    :base_url || '/en/link/' || link_id, 'en', 0, 'Order', '{"amount":"12.50","description":"Order"}',
    printf('{"id":"%s","userId":"%s","username":"bench","accountAddress":"0x00000000000000000000000000000000000000b1",'
        || '"profileImageUrl":null,"status":%d,"amount":12500000,"description":"Order","mediaUrl":null,'
        || '"expirationTimestamp":%d,"reuseable":false,"payerDefinedAmount":false,"requestedPayerUserId":null,'
        || '"archived":false,"ignoredByRequestedPayer":false,"paymentCount":%d,"deletable":true,"mostRecentPayment":%s,'
        || '"createdTimestamp":%d,"updatedTimestamp":%d}',
        link_id, :account, CASE status WHEN 'active' THEN 0 WHEN 'paid' THEN 1 ELSE 2 END,
        CASE status WHEN 'active' THEN made_at + 31536000 ELSE made_at + 900 END, status = 'paid',
        CASE status WHEN 'paid' THEN printf(
            '{"id":"%s","payLinkId":"%s","amount":12500000,"relayerTransactionId":"%s","transactionHash":null,'
            || '"paidByUserId":null,"createdTimestamp":%d,"updatedTimestamp":%d}',
            link_id, link_id, link_id, made_at + 90, made_at + 95) ELSE 'null' END,
        made_at, made_at + 95),
    status = 'active', CASE status WHEN 'paid' THEN '' END, CASE status WHEN 'paid' THEN made_at + 91 END,
    CASE status WHEN 'expired' THEN made_at + 902 END, CASE status WHEN 'expired' THEN made_at + 902 END
FROM drawn;

INSERT INTO payments (scope_id, link_id, payment_id, received_micro, made_at, seen_at, payment)
SELECT :scope, link_id, link_id, 12500000, made_at + 90, made_at + 91, json_extract(link, '$.mostRecentPayment')
FROM links JOIN drawn USING (link_id, status) WHERE status = 'paid';

INSERT INTO effects (scope_id, key, mode, state, run_id, token, attempts, created_at, updated_at, result)
SELECT :scope, 'watch:bench:paid:' || link_id, 'at_most', 'done', :run, link_id, 1, made_at + 92, made_at + 92, 'true'
FROM drawn WHERE status = 'paid';

-- Its mark stands where it would: a hundred events and less are no reason to move it.
INSERT INTO followed (scope_id, prefix, event, key_prefix, since, claimed_before)
SELECT :scope, 'watch:bench:paid:', 'paid', '', 0, paid_at FROM links WHERE paid_at IS NOT NULL
ORDER BY paid_at DESC LIMIT 1 OFFSET 99;
