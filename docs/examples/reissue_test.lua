-- reissue.lua: a seat whose price falls when an offer expires unpaid.
it("offers the seat twice, and then gives up", function()
  local done = world.watch("reissue.lua", { for_ = "1h" })
  assert.equal(0, done.status)
  assert.equal([[
offered for 20.00 USD
nobody took it for 20.00 USD in time
offered for 17.50 USD
nobody took it for 17.50 USD in time
]], done.output)
end)

it("sells it to whoever takes the second offer", function()
  world.customer(function(link)
    if link.key == "offer:1" then world.pay(link, { after = "500ms" }) end
  end)
  local done = world.watch("reissue.lua", { for_ = "1h" })
  assert.equal([[
offered for 20.00 USD
nobody took it for 20.00 USD in time
offered for 17.50 USD
sold for 17.50 USD
]], done.output)
  assert.equal("offered for 20.00 USD\n", world.watch("reissue.lua", { for_ = "1h" }).output) -- which is no new offer
  assert.equal(2, #world.links)
end)

it("gives the second payment back when the first comes late", function()
  world.customer(function(link)
    if link.key == "offer:1" then
      world.pay(link, { after = "500ms" })
      world.pay("offer:0", { after = "1m", late = true })
    end
  end)
  local done = world.watch("reissue.lua", { for_ = "1h" })
  assert.matches("sold for 17.50 USD\nsold before, to be given back: 20.00 USD, paid late\n$", done.output)
end)

it("does not go on when the first offer was paid late", function()
  world.customer(function(link)
    if link.key == "offer:1" then world.pay("offer:0", { late = true }) end
  end)
  local done = world.watch("reissue.lua", { for_ = "1h" })
  assert.matches("sold for 20.00 USD, paid late\nit is taken all the same\n$", done.output)
  assert.equal(2, #world.links)
end)
