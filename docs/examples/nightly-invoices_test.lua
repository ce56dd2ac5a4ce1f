-- nightly-invoices.lua: the rows of invoices.csv become links and mails, and those that stay open weekly reminders.
local function subjects()
  local list = {}
  for i, mail in ipairs(world.outbox) do list[i] = mail.to[1] .. ": " .. mail.subject end
  return list
end

local function nights(count)
  for _ = 1, count do
    local slot = os.time() - 60 -- it began a minute late the first time, and is still a week old a week later
    assert.equal(0, world.job("nightly-invoices.lua", { job = "invoices", slot = slot }).status)
    world.advance("1d")
  end
end

it("sends everybody a link that can be paid for thirty days", function()
  local done = world.job("nightly-invoices.lua", { job = "invoices" })
  assert.equal(0, done.status)
  assert.equal([[
invoice:2026-101 to ada@example.com: sent
invoice:2026-102 to Grace <grace@example.com>: sent
]], done.output)
  assert.same({ "ada@example.com: Invoice 2026-101", "grace@example.com: Invoice 2026-102" }, subjects())
  assert.matches("^Please pay 120%.00 USD: https://1shotpay%.com/", world.outbox[1].text)
  assert.equal(paylink.usd("8.20"), world.links[2].amount)
  assert.near(30 * 24 * 3600, world.links[1].expires_at - os.time(), 60)
end)

it("reminds those who have not paid once a week until the link expires, and nobody else", function()
  nights(1)
  world.pay("invoice:2026-101")
  nights(40)
  local list, open = subjects(), "grace@example.com: Invoice 2026-102 is still open"
  assert.same({ open, open, open, open }, table.move(list, 3, #list, 1, {}))
end)

it("sends nothing twice in a night that is run twice", function()
  nights(8)
  assert.equal(4, #world.outbox)
  world.run("nightly-invoices.lua")
  world.run("nightly-invoices.lua")
  assert.equal(4, #world.outbox)
end)

it("sends no mail twice although it is killed between two rows", function()
  world.fault{ endpoint = "create", skip = 1, action = "status", status = 503 } -- so it hangs at the second row
  local process = world.start("nightly-invoices.lua")
  world.advance("1s")
  process:kill()
  assert.same({ "ada@example.com: Invoice 2026-101" }, subjects())
  world.pay("invoice:2026-101")
  world.advance("1s") -- what it had sent is answered by now
  world.clear_faults()
  local done = world.run("nightly-invoices.lua")
  assert.equal("invoice:2026-102 to Grace <grace@example.com>: sent\n", done.output)
  assert.equal(2, #world.outbox)
  assert.equal(2, #world.links)
end)

it("leaves out an invoice that the service refuses, and sends it the next time", function()
  world.fault{ endpoint = "create", action = "status", status = 400, times = 1 }
  local done = world.run("nightly-invoices.lua")
  assert.equal(75, done.status)
  assert.same({ "grace@example.com: Invoice 2026-102" }, subjects())
  local again = world.run("nightly-invoices.lua")
  assert.equal(0, again.status)
  assert.equal("invoice:2026-101 to ada@example.com: sent\n", again.output)
end)
