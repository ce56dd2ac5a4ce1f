-- batch.lua: a table of orders becomes a table of links. It reads and writes where it is started: in the test's own folder.

local function content(path)
  local file <close> = assert(io.open(path))
  return file:read("a")
end

local function write(path, text)
  local file <close> = assert(io.open(path, "w"))
  file:write(text)
end

describe("a table of orders", function()
  local orders, links
  local function run() return world.run{ "batch.lua", directory = world.folder() } end

  before_each(function()
    local folder = world.folder()
    orders, links = folder .. "/batch-orders.csv", folder .. "/batch-orders.links.csv"
    write(orders, "order_id,customer,amount\n1,Ada,12.50\n2,Ben,8.2\n")
  end)

  it("becomes a table of links in the same order", function()
    local done = run()
    assert.equal(0, done.status)
    assert.equal("1 made\n2 made\n", done.output)
    assert.matches("^order_id,customer,amount,url\n1,Ada,12%.50,https://%S+\n2,Ben,8%.20,https://%S+\n$", content(links))
    assert.near(7 * 24 * 3600, world.links[1].expires_at - os.time(), 5)
  end)

  it("loses only the row whose amount cannot be read", function()
    write(orders, 'order_id,customer,amount\n1,Ada,"9,90"\n2,Ben,8.2\n')
    local done = run()
    assert.equal(0, done.status)
    assert.matches('^1: .*line 2, column "amount": "9,90" has a comma.*\n2 made\n$', done.output)
    assert.equal(1, #world.links)
  end)

  it("is worked off twice without a second link or request", function()
    run()
    local first, asked = content(links), #world.requests
    assert.equal("1 made\n2 made\n", run().output)
    assert.equal(first, content(links))
    assert.equal(asked, #world.requests)
  end)

  it("names the orders that the service refuses", function()
    world.fault{ endpoint = "create", action = "status", status = 400, times = 1 }
    local done = run()
    assert.equal("1: creating a link of 12.50 USD: the service refused the request with status 400\n2 made\n", done.output)
    assert.equal(1, #world.links)
  end)
end)

-- The same by `paylink batch` itself.
describe("the same table", function()
  it("becomes links by paylink batch", function()
    local orders = world.folder() .. "/orders.csv"
    write(orders, "order_id,customer,amount\n1,Ada,12.50\n2,Ben,8.2\n")
    local killed = world.batch(orders, { description = "Order {order_id}", kill_after = 0.05 })
    assert.is_true(killed.killed)
    local done = world.batch(orders, { description = "Order {order_id}" })
    assert.equal(0, done.status)
    assert.equal(paylink.usd("20.70"), done.total)
    assert.equal(world.ledger[2].id, done.rows[2].paylink_id)
  end)

  it("says which rows cannot be used, and sends nothing", function()
    local orders = world.folder() .. "/orders.csv"
    write(orders, 'order_id,amount\n1,"9,90"\n2,8.2\n')
    local done = world.batch(orders, { description = "Order {order_id}" })
    assert.equal(65, done.status)
    assert.matches('line 2, column "amount"', done.errors)
    assert.equal(0, #world.requests)
  end)
end)
