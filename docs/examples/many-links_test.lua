-- many-links.lua: four orders of which one has a typing error.
it("collects every order but the one with the typing error", function()
  world.customer(function(link) world.pay(link, { after = "10m" }) end)
  local done = world.run("many-links.lua")
  assert.equal(0, done.status)
  assert.equal([[
order 1001: link made for 12.50 USD
order 1002: link made for 8.20 USD
order 1003: no link, invalid_request in amount
order 1004: link made for 0.99 USD
paid: 1001, 1002, 1004
received 21.69 of 21.69 USD
]], done.output)
  assert.equal(3, #world.links)
end)

it("says what is missing, and fails, when one order is not paid", function()
  world.customer(function(link)
    if link.amount ~= paylink.usd("8.20") then world.pay(link, { after = "10m" }) end
  end)
  local done = world.run("many-links.lua")
  assert.equal(1, done.status)
  assert.matches("paid: 1001, 1004\nreceived 13.49 of 21.69 USD\n$", done.output)
  assert.matches("warn: not paid order=1002 reason=expired", done.errors)
end)

it("counts payments that the service does not show yet", function()
  world.customer(function(link) world.pay(link, { after = "10m", hidden = "30d" }) end)
  local done = world.run("many-links.lua")
  assert.equal(0, done.status)
  assert.matches("received 21.69 of 21.69 USD\n$", done.output)
end)
