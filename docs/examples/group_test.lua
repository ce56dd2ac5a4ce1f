-- group.lua: a bill that three people share, a tip and a dessert.
it("collects the shares and the tip, and does not wait for the dessert", function()
  world.customer(function(link) world.pay(link, { after = "1m" }) end)
  local done = world.run("group.lua")
  assert.equal(0, done.status)
  assert.equal([[
Ada paid 20.00 USD
Ben paid 15.00 USD
Cleo paid 25.00 USD
reminder: cancelled
the tip came from a generous guest
dessert: timeout
]], done.output)
  assert.equal("active", world.links[5].status)
end)

it("tells who did not pay, and asks for no tip then", function()
  world.customer(function(link)
    if link.description ~= "Dinner, Ben's share" then world.pay(link, { after = "1m" }) end
  end)
  local done = world.run("group.lua")
  assert.equal(1, done.status)
  assert.equal("Ada paid 20.00 USD\nBen did not pay: expired\nCleo paid 25.00 USD\nreminder: cancelled\n", done.output)
  assert.equal(3, #world.links)
end)

it("reminds every ten seconds until the last has paid", function()
  world.customer(function(link) world.pay(link, { after = "65s" }) end)
  local _, reminders = world.run("group.lua").errors:gsub("still waiting", "")
  assert.equal(6, reminders)
end)

it("counts shares whose payments the service does not show yet", function()
  world.customer(function(link) world.pay(link, { after = "1m", hidden = "30d" }) end)
  local done = world.run("group.lua")
  assert.equal(0, done.status)
  assert.matches("Cleo paid 25.00 USD\n", done.output)
end)
