describe("a watch", function()
  local shipped
  before_each(function()
    shipped = {}
    world.http("POST", "https://erp.shop.example/ship", function(request)
      shipped[#shipped + 1] = json.decode(request.body).key
      return 204
    end)
  end)

  it("follows up payments of days", function()
    for i = 1, 3 do
      assert(paylink.create{ amount = "5", description = "Tea", key = "order-" .. i, expires_in = "6d" })
      world.pay("order-" .. i, { after = i .. "d" })
    end
    local done = world.watch("fulfil.lua", { for_ = "7d" })
    assert.equal(0, done.status)
    table.sort(shipped)
    assert.same({ "order-1", "order-2", "order-3" }, shipped)
  end)

  it("tells of links that expire", function()
    assert(paylink.create{ amount = "5", description = "Tea", key = "order-9", expires_in = "2h" })
    world.watch("fulfil.lua", { for_ = "1d" })
    assert.equal("Expired: order-9", world.outbox[1].subject)
    assert.same({}, shipped)
  end)

  it("follows up once although it is killed", function()
    assert(paylink.create{ amount = "5", description = "Tea", key = "order-1", expires_in = "6d" })
    world.pay("order-1", { after = "1h" })
    world.watch("fulfil.lua", { for_ = "2h" })
    world.watch("fulfil.lua", { for_ = "2h" })
    assert.same({ "order-1" }, shipped)
  end)

  it("sees links that others make meanwhile", function()
    task.spawn(function()
      sleep("5h")
      assert(paylink.create{ amount = "5", description = "Tea", key = "late-1", expires_in = "1d" })
      world.pay("late-1", { after = "1h" })
    end)
    world.watch("fulfil.lua", { for_ = "1d" })
    assert.same({ "late-1" }, shipped)
  end)
end)
