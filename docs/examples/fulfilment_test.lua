-- fulfilment.lua: a warehouse that is told of a paid order by a signed webhook.
describe("the warehouse", function()
  local told, answers, slow, hidden

  before_each(function()
    told, answers, slow = {}, {}, "50ms" -- the requests that came; what they are answered with if not 200, and when
    world.secret("WEBHOOK", "whsec_MDEyMzQ1Njc4OWFiY2RlZg==")
    world.setenv("SHOP_URL", "https://warehouse.test")
    world.http("POST", "https://warehouse.test/ship", function(request)
      told[#told + 1] = request
      local number = #told
      sleep(slow)
      return answers[number] or 200
    end)
    world.customer(function(link) world.pay(link, { after = "5m", hidden = hidden }) end)
  end)

  it("is told once of what was paid", function()
    local done = world.run("fulfilment.lua", "order-7")
    assert.equal(0, done.status)
    assert.equal("order-7: warehouse answered 200, told before: false\norder-7: warehouse answered 200, told before: true\n",
      done.output)
    assert.equal(1, #told)
    assert.same({ order = "order-7", paid = "16.45" }, json.decode(told[1].body))
  end)

  it("is told of a payment that the service does not show yet", function()
    hidden = "30d"
    local done = world.run("fulfilment.lua", "order-7")
    assert.equal(0, done.status)
    assert.equal("16.45", json.decode(told[1].body).paid)
  end)

  it("is told again, under the same id, when it failed", function()
    answers = { 503, 503 }
    local done = world.run("fulfilment.lua", "order-7")
    assert.matches("^order%-7: warehouse answered 200, told before: false\n", done.output)
    assert.equal(3, #told)
    assert.equal(told[1].headers["webhook-id"], told[3].headers["webhook-id"])
  end)

  it("is told again, under the same id, when the shop dies before it has the answer", function()
    slow = "10s"
    world.start("fulfilment.lua", "order-7")
    repeat sleep("1s") until #told == 1
    local done = world.kill_and_restart():wait()
    assert.matches("^order%-7: warehouse answered 200, told before: false\n", done.output)
    assert.equal(1, #world.links)
    assert.equal(2, #told)
    assert.equal(told[1].headers["webhook-id"], told[2].headers["webhook-id"])
  end)

  it("hears nothing of an order that expires", function()
    assert(paylink.create{ key = "order-7", amount = "16.45", description = "Order order-7", expires_in = "15m" })
    world.expire("order-7")
    local done = world.run("fulfilment.lua", "order-7")
    assert.equal("order-7: not paid (expired)\n", done.output)
    assert.same({}, told)
  end)
end)
