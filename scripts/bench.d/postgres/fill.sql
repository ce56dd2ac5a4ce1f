-- Fills an empty ledger with :rows links as years of a shop leave them: one every six seconds, the newest :still_open
-- still open, one in :expired_each of the others expired, the rest paid. The watch :'watch' has followed from the
-- beginning, and has followed up all that was paid if :is_followed.
--
-- For speed each table is written without its indexes and without the checks of its references, and whole pages are
-- used; what is written afterwards finds the tables as paylink made them.
\set QUIET on
\set ON_ERROR_STOP on
SET synchronous_commit = off;
SET session_replication_role = replica;
SET maintenance_work_mem = '1GB';
SET client_min_messages = warning;

CREATE TEMP TABLE removed_indexes AS
    SELECT indexrelid::regclass AS name, pg_get_indexdef(indexrelid) AS definition,
        (SELECT conname FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u') AND NOT EXISTS (
            SELECT FROM pg_constraint f WHERE f.conindid = indexrelid AND f.contype = 'f')) AS constraint_name,
        (SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u'))
            AS constraint_definition,
        indrelid::regclass AS of_table
    FROM pg_index
    WHERE indrelid IN ('paylink.links'::regclass, 'paylink.payments'::regclass, 'paylink.effects'::regclass)
        -- What references stand on stays.
        AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype = 'f');
SELECT coalesce(
    CASE WHEN constraint_name IS NULL THEN format('DROP INDEX %s', name)
        ELSE format('ALTER TABLE %s DROP CONSTRAINT %I', of_table, constraint_name) END, '')
FROM removed_indexes \gexec

INSERT INTO paylink.scopes (account, base_url) VALUES (:'account', :'base_url') RETURNING id AS scope \gset
INSERT INTO paylink.runs (command, host, pid, started_at, ended_at, exit_status)
    VALUES ('bench', 'bench', 1, 0, 1, 0) RETURNING id AS run \gset
INSERT INTO paylink.followers (scope_id, name, since) VALUES (:scope, :'watch', 0);

SELECT floor(extract(epoch FROM now()))::bigint AS moment \gset

CREATE TEMP VIEW drawn AS
SELECT n, made_at, n > :rows - :still_open AS is_open, n <= :rows - :still_open AND n % :expired_each = 0 AS is_expired,
    -- Time first, as in version 7: so do the service's own.
    format('%s-%s-7%s-8%s-%s', left(time_part, 8), right(time_part, 4), left(hash, 3), substr(hash, 4, 3),
        right(hash, 12)) AS link_id,
    format('%s-%s-7%s-9%s-%s', left(time_part, 8), right(time_part, 4), left(hash, 3), substr(hash, 4, 3),
        right(hash, 12)) AS payment_id
FROM (
    SELECT n, made_at, lpad(to_hex(made_at * 1000), 12, '0') AS time_part, md5(n::text) AS hash
    FROM (SELECT n, :moment::bigint - 6 * (:rows - n) AS made_at
        FROM generate_series(1, :rows) n) one_by_one) parts;

CREATE TEMP VIEW drawn_links AS
SELECT *, CASE WHEN is_open THEN 'active' WHEN is_expired THEN 'expired' ELSE 'paid' END AS status,
    CASE WHEN NOT is_open AND NOT is_expired THEN format(
        '{"id":"%s","payLinkId":"%s","amount":12500000,"relayerTransactionId":"%s","transactionHash":"0x%s%s",'
        '"paidByUserId":"123e4567-e89b-12d3-a456-426614174001","createdTimestamp":%s,"updatedTimestamp":%s}',
        payment_id, link_id, payment_id, md5(payment_id), md5(link_id), made_at + 90, made_at + 95) END AS payment
FROM drawn;

INSERT INTO paylink.links (
    scope_id, key, state, run_id, is_held, attempts, possible_orphans, amount_micro, created_at, updated_at, link_id,
    status, url, locale, close_on_complete, description, terms, link, is_open, payment_mark, paid_at, expired_at, ended_at)
SELECT :scope, 'order-' || lpad(n::text, 8, '0'), 'done', :run, false, 1, 0, 12500000, made_at, made_at + 95, link_id,
    status, :'base_url' || '/en/link/' || link_id, 'en', false, 'Order', '{"amount":"12.50","description":"Order"}',
    format(
        '{"id":"%s","userId":"%s","username":"bench","accountAddress":"0x00000000000000000000000000000000000000b1",'
        '"profileImageUrl":null,"status":%s,"amount":12500000,"description":"Order","mediaUrl":null,'
        '"expirationTimestamp":%s,"reuseable":false,"payerDefinedAmount":false,"requestedPayerUserId":null,'
        '"archived":false,"ignoredByRequestedPayer":false,"paymentCount":%s,"deletable":true,"mostRecentPayment":%s,'
        '"createdTimestamp":%s,"updatedTimestamp":%s}',
        link_id, :'account', CASE status WHEN 'active' THEN 0 WHEN 'paid' THEN 1 ELSE 2 END,
        CASE WHEN is_open THEN made_at + 31536000 ELSE made_at + 900 END, (status = 'paid')::integer,
        coalesce(payment, 'null'), made_at, made_at + 95),
    is_open, CASE status WHEN 'paid' THEN '' END, CASE status WHEN 'paid' THEN made_at + 91 END,
    CASE status WHEN 'expired' THEN made_at + 902 END, CASE status WHEN 'expired' THEN made_at + 902 END
FROM drawn_links;

INSERT INTO paylink.payments (scope_id, link_id, payment_id, received_micro, made_at, seen_at, payment)
SELECT :scope, link_id, payment_id, 12500000, made_at + 90, made_at + 91, payment
FROM drawn_links WHERE status = 'paid';

INSERT INTO paylink.effects (scope_id, key, mode, state, run_id, token, attempts, created_at, updated_at, result)
SELECT :scope, 'watch:' || :'watch' || ':paid:' || link_id, 'at_most', 'done', :run, payment_id, 1, made_at + 92,
    made_at + 92, 'true'
FROM drawn_links WHERE status = 'paid' AND :is_followed;

SELECT CASE WHEN constraint_name IS NULL THEN definition
    ELSE format('ALTER TABLE %s ADD CONSTRAINT %I %s', of_table, constraint_name, constraint_definition) END
FROM removed_indexes \gexec
\if :is_followed
-- Its mark stands where it would: a hundred events and less are no reason to move it.
INSERT INTO paylink.followed (scope_id, prefix, event, key_prefix, since, claimed_before, next_before, horizon)
SELECT :scope, 'watch:' || :'watch' || ':paid:', 'paid', '', 0, paid_at, paid_at, pg_current_xact_id()
FROM paylink.links WHERE scope_id = :scope AND paid_at IS NOT NULL ORDER BY paid_at DESC OFFSET 99 LIMIT 1;
VACUUM (ANALYZE) paylink.followed;
\endif
-- What is empty stays as it is when a ledger is new: what the server has learnt of an empty table is held against it.
VACUUM (ANALYZE) paylink.links, paylink.payments, paylink.scopes, paylink.runs, paylink.followers;
\if :is_followed
VACUUM (ANALYZE) paylink.effects;
\endif
CHECKPOINT;
