-- A customer who pays after three days, a thousand times: under `paylink test`.
for i = 1, 1000 do
  it("is paid after three days " .. i, function()
    world.customer(function(link)
      sleep("3d")
      world.pay(link)
    end)
    assert.equal(0, world.run("checkout.lua", "order-" .. i).status)
    assert.equal("Receipt order-" .. i, world.outbox[1].subject)
  end)
end
