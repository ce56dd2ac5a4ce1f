#!/usr/bin/env -S paylink run
-- Many links at once: created side by side, then taken in the order in which they are settled.
--
--   paylink run --sandbox --pay-after 200ms docs/examples/many-links.lua
--
-- One bad row does not stop the others: malformed content is a value, not an error that is raised.

local orders = {
  { id = "1001", total = "12.50", text = "Teapot" },
  { id = "1002", total = "8.20", text = "Two cups" },
  { id = "1003", total = "twelve", text = "A row with a typing error" },
  { id = "1004", total = "0.99", text = "Spoon" },
}

-- At most eight requests under way at a time. The results keep the order of the rows.
local rows = task.map(orders, { concurrency = 8 }, function(order)
  local link, err = paylink.create{
    amount = order.total,
    description = order.text .. " (order " .. order.id .. ")",
    expires_in = "1h",
  }
  return { order = order, link = link, err = err }
end)

local links, order_of = {}, {}
local expected = paylink.usd(0)
for _, row in ipairs(rows) do
  if row.link then
    links[#links + 1] = row.link
    order_of[row.link.id] = row.order.id
    expected = expected + row.link.amount
    print("order " .. row.order.id .. ": link made for " .. tostring(row.link.amount) .. " USD")
  else
    print("order " .. row.order.id .. ": no link, " .. row.err.code .. " in " .. row.err.field)
  end
end

-- wait_each gives each link as it is paid, or false and an error once it is certain that it will not be.
local received, paid = paylink.usd(0), {}
for link, err in paylink.wait_each(links) do
  if link then
    log.info("paid", { order = order_of[link.id], link = link.id })
    paid[#paid + 1] = order_of[link.id]
    received = received + (link.payment or link).amount
  else
    log.warn("not paid", { order = order_of[err.link.id], reason = err.code })
  end
end

table.sort(paid) -- they come in the order of payment, which differs from run to run
print("paid: " .. table.concat(paid, ", "))
print("received " .. tostring(received) .. " of " .. tostring(expected) .. " USD")
assert(received == expected)
