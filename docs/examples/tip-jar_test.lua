-- tip-jar.lua: tips while it watches, while nobody watches, and too many at once.
local function watch(time) return world.watch("tip-jar.lua", { for_ = time or "5m" }).output end

it("thanks for each tip, and adds them up over restarts", function()
  world.customer(function(link)
    world.pay(link, { after = "1m" })
    world.pay(link, { after = "3m", amount = "5" })
  end)
  assert.equal("a tip of 2.00 USD, 2.00 in the jar\na tip of 5.00 USD, 7.00 in the jar\n", watch())
  world.pay("tip-jar:2026") -- while nobody watches
  assert.equal("a tip of 2.00 USD, 9.00 in the jar\n", watch())
  assert.equal("", watch())
  assert.equal(1, #world.links)
end)

it("takes a short payment for a tip", function()
  world.customer(function(link) world.pay(link, { after = "1m", amount = "0.50" }) end)
  assert.equal("a tip of 0.50 USD, 0.50 in the jar\n", watch())
end)

it("says how many tips nobody saw", function()
  watch("1s")
  for _ = 1, 3 do world.pay("tip-jar:2026") end
  assert.equal("a tip of 2.00 USD, 2.00 in the jar, and 2 tips that nobody saw\n", watch())
  assert.equal(3, world.links[1].payments)
end)

it("has a jar for each year", function()
  watch("1s")
  world.advance("364d")
  watch("1s")
  assert.equal(2, #world.links)
  assert.equal("2027", os.date("%Y"))
end)
