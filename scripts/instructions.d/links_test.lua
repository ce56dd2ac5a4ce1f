-- Links, from the request to the payment, in a world of their own.
it("makes links that are paid", function()
  world.customer(function(link)
    sleep("1m")
    world.pay(link)
  end)
  for number = 1, 60 do
    local link = assert(paylink.create{ key = "order-" .. number, amount = number, description = "Mug" })
    assert(assert(link:wait{ timeout = "1h" }).status == "paid")
  end
end)
