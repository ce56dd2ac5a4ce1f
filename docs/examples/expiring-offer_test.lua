-- expiring-offer.lua: a reusable link that is sold until it expires, or until the merchant withdraws it.
it("sells to everybody who comes within three seconds", function()
  world.customer(function(link)
    world.pay(link, { after = "300ms" })
    world.pay(link, { after = "2s" })
  end)
  local done = world.run("expiring-offer.lua")
  assert.equal(0, done.status)
  assert.equal([[
on sale for 5.00 USD
sold: 1
nobody for a while, still active
sold: 2
the offer is over, tickets sold: 2
]], done.output)
  assert.equal(2, world.links[1].payments)
end)

it("is over when nobody comes", function()
  local done = world.run("expiring-offer.lua")
  assert.equal("on sale for 5.00 USD\nnobody for a while, still active\nthe offer is over, tickets sold: 0\n", done.output)
end)

it("ends when the merchant withdraws it", function()
  world.customer(function(link)
    sleep("1s")
    world.archive(link)
  end)
  local done = world.run("expiring-offer.lua")
  assert.equal(0, done.status)
  assert.matches("the merchant has withdrawn the offer, tickets sold: 0\n$", done.output)
end)
