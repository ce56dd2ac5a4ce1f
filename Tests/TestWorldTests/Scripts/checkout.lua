-- A checkout as shops write it: a link, a wait of six days, a receipt.
local order = assert(arg[1], "an order is missing")
local link = assert(paylink.create{ amount = "12.50", description = "Order " .. order, key = order, expires_in = "7d" })
print(link.url)
local paid, err = link:wait{ timeout = "6d" }
if not paid then
  log.warn("not paid", { code = err.code })
  os.exit(3)
end
print("paid", paid.amount, os.date("!%Y-%m-%d", os.time()))
paylink.once("receipt:" .. order, function()
  assert(mail.send{ to = "anna@shop.example", subject = "Receipt " .. order, text = "Thank you" })
end)
