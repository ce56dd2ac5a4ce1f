#!/usr/bin/env -S paylink run
-- One order, from pay link to shipping.
--
--   paylink run --sandbox --pay-after 200ms docs/examples/checkout.lua order-1001
--
-- What the shop acts on goes to standard output. What differs from run to run (ids, addresses, times) goes to
-- the log, which is standard error.

local order = arg[1] or "order-1001"
local price, shipping = paylink.usd("12.50"), paylink.usd("3.95")

local link = assert(paylink.create{
  amount = price + shipping,
  description = "Order " .. order,
  expires_in = "15m",
  close_on_complete = true,
})
log.info("show this to the customer", { url = link.url })
print(order .. ": asked for " .. tostring(link.amount) .. " USD")

local paid, err = link:wait()  -- the link's own expiry decides when to give up
if not paid then
  -- err.code says why: "expired", "underpaid", "unreachable", "archived", …
  log.warn("not paid", { order = order, reason = err.code })
  print(order .. ": not paid (" .. err.code .. "), the goods stay on the shelf")
  return
end

local payment = paid.payment or { amount = paid.amount } -- the service may show the payment later
log.info("paid", { payment = payment.id, by = payment.paid_by })
print(order .. ": paid " .. tostring(payment.amount) .. " USD, ship it")
