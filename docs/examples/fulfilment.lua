#!/usr/bin/env -S paylink run
-- Checkout with fulfilment: when the link is paid, the warehouse is told by a signed webhook, once.
--
--   paylink run --sandbox --pay-after 200ms --allow-net 127.0.0.1 --allow-env SHOP_URL docs/examples/fulfilment.lua order-1001
--
-- SHOP_URL is where the warehouse listens, PAYLINK_SECRET_WEBHOOK what both sides sign with (docs/http.md).

local order = arg[1] or "order-1001"
local shop = os.getenv("SHOP_URL") or "https://warehouse.example"

local link = assert(paylink.create{ key = order, amount = "16.45", description = "Order " .. order, expires_in = "15m" })
local paid, err = link:wait()
if not paid then
  print(order .. ": not paid (" .. err.code .. ")")
  return
end

local function ship()
  return paylink.once("ship:" .. order, function(token)
    -- The token is the webhook's id: should this ever be sent again, the warehouse sees that it is the same.
    local reply = assert(http.post(shop .. "/ship", {
      json = { order = order, paid = tostring((paid.payment or paid).amount) },
      sign = { secret = assert(secret("WEBHOOK")), id = token },
      retries = 3,
    }))
    return { status = reply.status }
  end, { mode = "at_least" })
end

local reply, had_run = assert(ship())
print(order .. ": warehouse answered " .. reply.status .. ", told before: " .. tostring(had_run))
reply, had_run = assert(ship())
print(order .. ": warehouse answered " .. reply.status .. ", told before: " .. tostring(had_run))
