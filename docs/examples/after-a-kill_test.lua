-- after-a-kill.lua: fulfilment.lua is killed at different moments, and then it is asked what became of the order.
describe("after a kill", function()
  local parcels, slow

  before_each(function()
    parcels, slow = {}, "0s" -- ids of webhooks by parcel; how long the warehouse takes to answer
    world.secret("WEBHOOK", "whsec_MDEyMzQ1Njc4OWFiY2RlZg==")
    world.setenv("SHOP_URL", "https://warehouse.test")
    world.http("POST", "https://warehouse.test/ship", function(request)
      parcels[#parcels + 1] = request.headers["webhook-id"]
      sleep(slow)
      return 200
    end)
    world.http("GET", "https://warehouse.test/parcels/*", function(request)
      return request.url:match("[^/]+$") == parcels[1] and 200 or 404
    end)
  end)

  local function find_out() return world.run("after-a-kill.lua", "order-7") end

  it("says that there is no link when it died before it asked for one", function()
    local done = find_out()
    assert.equal("order-7: no link was made, start it again\n", done.output)
    assert.equal(0, done.status)
  end)

  it("says that it may still be paid when it died while it waited", function()
    local shop = world.start("fulfilment.lua", "order-7")
    world.advance("1m")
    shop:kill()
    assert.equal("order-7: active\n", find_out().output)
    world.expire("order-7")
    assert.equal("order-7: expired\n", find_out().output)
  end)

  it("ships what was paid when it was dead", function()
    local shop = world.start("fulfilment.lua", "order-7")
    world.advance("1m")
    shop:kill()
    world.pay("order-7")
    for _ = 1, 2 do assert.equal("order-7: paid and shipped\n", find_out().output) end
    assert.equal(1, #parcels)
  end)

  it("does not ship a second time when it died before it had the warehouse's answer", function()
    slow = "10s"
    world.customer(function(link) world.pay(link, { after = "1m" }) end)
    local shop = world.start("fulfilment.lua", "order-7")
    repeat sleep("1s") until #parcels == 1
    shop:kill()
    local done = find_out()
    assert.equal("order-7: paid and shipped\n", done.output)
    assert.equal(0, done.status)
    assert.equal(1, #parcels)
  end)

  it("leaves it open when the warehouse cannot say", function()
    slow = "10s"
    world.customer(function(link) world.pay(link, { after = "1m" }) end)
    local shop = world.start("fulfilment.lua", "order-7")
    repeat sleep("1s") until #parcels == 1
    shop:kill()
    world.http("GET", "https://warehouse.test/parcels/*", 503)
    local done = find_out()
    assert.matches("^order%-7: paid, not known whether shipped: ", done.output)
    assert.equal(75, done.status)
    assert.equal(1, #parcels)
  end)

  it("does not ship what was paid short", function()
    world.customer(function(link) world.pay(link, { amount = "16" }) end)
    world.run("fulfilment.lua", "order-7")
    assert.equal("order-7: paid 0.45 USD short\n", find_out().output)
    assert.same({}, parcels)
  end)

  it("says what a person must find out when a link for one payer may have been made", function()
    world.fault{ endpoint = "create", action = "reset_after_commit", times = 1 }
    local link, err = paylink.create{ key = "order-7", amount = 1, description = "Tea", payer = "123e4567-e89b-12d3-a456-426614174000" }
    assert.is_nil(link)
    assert.equal("in_doubt", err.code)
    local done = find_out()
    assert.matches("paylink ledger doubt resolve order%-7", done.output)
    assert.equal(75, done.status)
  end)
end)
