-- german-spreadsheet.lua: what a German office saves, and what it gets back. In Windows-1252 an ü is the byte FC.
local function content(path)
  local file <close> = assert(io.open(path))
  return file:read("a")
end

describe("a German spreadsheet", function()
  local orders, links

  local function write(...)
    local file <close> = assert(io.open(orders, "w"))
    file:write("Bestellung;Kunde;Artikel;Betrag\r\n", table.concat({ ... }, "\r\n"), "\r\n")
  end
  local function run() return world.run("german-spreadsheet.lua", orders) end

  before_each(function()
    orders, links = world.folder() .. "/orders.csv", world.folder() .. "/orders.links.csv"
  end)

  it("comes back in the form in which it came, with a link in each row", function()
    write("1;J\xFCrgen;Tee;12,50", '2;Ben;"Tasse; blau";8,2')
    local done = run()
    assert.equal(0, done.status)
    assert.equal("1: Jürgen, 12.50 USD\n2: Ben, 8.20 USD\n", done.output)
    assert.matches("^\xEF\xBB\xBFBestellung;Kunde;Artikel;Betrag;Link\r\n1;Jürgen;Tee;12,50;https://%S+\r\n"
      .. '2;Ben;"Tasse; blau";8,20;https://%S+\r\n$', content(links))
    assert.equal("Bestellung 2: Tasse; blau", world.links[2].description)
    assert.equal(paylink.usd("8.20"), world.links[2].amount)
    assert.near(14 * 24 * 3600, world.links[2].expires_at - os.time(), 60)
  end)

  it("refuses what may be thousands or a decimal point, and makes the others", function()
    write("1;Ada;Teehaus;1.234,50", "2;Ben;Tee;12.50", "3;Cleo;Tee;9,90")
    local done = run()
    assert.equal(65, done.status)
    assert.matches("^1: [^\n]*line 2, column \"Betrag\"[^\n]*\n2: [^\n]*line 3, column \"Betrag\"[^\n]*\n3: Cleo, 9%.90 USD\n$", done.output)
    assert.equal(1, #world.links)
    assert.matches("\n1;Ada;Teehaus;1%.234,50;\r\n", content(links))
  end)

  it("is finished by a second run when the service fails, without a second link", function()
    write("1;Ada;Tee;1,00", "2;Ben;Tee;2,00")
    world.fault{ endpoint = "create", action = "status", status = 503, skip = 1 }
    local done = run()
    assert.equal(75, done.status)
    assert.equal(1, #world.links)
    world.clear_faults()
    local again = run()
    assert.equal(0, again.status)
    assert.equal(2, #world.links)
  end)

  it("is finished by a second run when it is killed in the middle, and until then no half table is there", function()
    write("1;Ada;Tee;1,00", "2;Ben;Tee;2,00")
    world.fault{ endpoint = "create", action = "status", status = 503, skip = 1 }
    local process = world.start("german-spreadsheet.lua", orders)
    world.advance("5s")
    process:kill()
    assert.is_nil(io.open(links))
    world.advance("1s") -- what it had sent is answered by now
    world.clear_faults()
    assert.equal(0, run().status)
    assert.equal(2, #world.links)
    local _, rows = content(links):gsub("https://", "")
    assert.equal(2, rows)
  end)
end)
