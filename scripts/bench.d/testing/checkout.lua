-- The script under test: a link, a wait of up to six days, a receipt.
local order = ...
local link = assert(paylink.create{ amount = "12.50", description = "Order " .. order, key = order, expires_in = "7d" })
local paid = link:wait{ timeout = "6d" }
if not paid then os.exit(3) end
assert(mail.send{ to = "anna@shop.example", subject = "Receipt " .. order, text = "Thank you" })
