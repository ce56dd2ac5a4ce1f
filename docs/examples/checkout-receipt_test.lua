-- checkout-receipt.lua: the exit status says how an order ended, and its receipt goes out once.
local function checkout() return world.run("checkout-receipt.lua", "order-7", "16.45", "ada@example.com") end

it("is paid after ten minutes, and the receipt says how much", function()
  world.customer(function(link) world.pay(link, { after = "10m" }) end)
  local done = checkout()
  assert.equal(0, done.status)
  assert.equal("order-7: paid 16.45 USD\norder-7: receipt sent to ada@example.com\n", done.output)
  assert.equal("Receipt order-7", world.outbox[1].subject)
  assert.same({ "ada@example.com" }, world.outbox[1].to)
  assert.equal("We received 16.45 USD for order-7. Thank you!", world.outbox[1].text)
end)

it("says what is too much", function()
  world.customer(function(link) world.pay(link, { amount = "20" }) end)
  assert.equal(0, checkout().status)
  assert.matches("20%.00 USD for order%-7.*\nThat is 3%.55 USD too much", world.outbox[1].text)
end)

it("fails with status 1 when too little or nothing comes, and sends no receipt", function()
  local done = checkout()
  assert.equal(1, done.status)
  assert.equal("expired", done.code)
  world.customer(function(link) world.pay(link, { amount = "16.44", after = "1m" }) end)
  local short = world.run("checkout-receipt.lua", "order-8", "16.45", "ada@example.com")
  assert.equal(1, short.status)
  assert.equal("underpaid", short.code)
  assert.equal(0, #world.outbox)
end)

it("counts a late payment when it is run again, and sends one receipt however often that is", function()
  assert.equal(1, checkout().status)
  world.pay("order-7", { late = true })
  for _ = 1, 2 do
    assert.matches("^order%-7: paid 16%.45 USD, late\n", checkout().output)
    world.advance("1h")
  end
  assert.equal(1, #world.outbox)
  assert.equal(1, #world.links)
end)

it("makes one link and one receipt although it is killed while it waits", function()
  local process = world.start("checkout-receipt.lua", "order-7", "16.45", "ada@example.com")
  world.advance("5m")
  world.pay("order-7")
  assert.equal(0, world.kill_and_restart(process):wait().status)
  assert.equal(1, #world.links)
  assert.equal(1, #world.outbox)
end)

it("says that the receipt is still to be sent, and sends it when it is run again", function()
  world.customer(function(link) world.pay(link) end)
  assert.equal(75, world.run("checkout-receipt.lua", "order-7", "16.45", "no address").status)
  assert.equal(0, checkout().status)
  assert.equal(1, #world.outbox)
end)

it("has statuses of their own for a service that is away, refused credentials and a wrong call", function()
  for status, ends in pairs{ [401] = 77, [503] = 69 } do
    world.fault{ endpoint = "token", action = "status", status = status }
    assert.equal(ends, checkout().status)
    world.clear_faults()
  end
  assert.equal(64, world.run("checkout-receipt.lua", "order-7").status)
end)
