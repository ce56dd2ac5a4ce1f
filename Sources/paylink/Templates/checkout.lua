#!/usr/bin/env -S paylink run
-- One order: asks for the money, waits for it, and says what came of it.
--
--   paylink run checkout.lua order-1001 12.50 "Two tickets"
--
-- Run again with the same order it never asks twice: the order's number is the link's key.
local order, amount, description = arg[1], arg[2], arg[3]
if not amount then
  io.stderr:write("usage: checkout.lua ORDER AMOUNT [DESCRIPTION]\n")
  os.exit(64)
end

local link = assert(paylink.create{
  key = order,
  amount = amount,
  description = description or "Order " .. order,
  expires_in = "1h",
})
print("Pay here: " .. link.url)

local paid, err = link:wait() -- until it is paid, or can no longer be
if not paid then
  log.warn("not paid", { order = order, reason = err.code })
  os.exit(1)
end

print("Paid: " .. tostring((paid.payment or paid).amount) .. " USD")
