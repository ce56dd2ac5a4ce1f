#!/usr/bin/env -S paylink watch
-- The end of an auction: the three highest bidders get a link each, and whoever pays first has the lot.
--
--   paylink watch --once --sandbox --pay-after 1ms --allow-mail owner@example.com docs/examples/auction.lua
--
-- For cron, each minute; the links are made by the first run and kept by all others:
--   paylink cron add auction --schedule "* * * * *" --watch -- --allow-mail owner@example.com auction.lua
--
-- A link cannot be cancelled: the service has no call for it. The two others can be paid as long as they are open, and
-- perhaps even later. So they are short-lived, you may archive them on the service's website, and each payment that the
-- lot was not sold for is told to the owner, who gives it back by hand, as the service has no call for that either.

local lot = "lot-7"
local bids = { { "Ada", "120.00" }, { "Ben", "118.00" }, { "Cleo", "115.00" } }

-- First is who paid first by the service's clock, not whose payment was seen first. Once decided it stays so.
local function winner()
  return assert(paylink.once("sold:" .. lot, function()
    local first
    for link in paylink.links{ key_prefix = lot .. ":" } do
      local seen = assert(link:refresh())
      if seen.paid_at and not seen.missing and (not first or seen.paid_at < first.paid_at) then first = seen end
    end
    return assert(first, "no payment is shown yet").key
  end, { mode = "at_least" }))
end

local function give_back(link, token)
  log.warn("to be given back", { bid = link.key, amount = (link.payment or link).amount })
  return mail.send{ from = "auction@example.com", to = "owner@example.com", token = token,
    subject = "Give back " .. tostring((link.payment or link).amount) .. " USD", text = link.key .. ", payment " .. (link.payment and link.payment.id or "not shown yet") }
end

paylink.on("paid", function(link, token)
  if winner() ~= link.key then return give_back(link, token) end
  print(link.key .. " has it for " .. tostring((link.payment or link).amount) .. " USD")
end, { key_prefix = lot .. ":", mode = "at_least" })

paylink.on("underpaid", give_back, { key_prefix = lot .. ":", mode = "at_least" })

for _, bid in ipairs(bids) do
  local link = assert(paylink.create{ key = lot .. ":" .. bid[1], amount = bid[2], description = "Lot 7", expires_in = "2h" })
  log.info("send this to the bidder", { bidder = bid[1], url = link.url })
end
