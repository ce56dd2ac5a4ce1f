-- auction.lua: three links of which one wins; what comes for the others goes back.
local function watch(time) return world.watch("auction.lua", { for_ = time or "5m" }) end

local function given_back()
  local list = {}
  for _, mail in ipairs(world.outbox) do list[#list + 1] = mail.text:match("^[^,]+") .. ": " .. mail.subject end
  table.sort(list)
  return list
end

it("sells to the only one who pays", function()
  world.customer(function(link)
    if link.key == "lot-7:Ben" then world.pay(link, { after = "1m" }) end
  end)
  local done = watch("4h")
  assert.equal("lot-7:Ben has it for 118.00 USD\n", done.output)
  assert.equal(3, #world.links)
  assert.same({}, world.outbox)
  assert.near(2 * 3600, world.links[1].expires_at - os.time() + 4 * 3600, 60)
end)

it("sells to whoever paid first, also when all payments are seen at once, and gives the others back", function()
  watch("1s") -- makes the links
  world.pay("lot-7:Cleo", { after = "1m" })
  world.pay("lot-7:Ada", { after = "2m" })
  world.pay("lot-7:Ben", { after = "3m" })
  world.advance("10m") -- nobody watches
  assert.equal("lot-7:Cleo has it for 115.00 USD\n", watch().output)
  assert.same({ "lot-7:Ada: Give back 120.00 USD", "lot-7:Ben: Give back 118.00 USD" }, given_back())
  assert.equal("", watch().output)
  assert.equal(2, #world.outbox)
end)

it("does not sell for too little", function()
  world.customer(function(link)
    if link.key == "lot-7:Ada" then world.pay(link, { amount = "100", after = "1m" }) end
    if link.key == "lot-7:Cleo" then world.pay(link, { after = "10m" }) end
  end)
  assert.equal("lot-7:Cleo has it for 115.00 USD\n", watch("1h").output)
  assert.same({ "lot-7:Ada: Give back 100.00 USD" }, given_back())
end)

it("gives back what comes after its link has expired, a day later by another run", function()
  world.customer(function(link)
    if link.key == "lot-7:Ada" then world.pay(link, { after = "1m" }) end
  end)
  watch("3h")
  world.pay("lot-7:Ben", { late = true })
  assert.equal("", watch("12h").output)
  assert.same({ "lot-7:Ben: Give back 118.00 USD" }, given_back())
end)

it("decides nothing as long as it cannot see all three", function()
  watch("1s")
  world.pay("lot-7:Ben", { after = "1m" })
  world.pay("lot-7:Ada", { after = "2m" })
  world.fault{ endpoint = "get", link = world.links[2].id, action = "status", status = 403 }
  assert.equal("", watch("20m").output)
  assert.same({}, world.outbox)
  world.clear_faults()
  assert.equal("lot-7:Ben has it for 118.00 USD\n", watch("2h").output)
  assert.same({ "lot-7:Ada: Give back 120.00 USD" }, given_back())
end)

it("sells and gives back once, however often it is ended and started again", function()
  world.customer(function(link) world.pay(link, { after = "1m" }) end)
  local output = ""
  for _ = 1, 40 do output = output .. watch("3s").output end
  assert.equal("lot-7:Ada has it for 120.00 USD\n", output .. watch("1h").output)
  assert.equal(2, #world.outbox)
end)
