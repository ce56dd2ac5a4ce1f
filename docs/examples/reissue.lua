#!/usr/bin/env -S paylink watch
-- Offers that are issued anew when they expire unpaid, at a lower price, until somebody takes one or it is cheap enough.
--
--   paylink watch --sandbox --pay-after 1h docs/examples/reissue.lua
--
-- The first offer is made under a key, so starting the watch again makes no second one; each follow-up happens once.

local function offer(round)
  local price = paylink.usd("20.00") - paylink.usd("2.50") * round
  local link = assert(paylink.create{ key = "offer:" .. round, amount = price, description = "Last-minute seat", expires_in = "1s" })
  print("offered for " .. tostring(link.amount) .. " USD")
end

paylink.on("expired", function(link)
  local round = math.tointeger(tonumber(link.key:match("%d+$")))
  print("nobody took it for " .. tostring(link.amount) .. " USD")
  if round == 1 then os.exit(0) end -- a real one would go on
  offer(round + 1)
end, { key_prefix = "offer:", mode = "at_least" })

paylink.on("paid", function(link) print("sold for " .. tostring(link.amount) .. " USD") end, { key_prefix = "offer:" })

offer(0)
