-- nightly-invoices.lua: the rows of invoices.csv become links and mails, and those that stay open reminders.
local function subjects()
  local list = {}
  for i, mail in ipairs(world.outbox) do list[i] = mail.to[1] .. ": " .. mail.subject end
  return list
end

it("sends everybody a link", function()
  local done = world.job("nightly-invoices.lua", { job = "invoices" })
  assert.equal(0, done.status)
  assert.equal([[
night 1: invoice 2026-101 to ada@example.com: sent
night 1: invoice 2026-102 to Grace <grace@example.com>: sent
]], done.output)
  assert.same({ "ada@example.com: Invoice 2026-101", "grace@example.com: Invoice 2026-102" }, subjects())
  assert.matches("^Please pay 120%.00 USD: https://1shotpay%.com/", world.outbox[1].text)
  assert.equal(paylink.usd("8.20"), world.links[2].amount)
end)

it("reminds those who have not paid, and nobody else", function()
  world.run("nightly-invoices.lua")
  world.pay("invoice:2026-101")
  local done = world.run("nightly-invoices.lua")
  assert.equal("night 1: reminder 2026-102 to Grace <grace@example.com>: sent\n", done.output)
  assert.equal("grace@example.com: Invoice 2026-102 is still open", subjects()[3])
  world.run("nightly-invoices.lua") -- the same night once more
  assert.equal(3, #world.outbox)
end)

it("sends no mail twice although it is killed between two rows", function()
  world.fault{ endpoint = "create", skip = 1, action = "status", status = 503 } -- so it hangs at the second row
  world.start("nightly-invoices.lua")
  world.advance("1s")
  assert.same({ "ada@example.com: Invoice 2026-101" }, subjects())
  world.pay("invoice:2026-101")
  world.clear_faults()
  local done = world.kill_and_restart():wait()
  assert.equal("night 1: invoice 2026-102 to Grace <grace@example.com>: sent\n", done.output)
  assert.equal(2, #world.outbox)
  assert.equal(2, #world.links)
end)

it("stops at an invoice that the service refuses, and goes on there the next time", function()
  world.fault{ endpoint = "create", skip = 1, action = "status", status = 400, times = 1 }
  local done = world.run("nightly-invoices.lua")
  assert.equal(1, done.status)
  assert.equal("rejected", done.code)
  assert.equal(1, #world.outbox)
  local again = world.run("nightly-invoices.lua")
  assert.equal(0, again.status)
  assert.matches("night 1: invoice 2026%-102 to Grace <grace@example.com>: sent\n$", again.output)
end)
