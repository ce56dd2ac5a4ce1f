#!/usr/bin/env -S paylink run
-- Nightly invoices from a spreadsheet: a link and a mail for every new row, a reminder each week for what is still open.
--
--   paylink run --sandbox --pay-after 1h --allow-mail @example.com docs/examples/nightly-invoices.lua
--
-- For cron, with a mail server in the settings (docs/settings.md, docs/mail.md):
--   paylink cron add invoices --schedule "0 6 * * *" -- "--allow-mail=*" nightly-invoices.lua
--
-- Each mail goes through paylink.once under a key of its own, a reminder's with the week in it, so that a night that is run
-- twice sends nothing twice. One that was cut off is tried again under the same Message-ID.

local folder = arg[0]:match("^(.*/)") or ""
local week, now = 7 * 24 * 3600, run.slot or os.time()
local status = 0

local function send(key, to, subject, link)
  local sent, more = paylink.once(key, function(token)
    return mail.send{ from = "Shop <shop@example.com>", to = to, subject = subject, token = token,
      text = "Please pay " .. tostring(link.amount) .. " USD: " .. link.url }
  end, { mode = "at_least" })
  if sent and more then return end -- it was sent before
  if not sent then status = 75 end
  print(key .. " to " .. to .. ": " .. (sent and "sent" or more.message))
end

for row, err in assert(csv.rows(folder .. "invoices.csv")) do
  local amount, link
  if row then amount, err = csv.amount(row, "amount") end
  if amount then
    link, err = paylink.create{ key = "invoice:" .. row.invoice, amount = amount, description = "Invoice " .. row.invoice, expires_in = "30d" }
  end
  if link then link, err = link:refresh() end
  if not link then
    log.error("row left out", { reason = err.message })
    status = 75
  elseif link.status == "active" then
    local weeks = (now - link.created_at + week // 14) // week -- nights are not to the second
    if weeks < 1 then send("invoice:" .. row.invoice, row.email, "Invoice " .. row.invoice, link)
    else send("reminder:" .. row.invoice .. ":" .. weeks, row.email, "Invoice " .. row.invoice .. " is still open", link) end
  end
end
os.exit(status)
