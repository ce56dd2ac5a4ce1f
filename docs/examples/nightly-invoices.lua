#!/usr/bin/env -S paylink run
-- Nightly invoices from a spreadsheet: a link and a mail for every new row, a reminder for what is still open.
--
--   paylink run --sandbox --pay-after 1h --allow-mail @example.com docs/examples/nightly-invoices.lua 2
--
-- For cron, with a mail server in the settings (docs/settings.md, docs/mail.md):
--   paylink cron add invoices --schedule "0 6 * * *" -- "--allow-mail=*" nightly-invoices.lua
--
-- The argument says how many nights to play through; cron gives none, and that is one. Whatever happens, nobody gets
-- the same mail twice: each goes through paylink.once, and its token is the mail's Message-ID.

local folder = arg[0]:match("^(.*/)") or ""

local function send(key, to, subject, text)
  return paylink.once(key, function(token)
    return mail.send{ from = "Shop <shop@example.com>", to = to, subject = subject, text = text, token = token }
  end)
end

local function night(number)
  for row, err in assert(csv.rows(folder .. "invoices.csv")) do
    if not row then
      log.error("row left out", { reason = err.message })
      goto continue
    end
    local key = "invoice:" .. row.invoice
    local known = paylink.find(key)
    local link = assert(paylink.create{ key = key, amount = assert(csv.amount(row, "amount")), description = "Invoice " .. row.invoice })
    local what, ok, problem
    if not known then
      what = "invoice"
      ok, problem = send(key, row.email, "Invoice " .. row.invoice, "Please pay " .. tostring(link.amount) .. " USD: " .. link.url)
    elseif assert(link:refresh()).status == "active" then
      what = "reminder"
      ok, problem = send("reminder:" .. row.invoice .. ":" .. number, row.email, "Invoice " .. row.invoice .. " is still open",
        "Please pay " .. tostring(link.amount) .. " USD: " .. link.url)
    end
    if what then print(("night %d: %s %s to %s: %s"):format(number, what, row.invoice, row.email, ok and "sent" or tostring(problem))) end
    ::continue::
  end
end

for number = 1, tonumber(arg[1] or 1) do night(number) end
