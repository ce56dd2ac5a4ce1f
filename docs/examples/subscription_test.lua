-- subscription.lua: two subscribers (subscribers.csv), one of whom pays at once. Each day of the world begins with the job.
local function mails(to)
  local list = {}
  for _, mail in ipairs(world.outbox) do
    if mail.to[1] == to then list[#list + 1] = mail.subject end
  end
  return list
end

local function days(count)
  for _ = 1, count do
    assert.equal(0, world.job("subscription.lua", { job = "subscription" }).status)
    world.advance("1d")
  end
end

describe("a month of the tea club", function()
  local ben = "club:2026-01:ben@example.com"

  before_each(function()
    days(1)
    world.pay("club:2026-01:ada@example.com")
  end)

  it("begins with a link for each, and ends for whoever pays", function()
    assert.equal(2, #world.links)
    assert.equal(paylink.usd("12.50"), world.links[2].amount)
    assert.near(13 * 24 * 3600, world.links[1].expires_at - os.time(), 60)
    days(20)
    assert.same({ "Your tea of 2026-01" }, mails("ada@example.com"))
    assert.matches("^9%.00 USD for Tea club 2026%-01: https://", world.outbox[1].text)
  end)

  it("reminds twice, and then tells the owner, once", function()
    days(4)
    assert.equal(1, #mails("ben@example.com"))
    days(1)
    assert.equal(2, #mails("ben@example.com"))
    days(4)
    assert.equal(2, #mails("ben@example.com"))
    days(1)
    assert.equal(3, #mails("ben@example.com"))
    days(10)
    assert.same({ "Your tea of 2026-01", "Reminder: your tea of 2026-01", "Last reminder: your tea of 2026-01" }, mails("ben@example.com"))
    assert.same({ "ben@example.com has not paid" }, mails("owner@example.com"))
    days(8) -- into February, which has links of its own
    assert.equal(4, #world.links)
    assert.equal(1, #mails("owner@example.com"))
    assert.equal("Your tea of 2026-02", mails("ada@example.com")[2])
  end)

  it("tells the owner what came short, and what came late", function()
    world.pay(ben, { amount = "10" })
    days(2)
    assert.same({ "ben@example.com paid 2.50 USD too little" }, mails("owner@example.com"))
  end)

  it("tells the owner who has paid after all", function()
    days(16)
    world.pay(ben, { late = true })
    days(2)
    assert.same({ "ben@example.com has not paid", "ben@example.com has paid after all" }, mails("owner@example.com"))
  end)

  it("catches up with a reminder that nobody was there to send, and sends none twice on a day", function()
    world.advance("6d")
    for _ = 1, 2 do world.job("subscription.lua") end
    assert.same({ "Your tea of 2026-01", "Reminder: your tea of 2026-01" }, mails("ben@example.com"))
  end)

  it("says that something is left when the service is away, and sends it the next day", function()
    world.advance("5d")
    world.fault{ endpoint = "get", action = "status", status = 503 }
    local done = world.job("subscription.lua")
    assert.equal(75, done.status)
    assert.matches("ben@example.com", done.errors)
    world.clear_faults()
    days(1)
    assert.equal("Reminder: your tea of 2026-01", mails("ben@example.com")[2])
  end)
end)

it("asks for another price from the next month on", function()
  local folder, examples = world.folder(), arg[0]:match("^(.*/)") or ""
  local function write(name, text)
    local file <close> = assert(io.open(folder .. "/" .. name, "w"))
    file:write(text)
  end
  local original <close> = assert(io.open(examples .. "subscription.lua"))
  write("subscription.lua", original:read("a"))
  for _, price in ipairs{ "9", "10" } do
    write("subscribers.csv", "email,monthly\nada@example.com," .. price .. "\n")
    assert.equal("ada@example.com: 9.00 USD\n", world.job(folder .. "/subscription.lua").output)
  end
  world.advance("30d")
  assert.equal("ada@example.com: 10.00 USD\n", world.job(folder .. "/subscription.lua").output)
end)

it("sends no mail twice although it is killed between two subscribers", function()
  world.fault{ endpoint = "create", skip = 1, action = "status", status = 503 }
  local process = world.start("subscription.lua")
  world.advance("1s")
  process:kill()
  world.advance("1s") -- what it had sent is answered by now
  world.clear_faults()
  assert.equal(0, world.run("subscription.lua").status)
  assert.equal(2, #world.links)
  assert.equal(2, #world.outbox)
end)
