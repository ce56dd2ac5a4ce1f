-- `world.batch`: what `paylink batch` does, on the test's clock.
local function write(name, text)
  local path = world.folder() .. "/" .. name
  local file <close> = assert(io.open(path, "w"))
  file:write(text)
  return path
end

describe("a batch", function()
  local orders
  before_each(function()
    orders = write("orders.csv", "order_id,customer,amount\n1,Ada,12.50\n2,Ben,8.2\n")
  end)

  it("makes a link for every row, and none the second time", function()
    local done = world.batch(orders, { description = "Order {order_id}", expires_in = "7d" })
    assert.equal("done", done.result)
    assert.equal(2, done.made)
    assert.equal(paylink.usd("20.70"), done.total)
    assert.equal("Ada", done.rows[1].customer)
    assert.equal(world.links[1].id, done.rows[1].paylink_id)
    assert.equal("Order 2", world.links[2].description)
    assert.near(7 * 24 * 3600, world.links[1].expires_at - os.time(), 2)
    local again = world.batch(orders, { description = "Order {order_id}", expires_in = "7d" })
    assert.same({ 0, 2 }, { again.made, again.recorded })
    assert.equal(2, #world.links)
    assert.same(done.rows, again.rows)
  end)

  it("says that there is no table", function()
    local done = world.batch("no-such-orders.csv", { description = "x" })
    assert.equal("input_output", done.result)
  end)

  it("tells which rows cannot be used, and goes on without them when it is told to", function()
    orders = write("orders.csv", "order_id,amount\n1,12.50\n2,x\n")
    local refused = world.batch(orders, { description = "Order {order_id}" })
    assert.equal("nothing_sent", refused.result)
    assert.equal(0, #world.links)
    local done = world.batch(orders, { description = "Order {order_id}", skip_invalid = true })
    assert.same({ 1, 1 }, { done.made, done.rejected })
    assert.equal("2", done.rejected_rows[1].order_id)
  end)

  it("plans without sending", function()
    local done = world.batch(orders, { description = "Order {order_id}", dry_run = true })
    assert.equal(2, done.to_make)
    assert.equal(0, #world.requests)
  end)

  for i = 1, 12 do
    it("is killed at a moment and goes on where it was, " .. i, function()
      local rows = { "order_id,amount" }
      for row = 1, 40 do rows[#rows + 1] = row .. ",1" end
      orders = write("orders.csv", table.concat(rows, "\n") .. "\n")
      local options = { description = "Order {order_id}", concurrency = 2, kill_after = 0.001 + 0.04 * (i - 1) }
      local killed = world.batch(orders, options)
      assert.is_true(killed.killed)
      assert.is_nil(killed.out and io.open(killed.out))
      assert.is_true(#world.links < 40)
      world.advance("1h")
      options.kill_after = nil
      local done = world.batch(orders, options)
      -- What was under way may have made a link: the second run counts it.
      assert.equal(40, #done.rows)
      assert.is_true(#world.links <= 40 + done.possible_orphans, #world.links .. " links")
    end)
  end

  it("is killed within a mapping", function()
    local map = write("rows.lua", 'return function(row)\n  while true do sleep("1s") end\nend\n')
    local killed = world.batch(orders, { map = map, kill_after = "3s" })
    assert.is_true(killed.killed)
    assert.equal(0, #world.links)
  end)

  it("goes on when the service comes back", function()
    world.fault{ endpoint = "token", action = "status", status = 503 }
    task.spawn(function()
      sleep("20s")
      world.clear_faults()
    end)
    local begun = os.time()
    local done = world.batch(orders, { description = "Order {order_id}", patience = "60s" })
    assert.equal(2, done.made)
    assert.is_true(os.time() - begun >= 20)
  end)

  it("gives up on one that does not", function()
    world.fault{ endpoint = "token", action = "status", status = 503 }
    local done = world.batch(orders, { description = "Order {order_id}", patience = "30s" })
    assert.equal(0, #world.links)
  end)

  it("takes the terms from a mapping", function()
    write("rows.lua", 'return function(row)\n  return { key = "o-" .. row.order_id, amount = row.amount, description = row.customer }\nend\n')
    local done = world.batch(orders, { map = world.folder() .. "/rows.lua" })
    assert.equal(2, done.made)
    assert.equal("Ada", world.links[1].description)
    assert.equal("o-1", world.ledger[1].key)
  end)

  it("keeps to a pace", function()
    local begun = os.time()
    world.batch(orders, { description = "Order {order_id}", rate = "1/m" })
    assert.is_true(os.time() - begun >= 60)
  end)

  it("sends nothing beyond its caps", function()
    local done = world.batch(orders, { description = "Order {order_id}", max_total = "20" })
    assert.equal("limit_reached", done.result)
    assert.equal(0, #world.requests)
    assert.error_matches(function() world.batch(orders, { max_totl = 1 }) end, "unknown option 'max_totl'.*max_total")
    assert.error_matches(function() world.batch(orders, { concurrency = 0 }) end, "concurrency: 0 is not between")
    assert.error_matches(function() world.batch(orders, { rate = "fast" }) end, "rate: \"fast\" is no rate")
  end)
end)
