#!/usr/bin/env -S paylink run
-- A daily report of what was received, as a table and as a mail: in full, short, too much, or after the link's expiry.
-- It looks at the links that may have been paid since anybody looked, and then asks the ledger who paid on the day,
-- whenever the links were made.
--
--   paylink run --sandbox --pay-after 200ms --pay-amount 12.50 --allow-mail owner@example.com docs/examples/daily-report.lua demo
--
-- For cron, each morning the day before, from midnight to midnight in the shop's zone:
--   paylink cron add report --schedule "0 7 * * *" --zone Europe/Berlin -- --allow-mail owner@example.com daily-report.lua

if arg[1] == "demo" then -- three links of today, each paid with 12.50: in full, too much, short
  for i, amount in ipairs{ "12.50", "8.20", "40" } do
    local link = assert(paylink.create{ key = "order-" .. i, amount = amount, description = "Order " .. i, expires_in = "15m" })
    local _, err = link:wait()
    assert(not err or err.code == "underpaid", err)
  end
end

-- The day, in the zone of the job: of a job the one before its slot, which is over; by hand today so far.
local date = os.date("*t", run.slot)
local first = run.slot and date.day - 1 or date.day
local from = os.time{ year = date.year, month = date.month, day = first, hour = 0 }
local to = os.time{ year = date.year, month = date.month, day = first + 1, hour = 0 }
local day = os.date("%Y-%m-%d", from)

-- A payment is in the ledger once somebody has looked: at links that are open, and, as payments come late, at those that
-- expired lately. (`paylink ledger sync` does the first for all links, `paylink watch` does both all the time.)
local function may_be_paid(link)
  if link.status == "expired" then return link.expires_at and link.expires_at > from - 24 * 3600 end
  return link.status ~= "paid" or link.reusable
end
local stale = {}
for link in paylink.links() do
  if may_be_paid(link) then stale[#stale + 1] = link end
end
local unseen = 0
task.map(stale, { concurrency = 4 }, function(link)
  local seen, err = link:refresh()
  if not seen then
    unseen = unseen + 1
    log.warn("not seen", { link = link.id, key = link.key, reason = err.code })
  end
end)

local zero = paylink.usd(0)
local received, full, short, over, late, unknown, not_seen = zero, 0, 0, 0, 0, 0, {}
local missing, too_much = zero, zero
local out <close> = assert(csv.writer("report.csv", { "key", "asked", "received", "missing", "overpaid", "late", "paid_at", "id" }))
-- One line for each payment: a reusable link may have several. Of those that came between two looks only the number is
-- known, for as long as the link exists.
for link in paylink.links{ paid_since = from, paid_before = to } do
  local came = link.payment and link.payment.amount -- what was asked for says nothing of what came
  if came then received = received + came else unknown = unknown + 1 end
  if link.missing then short, missing = short + 1, missing + link.missing else full = full + 1 end
  if link.overpaid then over, too_much = over + 1, too_much + link.overpaid end
  if link.late then late = late + 1 end
  if link.unseen_payments > 0 then not_seen[link.id] = link.unseen_payments end
  assert(out:write{ key = link.key, asked = link.amount, received = came, missing = link.missing, overpaid = link.overpaid,
    late = link.late and "yes" or "no", paid_at = link.paid_at and os.date("%Y-%m-%d %H:%M %Z", link.paid_at), id = link.id })
end
assert(out:close())

local lines = {}
local function line(what, count, money) lines[#lines + 1] = ("%-14s %4d"):format(what, count) .. (money and "  " .. money or "") end
line("received", full + short, tostring(received) .. " USD")
line("paid in full", full)
line("  too much", over, tostring(too_much) .. " USD")
line("  after expiry", late)
line("paid short", short, tostring(missing) .. " USD missing")
if unknown > 0 then line("not shown yet", unknown, "paid, the amount is not known") end
local missed = 0
for _, count in pairs(not_seen) do missed = missed + count end
if missed > 0 then line("never seen", missed, "earlier payments of reusable links: what they brought is not in here") end
if unseen > 0 then line("not looked at", unseen, "their payments are not in here") end
local text = table.concat(lines, "\n")
print(text)

-- One report for each day, whoever starts it how often; one that was made by hand before the day was over is another one.
local key = "report:" .. day .. (run.slot and "" or ":so-far")
local sent = assert(paylink.once(key, function(token)
  return mail.send{ from = "shop@example.com", to = "owner@example.com", subject = "Received on " .. day, text = text,
    attachments = { "report.csv" }, token = token }
end))
print("sent to " .. table.concat(sent.accepted, ", "))
