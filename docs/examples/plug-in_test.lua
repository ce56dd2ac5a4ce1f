-- plug-in.lua: what it is for, in a world in which it may do everything. That it may not, its output in the sandbox shows
-- (plug-in.out): here it is seen what it would do without --untrusted.
local stolen

before_each(function()
  stolen = {}
  world.http("POST", "https://author.example/bills", function(request)
    stolen[#stolen + 1] = json.decode(request.body).bill
    return 204
  end)
end)

it("splits a bill to the cent, the first pay what is left over", function()
  local done = world.run{ "plug-in.lua", "table-4", "60.01", "3", max_links = 3 }
  assert.matches("^guest 1: 20%.01 USD\nguest 2: 20%.00 USD\nguest 3: 20%.00 USD\n", done.output)
  local sum = paylink.usd(0)
  for _, link in ipairs(world.links) do sum = sum + link.amount end
  assert.equal(paylink.usd("60.01"), sum)
end)

it("gets no more links than it may have", function()
  local done = world.run{ "plug-in.lua", "table-4", "60.00", "3", max_links = 2 }
  assert.matches("guest 3: limit_reached\n", done.output)
  assert.equal(2, #world.links)
end)

it("makes no others when it is run again", function()
  for _ = 1, 2 do world.run{ "plug-in.lua", "table-4", "60.00", "3", max_links = 3 } end
  assert.equal(4, #world.links) -- and one for itself, as the limit is for each run
end)

it("would tell its author, and write to them, where nothing stops it", function()
  local done = world.run{ "plug-in.lua", "table-4", "60.00", "3", max_links = 3 }
  assert.same({ "60.00" }, stolen)
  assert.equal("Pay again", world.outbox[1].subject)
  assert.matches("its author: limit_reached\na request to its author: done\n", done.output)
  assert.equal(0, done.status)
end)
