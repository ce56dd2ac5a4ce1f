#!/usr/bin/env -S paylink run
-- What `paylink batch` does, in a few lines of Lua: a link for every row of a table, results in the rows' order.
--
--   cd docs/examples && paylink run --sandbox batch.lua
--
-- The key makes it safe to run again: an order that has its link keeps it, and no request is sent for it.

local out <close> = assert(csv.writer("batch-orders.links.csv", { "order_id", "customer", "amount", "url" }))

local results = task.map(assert(csv.rows("batch-orders.csv")), { concurrency = 16 }, function(row, _, problem)
  if not row then return { problem = problem.message } end
  local link
  local amount, err = csv.amount(row, "amount")
  if amount then
    link, err = paylink.create{ key = row.order_id, amount = amount, description = "Order " .. row.order_id, expires_in = "7d" }
  end
  return { row = row, link = link, problem = err and row.order_id .. ": " .. err.message }
end)

for _, result in ipairs(results) do
  if result.link then
    assert(out:write{ order_id = result.row.order_id, customer = result.row.customer, amount = result.link.amount, url = result.link.url })
  end
  print(result.link and result.row.order_id .. " made" or result.problem)
end
