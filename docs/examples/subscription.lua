#!/usr/bin/env -S paylink run
-- A subscription: each month a link and a mail for every subscriber, two reminders while it is open, and a word to the
-- owner when it was paid short, not at all, or after all.
--
--   paylink run --sandbox --pay-after 1h --allow-mail @example.com docs/examples/subscription.lua
--
-- For cron, each morning, with a mail server in the settings (docs/settings.md, docs/mail.md):
--   paylink cron add subscription --schedule "0 8 * * *" -- "--allow-mail=*" subscription.lua
--
-- What is due follows from the age of each link, not from the last run: a morning that was missed is caught up, and one
-- that is run twice sends nothing twice. Exit status 75: something is left for the next run, or for `paylink ledger doubt`.

local folder, day, now = arg[0]:match("^(.*/)") or "", 24 * 3600, run.slot or os.time()
local month, status = os.date("%Y-%m", now), 0

local function failed(what, err)
  log.error(what, { reason = err.message })
  status = 75
end

-- One mail for each key, tried until it is sent: the token is its Message-ID, so a copy can be told from another mail.
local function send(what, link, to, subject)
  local sent, problem = paylink.once(what .. ":" .. link.key, function(token)
    local text = tostring(link.amount) .. " USD for " .. link.description .. ": " .. link.url
    return mail.send{ from = "Tea club <club@example.com>", to = to, subject = subject, text = text, token = token }
  end, { mode = "at_least" })
  if not sent then failed(what .. ":" .. link.key, problem) end
end

for row, err in assert(csv.rows(folder .. "subscribers.csv")) do
  local amount, link
  if row then amount, err = csv.amount(row, "monthly") end
  if amount then
    local key = "club:" .. month .. ":" .. row.email
    link = paylink.find(key) -- a price that changes counts from the next month
    if not link then
      link, err = paylink.create{ key = key, amount = amount, description = "Tea club " .. month, expires_in = "14d" }
    end
  end
  if link then print(row.email .. ": " .. tostring(link.amount) .. " USD") else failed("no link", err) end
end

-- Those that are over are looked at as well: payments come late.
for link in paylink.links{ key_prefix = "club:", created_since = "60d" } do
  local customer, seen, err = link.key:match("[^:]+$"), link, nil
  if link.status ~= "paid" then seen, err = link:refresh() end
  if not seen then
    failed(link.key, err)
  elseif seen.missing then
    send("short", seen, "owner@example.com", customer .. " paid " .. tostring(seen.missing) .. " USD too little")
  elseif seen.status == "paid" then
    if seen.late then send("late", seen, "owner@example.com", customer .. " has paid after all") end
  elseif seen.status == "expired" then
    send("unpaid", seen, "owner@example.com", customer .. " has not paid")
  else
    local age = (now - seen.created_at + day // 2) // day
    if age >= 10 then send("last", seen, customer, "Last reminder: your tea of " .. month)
    elseif age >= 5 then send("reminder", seen, customer, "Reminder: your tea of " .. month)
    else send("invoice", seen, customer, "Your tea of " .. month) end
  end
end
os.exit(status)
