#!/usr/bin/env -S paylink watch
-- Offers that are issued anew when they expire unpaid, at a lower price, until somebody takes one or it is cheap enough.
--
--   paylink watch --sandbox --pay-after 1h docs/examples/reissue.lua
--
-- The first offer is made under a key, so starting the watch again makes no second one; each follow-up happens once.
-- An offer may be paid late, after its expiry was seen: then nothing is issued any more, and the seat is sold only once.

local function offer(round)
  local price = paylink.usd("20.00") - paylink.usd("2.50") * round
  local link = assert(paylink.create{ key = "offer:" .. round, amount = price, description = "Last-minute seat", expires_in = "1s" })
  print("offered for " .. tostring(link.amount) .. " USD")
end

-- Whether somebody has taken it, by the service's word of this moment.
local function is_taken()
  for link in paylink.links{ key_prefix = "offer:" } do
    local now = assert(link:refresh())
    if now.status == "paid" and not now.missing then return true end
  end
  return false
end

paylink.on("expired", function(link)
  local round = math.tointeger(tonumber(link.key:match("%d+$")))
  print("nobody took it for " .. tostring(link.amount) .. " USD in time")
  if is_taken() then return print("it is taken all the same") end
  if round == 1 then os.exit(0) end -- a real one would go on
  offer(round + 1)
end, { key_prefix = "offer:", mode = "at_least" })

paylink.on("paid", function(link)
  local buyer = assert(paylink.once("seat", function() return link.key end))
  local what = tostring((link.payment or link).amount) .. " USD" .. (link.late and ", paid late" or "")
  print(buyer == link.key and "sold for " .. what or "sold before, to be given back: " .. what)
end, { key_prefix = "offer:" })

offer(0)
