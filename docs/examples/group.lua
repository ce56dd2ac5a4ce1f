#!/usr/bin/env -S paylink run
-- Splitting a bill: everyone gets a link, and everyone's task runs beside the others.
--
--   paylink run --sandbox --pay-after 200ms docs/examples/group.lua
--
-- Shown: spawn and join, cancelling, the first of several, a time limit over several steps.

local bill = paylink.usd("60.00")
local shares = { Ada = paylink.usd("20.00"), Ben = paylink.usd("15.00"), Cleo = paylink.usd("25.00") }

local function collect(name, amount)
  local link = assert(paylink.create{ amount = amount, description = "Dinner, " .. name .. "'s share" })
  log.info("link made", { name = name, url = link.url })
  local paid = assert(link:wait())
  return (paid.payment or paid).amount -- the service may show the payment later
end

-- One task for each. A task belongs to the one that spawned it and ends with it.
local tasks = {}
for name, amount in pairs(shares) do tasks[name] = task.spawn(collect, name, amount) end

-- A task that does nothing but remind, until everybody has paid.
local reminder = task.spawn(function()
  while true do
    sleep("10s")
    log.info("still waiting")
  end
end)

-- join gives the task's results; or nil and an error if it failed.
local received = paylink.usd(0)
for _, name in ipairs{ "Ada", "Ben", "Cleo" } do
  local amount, err = tasks[name]:join()
  if amount then
    received = received + amount
    print(name .. " paid " .. tostring(amount) .. " USD")
  else
    print(name .. " did not pay: " .. err.code)
  end
end
reminder:cancel()
print("reminder: " .. select(2, reminder:join()).code)
assert(received == bill)

-- The first of several; the others are cancelled.
local who = task.any{
  function() sleep("1h") return "nobody" end,
  function()
    collect("the tip", 5)
    return "a generous guest"
  end,
}
print("the tip came from " .. who)

-- A time limit over whatever a function does: its waits are abandoned.
local done, err = task.timeout("50ms", function()
  return collect("dessert", 8)
end)
print("dessert: " .. (done and "paid" or err.code))
