-- daily-report.lua: what a day has brought. It writes report.csv where it is started: in the test's own folder.
describe("a report", function()
  local function run() return world.run{ "daily-report.lua", directory = world.folder() } end

  local function order(key, amount, paid)
    assert(paylink.create{ key = key, amount = amount, description = "Order " .. key, expires_in = "15m" })
    world.pay(key, { amount = paid })
  end

  it("counts what was paid in full, too much and short, and mails it", function()
    order("full", "12.50", "12.50")
    order("over", "8.20", "12.50")
    order("short", "40", "12.50")
    local done = run()
    assert.equal(0, done.status)
    local report = [[
received          3  37.50 USD
paid in full      2
  too much        1  4.30 USD
  after expiry    0
paid short        1  27.50 USD missing]]
    assert.equal(report .. "\nsent to owner@example.com\n", done.output)
    local mail = world.outbox[1]
    assert.equal(report, mail.text)
    assert.equal("Received on 2026-01-05", mail.subject)
    assert.equal("report.csv", mail.attachments[1].name)
    assert.matches("\nshort,40.00,12.50,27.50,,no,2026%-01%-05 ", mail.attachments[1].data)
  end)

  it("is of the day before, in the morning, and is sent once", function()
    order("yesterday", "12.50")
    world.advance("1d")
    order("today", "5")
    for _ = 1, 2 do
      assert.matches("received +1  12.50 USD", world.job("daily-report.lua", { directory = world.folder() }).output)
      world.advance("1h")
    end
    assert.equal(1, #world.outbox)
    assert.equal("Received on 2026-01-05", world.outbox[1].subject)
  end)

  it("tells of payments that came after the link's time", function()
    assert(paylink.create{ key = "late", amount = "5", description = "Tea", expires_in = "15m" })
    world.advance("1h")
    world.pay("late", { late = true })
    assert.matches("\n  after expiry    1\n", run().output)
  end)

  it("says what it could not look at when the service fails", function()
    assert(paylink.create{ key = "open", amount = "5", description = "Tea" })
    world.fault{ endpoint = "get", action = "status", status = 500 }
    local done = run()
    assert.equal(0, done.status)
    assert.matches("\nnot looked at     1  their payments are not in here\n", done.output)
    assert.matches("not seen .*key=open", done.errors)
  end)
end)
