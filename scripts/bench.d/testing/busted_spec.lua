-- The same under busted, with a fake clock, service and mail written by hand: what a user has to write, and it knows
-- nothing of polling, expiry, the ledger or other processes.
local function new_world()
  local world = { now = 0, events = {}, links = {}, outbox = {} }
  function world.at(delay, fn)
    table.insert(world.events, { due = world.now + delay, fn = fn })
    table.sort(world.events, function(a, b) return a.due < b.due end)
  end
  function world.sleep(delay)
    world.at(delay, coroutine.running())
    coroutine.yield()
  end
  function world.step()
    local event = table.remove(world.events, 1)
    if not event then return false end
    world.now = event.due
    if type(event.fn) == "thread" then assert(coroutine.resume(event.fn)) else event.fn() end
    return true
  end
  local durations = { d = 86400, h = 3600, m = 60, s = 1 }
  local function seconds(text)
    local number, unit = text:match("^(%d+)([dhms])$")
    return tonumber(number) * durations[unit]
  end
  world.environment = setmetatable({
    paylink = { create = function(terms)
      local link = { status = "active", amount = terms.amount, expires = world.now + seconds(terms.expires_in) }
      function link:wait(options)
        local last = world.now + seconds(options.timeout)
        while self.status == "active" and world.now < last do world.sleep(30) end
        if self.status == "paid" then return self end
        return nil, { code = "timeout" }
      end
      table.insert(world.links, link)
      if world.customer then world.at(0, coroutine.create(function() world.customer(link) end)) end
      return link
    end },
    mail = { send = function(message)
      table.insert(world.outbox, message)
      return true
    end },
    os = setmetatable({ exit = function(status) error({ exit = status }) end }, { __index = os }),
  }, { __index = _G })
  function world.run(path, ...)
    local chunk = assert(loadfile(path, "t", world.environment))
    local status
    local arguments = table.pack(...)
    world.at(0, coroutine.create(function()
      local ok, problem = pcall(chunk, table.unpack(arguments, 1, arguments.n))
      status = ok and 0 or type(problem) == "table" and problem.exit or 1
    end))
    while status == nil and world.step() do end
    return status
  end
  return world
end

for i = 1, 1000 do
  it("is paid after three days " .. i, function()
    local world = new_world()
    world.customer = function(link)
      world.sleep(3 * 86400)
      link.status = "paid"
    end
    assert.equal(0, world.run("checkout.lua", "order-" .. i))
    assert.equal("Receipt order-" .. i, world.outbox[1].subject)
  end)
end
