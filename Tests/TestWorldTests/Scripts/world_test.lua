-- What a test does to its world, and what it sees of it.
describe("the world", function()
  before_each(function() assert.equal(0, #world.links) end)

  it("begins at eight on a Monday, and its clock jumps", function()
    assert.equal("2026-01-05 08:00:00", os.date("!%Y-%m-%d %H:%M:%S"))
    world.advance("36h")
    assert.equal("2026-01-06 20:00", os.date("!%Y-%m-%d %H:%M"))
    assert.equal(os.time(), os.time(os.date("*t")))
  end)

  it("has links that the test makes itself", function()
    local link = assert(paylink.create{ amount = "5", description = "Tea", key = "tea" })
    assert.equal("active", link.status)
    assert.equal("active", world.links[1].status)
    world.pay("tea")
    assert.equal("paid", assert(paylink.get(link.id)).status)
    assert.equal("paid", world.links[1].status)
    assert.equal(paylink.usd("5"), world.links[1].received)
  end)

  it("ends links in each way", function()
    local codes = {}
    for i, how in ipairs{ "archive", "expire", "dismiss" } do
      local link = assert(paylink.create{ amount = "5", description = "Tea", key = how,
        payer = how == "dismiss" and "018f5a3c-0000-7000-8000-000000000001" or nil })
      world[how](link)
      local _, err = link:wait{ timeout = "1h" }
      codes[i] = err.code
    end
    assert.same({ "archived", "expired", "ignored" }, codes)
  end)

  it("answers requests to other hosts", function()
    local seen
    world.http("POST", "https://erp.shop.example/orders", function(request)
      seen = request
      sleep("2s")
      return { status = 201, body = { id = 7 } }
    end)
    world.http("GET", "https://erp.shop.example/stock/*", "12")
    local reply = assert(http.post("https://erp.shop.example/orders?x=1", { json = { order = "a" } }))
    assert.equal(201, reply.status)
    assert.equal(7, reply:json().id)
    assert.equal('{"order":"a"}', seen.body)
    assert.equal("POST", seen.method)
    assert.equal("12", assert(http.get("https://erp.shop.example/stock/tea")).body)
  end)

  it("answers programs", function()
    world.program("lpr", function(words, input) return { output = words[2] .. input } end)
    world.program("false", 1)
    assert.equal("-Pshopslip", assert(program.run({ "lpr", "-Pshop" }, { input = "slip" })).output)
    local result, err = program.run{ "false" }
    assert.is_nil(result)
    assert.equal(1, err.result.status)
  end)

  it("has secrets, variables and a folder of its own", function()
    world.secret("KEY", "s3cret")
    world.setenv("SHOP", "berlin")
    local folder = world.folder()
    local done = world.run("surroundings.lua", folder .. "/out.txt")
    assert.equal(0, done.status)
    assert.matches("berlin", done.output)
    assert.matches("standard input: two", world.run{ "surroundings.lua", folder .. "/out.txt", stdin = "one\ntwo\n" }.output)
    local file <close> = assert(io.open(folder .. "/out.txt"))
    assert.equal("written", file:read("a"))
  end)

  it("tells of requests", function()
    assert(paylink.create{ amount = "5", description = "Tea" })
    local paths = {}
    for i, request in ipairs(world.requests) do paths[i] = request.method .. " " .. request.path end
    assert.same({ "POST /api/m2m/v0/token", "POST /api/m2m/v0/links" }, paths)
    assert.equal(200, world.requests[1].status)
  end)

  it("misbehaves on demand", function()
    world.fault{ endpoint = "create", action = "status", status = 503, times = 1 }
    local link = assert(paylink.create{ amount = "5", description = "Tea", key = "tea" })
    assert.equal(1, #world.links)
    assert.equal(link.id, world.links[1].id)
    world.fault{ endpoint = "any", action = "status", status = 500 }
    assert.is_nil((paylink.get(link.id)))
    world.clear_faults()
    assert(paylink.get(link.id))
  end)

  it("runs jobs", function()
    local done = world.job("surroundings.lua", { job = "nightly", slot = 1767600000 })
    assert.matches("job nightly 1767600000", done.output)
  end)
end)

describe("a wait in a world", function()
  it("sees the transaction settle", function()
    local link = assert(paylink.create{ amount = "5", description = "Tea", key = "k", expires_in = "6d" })
    world.pay("k", { after = "1d" })
    assert(link:wait{ timeout = "5d", settled = true })
    assert.equal("06", os.date("!%d"))
  end)

  it("goes on beside tasks that only yield", function()
    local done
    world.http("GET", "https://a.example/*", "\xff\xfe\0x")
    task.spawn(function() done = assert(http.get("https://a.example/")).body end)
    while not done do sleep(0) end
    assert.equal("\xff\xfe\0x", done)
  end)

  it("is over for a script that is killed", function()
    local shop
    world.http("GET", "https://a.example/*", function()
      shop:kill()
      return "hi"
    end)
    shop = world.start("asks.lua")
    assert.is_true(shop:wait().killed)
    world.advance("1m")
    assert.equal(0, #world.outbox)
  end)
end)
