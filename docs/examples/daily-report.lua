#!/usr/bin/env -S paylink run
-- A daily report of what was paid and what is open, as a table and as a mail. It asks the ledger; no request is made.
--
--   paylink run --sandbox --pay-after 200ms --allow-mail owner@example.com docs/examples/daily-report.lua demo
--
-- For cron:  paylink cron add report --schedule "0 7 * * *" -- --allow-mail owner@example.com daily-report.lua

if arg[1] == "demo" then -- three links of today, two of them paid
  for i, amount in ipairs{ "12.50", "8.20", "40" } do
    local link = assert(paylink.create{ key = "order-" .. i, amount = amount, description = "Order " .. i })
    if i < 3 then assert(link:wait{ timeout = "1m" }) end
  end
end

local totals, counts = { paid = paylink.usd(0), active = paylink.usd(0), expired = paylink.usd(0) }, { paid = 0, active = 0, expired = 0 }
local out <close> = assert(csv.writer("report.csv", { "key", "status", "amount", "url" }))
for link in paylink.links{ since = "1d" } do
  assert(out:write{ key = link.key, status = link.status, amount = link.amount, url = link.url })
  if totals[link.status] then
    totals[link.status] = totals[link.status] + link.amount
    counts[link.status] = counts[link.status] + 1
  end
end
assert(out:close())

local lines = {}
for _, status in ipairs{ "paid", "active", "expired" } do
  lines[#lines + 1] = ("%-8s %3d  %10s USD"):format(status, counts[status], tostring(totals[status]))
end
local text = table.concat(lines, "\n")
print(text)

-- One report a day, whoever starts it: the slot of the job names it, or today's date.
local day = run.slot_text or os.date("!%Y-%m-%d")
local sent = assert(paylink.once("report:" .. day, function(token)
  return mail.send{ from = "shop@example.com", to = "owner@example.com", subject = "Links of " .. day, text = text,
    attachments = { "report.csv" }, token = token }
end))
print("sent to " .. table.concat(sent.accepted, ", "))
