#!/usr/bin/env -S paylink run
-- A plug-in that somebody sent: it splits a bill, with a link for each guest. Nobody has read it, so it is run with three
-- links, no more than 100 USD, a minute and 32 MB, and nothing else:
--
--   paylink run --sandbox --untrusted --max-links 3 --max-total 100 --timeout 1m --memory 32M docs/examples/plug-in.lua table-4 60.01 3
--
-- What it does beside its job fails, and the shop loses nothing by it (docs/security.md says why). Its links are in a
-- ledger of its own, known by the script's path: run again it makes no others.

local name, bill, guests = arg[1], arg[2], math.tointeger(tonumber(arg[3]))
local dollars, rest = bill:match("^(%d+)%.(%d%d)$")
local cent, cents = paylink.usd("0.01"), dollars * 100 + rest

for guest = 1, guests do
  local share = cent * (cents // guests + (guest <= cents % guests and 1 or 0)) -- what is left over goes to the first
  local link, err = paylink.create{ key = name .. ":" .. guest, amount = share, description = "A share of " .. name, expires_in = "2h" }
  print(("guest %d: %s"):format(guest, link and tostring(link.amount) .. " USD" or err.code))
end

-- And what it had better not do.
local function try(what, done, err) print(what .. ": " .. (done and "done" or err.code)) end
try("a link for its author", paylink.create{ amount = 1, description = "One for me" })
try("a request to its author", http.post("https://author.example/bills", { json = { name = name, bill = bill } }))
try("a mail in the shop's name", mail.send{ from = "shop@example.com", to = "ada@example.com", subject = "Pay again", text = name })
try("the shop's invoices", csv.rows("invoices.csv"))
