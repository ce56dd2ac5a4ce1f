-- Mail servers, the ledger, working directories, and what a handler may answer.
local function send() return mail.send{ to = { "a@x.test", "b@x.test" }, subject = "Hello", text = "Hi" } end

describe("a mail server", function()
  it("takes everything, unless it is told otherwise", function()
    assert(send())
    assert.equal("Hello", world.outbox[1].subject)
  end)

  it("refuses, fails, or leaves it open", function()
    for _, code in ipairs{ "mail_refused", "mail_failed", "mail_in_doubt" } do
      world.mail(code)
      local _, err = send()
      assert.equal(code, err.code)
      assert.equal(code == "mail_failed", err.retryable)
    end
    assert.equal(0, #world.outbox)
    world.mail(nil)
    assert(send())
  end)

  it("refuses one of two", function()
    world.mail{ refused = { "b@x.test" }, message = "no such user" }
    local sent = assert(send())
    assert.equal("b@x.test", sent.refused[1].address)
    world.mail{ refused = { "a@x.test", "b@x.test" } }
    assert.equal("mail_refused", select(2, send()).code)
  end)

  it("decides for each mail, and takes its time", function()
    local tries = spy.new(function(message)
      sleep("5s")
      return message.subject == "Hello" and "mail_failed" or nil
    end)
    world.mail(tries)
    local begun = os.time()
    assert.equal("mail_failed", select(2, send()).code)
    assert.equal(5, os.time() - begun)
    assert.spy(tries).was.called(1)
  end)
end)

describe("the ledger", function()
  it("says how far each link has come", function()
    assert(paylink.create{ key = "tea", amount = "5", description = "Tea" })
    world.pay("tea")
    assert(assert(paylink.find("tea")):wait())
    assert.equal(nil, (paylink.create{ key = "bad", amount = "5", description = "Tea", payer = "x" }))
    local row = world.ledger[1]
    assert.same({ "tea", "done", paylink.usd("5"), "Tea", 1, 0 },
      { row.key, row.state, row.amount, row.description, row.attempts, row.possible_orphans })
    assert.equal(world.links[1].id, row.id)
    assert.same({ 1, paylink.usd("5") }, { row.payments, row.received })
    assert.equal(os.time(), row.created_at)
  end)

  it("says what is in doubt", function()
    world.fault{ endpoint = "create", action = "reset_after_commit" }
    local process = world.start("checkout.lua", "order-1")
    sleep("1s")
    process:kill()
    assert.equal("in_doubt", world.ledger[1].state)
    assert.is_nil(world.ledger[1].id)
  end)
end)

describe("a working directory", function()
  it("is where relative paths begin", function()
    local script = world.folder() .. "/writes.lua"
    local file <close> = assert(io.open(script, "w"))
    file:write([[
      local out = assert(io.open("out.txt", "w"))
      out:write("done"):close()
      assert(csv.append("log.csv", { a = 1 }, { columns = { "a" } }))
      assert(os.rename("out.txt", "end.txt"))
      print(assert(io.open("end.txt")):read("a"), io.open("out.txt"))
    ]]):flush()
    local done = world.run{ script, directory = world.folder() }
    assert.matches("^done\tnil\tout%.txt: ", done.output, done.errors)
    assert.truthy(io.open(world.folder() .. "/log.csv"))
  end)

  it("is as good as any other for what is refused", function()
    local script = world.folder() .. "/writes.lua"
    local file <close> = assert(io.open(script, "w"))
    file:write('print(io.open("../out.txt", "w"))'):flush()
    local done = world.run{ script, directory = world.folder() }
    assert.matches("^nil\t", done.output)
  end)
end)

describe("options of scripts", function()
  it("are checked", function()
    for _, options in ipairs{ { max_links = -1 }, { max_links = 1.5 }, { dry_run = 1 }, { stdin = 3 }, { max_lnks = 1 } } do
      options[1] = "checkout.lua"
      assert.error_matches(function() world.run(options) end, "world%.run: .*option")
    end
  end)
end)

describe("a payment that is not shown", function()
  it("is taken at the service's word after some looks, and shown later", function()
    local link = assert(paylink.create{ key = "tea", amount = "5", description = "Tea" })
    world.pay(link, { hidden = "1h" })
    local begun = os.time()
    local paid = assert(link:wait())
    assert.is_nil(paid.payment)
    assert.is_true(os.time() - begun < 600)
    world.advance("2h")
    assert.equal(paylink.usd("5"), assert(link:refresh()).payment.amount)
  end)
end)
