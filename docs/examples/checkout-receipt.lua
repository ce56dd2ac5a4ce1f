#!/usr/bin/env -S paylink run
-- A checkout that another program starts: one order, a receipt by mail, and an exit status that says how it ended.
--
--   paylink run --sandbox --pay-after 200ms --allow-mail @example.com docs/examples/checkout-receipt.lua order-1001 16.45 ada@example.com
--
-- 0: paid in full, and the receipt is sent. 1: not paid, and the message says why (expired, short, withdrawn).
-- 69: the service was out of reach, 77: it refused the credentials. 75: paid, but the receipt is still to be sent.
-- Whatever it was, the same command may be run again: the order keeps its one link, a payment that came late counts, and
-- the receipt goes out once.

local order, amount, customer = arg[1], arg[2], arg[3]
if not customer then
  io.stderr:write("usage: checkout-receipt.lua ORDER AMOUNT CUSTOMER@EXAMPLE.COM\n")
  os.exit(64)
end

local link = assert(paylink.create{ key = order, amount = amount, description = "Order " .. order, expires_in = "15m" })
log.info("show this to the customer", { url = link.url })

local paid = assert(link:wait()) -- an error that nobody catches decides the exit status by its code
local received = paid.payment and paid.payment.amount or paid.amount -- the service may show the payment later
print(order .. ": paid " .. tostring(received) .. " USD" .. (paid.late and ", late" or ""))

local text = "We received " .. tostring(received) .. " USD for " .. order .. ". Thank you!"
if paid.overpaid then text = text .. "\nThat is " .. tostring(paid.overpaid) .. " USD too much: please reply to get it back." end

-- Two copies of a receipt do no harm, and the token makes them the same message: so it is tried until it is sent.
local sent, problem = paylink.once("receipt:" .. order, function(token)
  return mail.send{ from = "Shop <shop@example.com>", to = customer, subject = "Receipt " .. order, text = text, token = token }
end, { mode = "at_least" })
if not sent then
  log.error("paid, but the receipt was not sent", { order = order, reason = problem.message })
  os.exit(75)
end
print(order .. ": receipt sent to " .. customer)
