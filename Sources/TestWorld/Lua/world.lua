-- `world`: what a test does to the world around it, and what it sees of that. Every test has a world of its own, in which
-- the clock jumps to what is due next.
local host = ...

local define, misuse, sleep = host.define, host.misuse, host.sleep
local getmetatable, ipairs, type, next, tostring, setmetatable, format, floor =
  getmetatable, ipairs, type, next, tostring, setmetatable, string.format, math.floor
local math_type = math.type
local json = host.use("json")

local world = {}

-- A duration, if one is given.
local function checked_duration(call, name, value)
  if value ~= nil and not host.duration(value) then
    misuse(format("%s: %s: '%s' is no duration: write 90s, 15m or 7d", call, name, tostring(value)))
  end
  return value
end

-- The id of a link, its key or its address, whichever is given.
local function named(call, link)
  if type(link) == "table" then link = link.id end
  if type(link) ~= "string" then misuse(format("%s: give a link, its id or its key", call)) end
  return link
end

-- What an operation refuses is an error at the test's line.
local function must(call, ok, message)
  if ok == nil then misuse(format("%s: %s", call, tostring(message))) end
  return ok
end

-- Scripts under test --------------------------------------------------------------------------------------

local newest -- of world.start
local Process = { __name = "process" }
Process.__index = Process

local function start(call, script, arguments, options)
  if type(script) ~= "string" then misuse(format("%s: the script must be a path, not a %s", call, type(script))) end
  for i = 1, #arguments do
    local kind = type(arguments[i])
    if kind ~= "string" and kind ~= "number" then
      misuse(format("%s: argument %d of the script is a %s: give text", call, i, kind))
    end
    arguments[i] = tostring(arguments[i])
  end
  local number, problem = host.world_start(script, arguments, options.stdin, options.watch, options.job, options.slot,
    options.dry_run == true, options.max_links, options.directory)
  must(call, number, problem)
  return setmetatable({ number = number, script = script }, Process)
end

local function ended(process)
  local status, output, errors, killed, code = host.world_join(process.number)
  return { status = status, output = output, errors = errors, killed = killed, code = code }
end

-- The script and its arguments, given as such or in one table beside options.
local options_of_script = { stdin = "string", dry_run = "boolean", max_links = "integer", directory = "string" }
local function order(call, script, ...)
  if type(script) ~= "table" then return script, { ... }, {} end
  local arguments, options = {}, {}
  for i = 2, #script do arguments[i - 1] = script[i] end
  for key, value in next, script do
    if type(key) == "string" then
      if not options_of_script[key] then
        misuse(format("%s: unknown option '%s'%s", call, key, host.suggestion(key, options_of_script)))
      end
      if options_of_script[key] == "integer" and (math_type(value) ~= "integer" or value < 0) then
        misuse(format("%s: option '%s' must be an integer of at least 0", call, key))
      elseif options_of_script[key] ~= "integer" and type(value) ~= options_of_script[key] then
        misuse(format("%s: option '%s' must be a %s, not a %s", call, key, options_of_script[key], type(value)))
      end
      options[key] = value
    end
  end
  return script[1], arguments, options
end

local result = "a table of `status` (as `paylink run` would end), `output`, `errors` (messages and why it failed), `code` (of the "
  .. "error that it died of) and `killed`"

world.run = define{
  name = "world.run",
  summary = "Runs a script with its arguments to its end. It is looked for in the test's folder, then in the working directory. "
    .. "In place of the words it takes one table: `world.run{ \"checkout.lua\", \"order-1\", stdin = \"…\", dry_run = true, max_links = 1, "
    .. "directory = world.folder() }`: `directory` is where its relative paths begin.",
  parameters = { { "script", "any", "its path" }, { "...", "any", "its arguments" } },
  returns = result,
  example = 'local done = world.run("checkout.lua", "order-1")\nassert.equal(0, done.status)',
  fn = function(...) return ended(start("world.run", order("world.run", ...))) end,
}

world.start = define{
  name = "world.start",
  summary = "Starts a script and goes on beside it.",
  parameters = { { "script", "any", "its path, or a table as for `world.run`" }, { "...", "any", "its arguments" } },
  returns = "a process: `process:wait()` gives what `world.run` gives, `process:kill()` ends it as SIGKILL would, `process:finish()` as SIGTERM",
  example = 'local shop = world.start("checkout.lua")\nworld.advance("1h")\nshop:kill()',
  fn = function(...)
    newest = start("world.start", order("world.start", ...))
    return newest
  end,
}

Process.wait = ended
function Process:kill() host.world_kill(self.number) end
function Process:finish() host.world_finish(self.number) end

world.watch = define{
  name = "world.watch",
  summary = "Runs a script as `paylink watch` would, for so long; then it is asked to end, and its follow-ups finish.",
  parameters = { { "script", "string", "its path" }, { "options", "table", "see below" } },
  options = { { "for_", "duration", "how long it watches", required = true }, { "name", "string", "the watch's name; the script's if absent" },
    { "directory", "string", "where its relative paths begin" } },
  returns = result,
  example = 'world.watch("fulfil.lua", { for_ = "7d" })',
  fn = function(script, options)
    checked_duration("world.watch", "for_", options.for_)
    local process = start("world.watch", script, {}, { watch = options.name or script, directory = options.directory })
    sleep(options.for_)
    process:finish()
    return ended(process)
  end,
}

world.job = define{
  name = "world.job",
  summary = "Runs a script as a run of a job: `run.job` and `run.slot` are what is given.",
  parameters = { { "script", "string", "its path" }, { "options", "table", "see below", optional = true } },
  options = { { "job", "string", "its name; `job` if absent" }, { "slot", "integer", "Unix seconds; now if absent" },
    { "directory", "string", "where its relative paths begin" } },
  returns = result,
  example = 'world.job("report.lua", { slot = 1767600000 })',
  fn = function(script, options)
    options = options or {}
    local slot = options.slot or floor(host.world_time())
    return ended(start("world.job", script, {}, { job = options.job or "job", slot = slot, directory = options.directory }))
  end,
}

world.kill_and_restart = define{
  name = "world.kill_and_restart",
  summary = "Kills a script as SIGKILL would and starts it again with the same arguments.",
  parameters = { { "process", "table", "what `world.start` gave; the newest if absent", optional = true } },
  returns = "the new process",
  example = 'world.start("checkout.lua", "order-1")\nworld.advance("5s")\nlocal again = world.kill_and_restart()',
  fn = function(process)
    if process ~= nil and getmetatable(process) ~= Process then
      misuse("world.kill_and_restart: that is no process of world.start")
    end
    process = process or newest
    if not process then misuse("world.kill_and_restart: no script was started") end
    local number = must("world.kill_and_restart", host.world_restart(process.number))
    newest = setmetatable({ number = number }, Process)
    return newest
  end,
}

world.advance = define{
  name = "world.advance",
  summary = "Lets so much time pass. `sleep` does the same.",
  parameters = { { "duration", "duration", "how long" } },
  returns = "nothing",
  example = 'world.advance("3d")',
  fn = function(duration)
    if not host.duration(duration) then misuse(format("world.advance: '%s' is no duration", tostring(duration))) end
    sleep(duration)
  end,
}

-- What happens at the service -----------------------------------------------------------------------------

world.pay = define{
  name = "world.pay",
  summary = "The customer pays.",
  parameters = { { "link", "any", "a link, its id or its key" }, { "options", "table", "see below", optional = true } },
  options = {
    { "amount", "amount", "how much; all of it if absent" }, { "after", "duration", "when, from now on; at once if absent" },
    { "late", "boolean", "even though the link's time is over" },
    { "hidden", "duration", "for how long the service counts it and does not show it" },
  },
  returns = "nothing",
  example = 'world.pay("order-1", { after = "3d" })',
  fn = function(link, options)
    options = options or {}
    local amount = options.amount
    if amount ~= nil then amount = host.use("paylink").usd(amount) end
    must("world.pay", host.world_pay(named("world.pay", link), amount, checked_duration("world.pay", "after", options.after),
      options.late == true, checked_duration("world.pay", "hidden", options.hidden)))
  end,
}

for _, ending in ipairs{
  { "archive", "archived", "The merchant archives a link on the service's website." },
  { "expire", "expired", "A link's time is over at once." },
  { "dismiss", "ignored", "The payer whom a link names dismisses it." },
} do
  local name, how = ending[1], ending[2]
  local call = "world." .. name
  world[name] = define{
    name = call,
    summary = ending[3],
    parameters = { { "link", "any", "a link, its id or its key" } },
    returns = "nothing",
    example = format('%s("order-1")', call),
    fn = function(link) must(call, host.world_end(named(call, link), how)) end,
  }
end

world.fault = define{
  name = "world.fault",
  summary = "Something goes wrong at the service: a rule as `paylink sandbox --fault` takes it (`docs/sandbox.md`).",
  parameters = { { "rule", "table", "`action`, `endpoint`, `times` and the others" } },
  returns = "nothing",
  example = 'world.fault{ endpoint = "create", action = "reset_after_commit", times = 1 }',
  fn = function(rule) must("world.fault", host.world_fault(json.encode(rule))) end,
}

world.clear_faults = define{
  name = "world.clear_faults", summary = "From now on the service works.", parameters = {}, returns = "nothing",
  example = "world.clear_faults()", fn = function() host.world_clear_faults() end,
}

-- Surroundings --------------------------------------------------------------------------------------------

world.secret = define{
  name = "world.secret",
  summary = "A secret that scripts may name.",
  parameters = { { "name", "string", "its name" }, { "value", "string", "what it is" } },
  returns = "nothing",
  example = 'world.secret("WEBHOOK_KEY", "whsec_MDEyMzQ1Njc4OWFiY2RlZg==")',
  fn = function(name, value) host.world_set("secret", name, value) end,
}

world.setenv = define{
  name = "world.setenv",
  summary = "A variable in the environment of scripts that are started from now on.",
  parameters = { { "name", "string", "its name" }, { "value", "string", "what it is" } },
  returns = "nothing",
  example = 'world.setenv("SHOP", "berlin")',
  fn = function(name, value) host.world_set("variable", name, value) end,
}

world.folder = define{
  name = "world.folder",
  summary = "A folder of this test's own, in which scripts that are started from now on may write; it goes with the test.",
  parameters = {},
  returns = "its path",
  example = 'local orders = world.folder() .. "/orders.csv"',
  fn = function() return must("world.folder", host.world_folder()) end,
}

host.define_handlers(world)
host.define_batch(world, must, ended)

-- What was sent: mails, requests to the service, the service's own view of the links, and what the ledger holds.
local lists = { outbox = "mails", requests = "requests", links = "links", ledger = "ledger" }

host.module_table("world", world, function(_, key)
  local what = lists[key]
  if what then
    host.load_module("money") -- amounts are money
    return host.world_seen(what)
  end
  local known = {}
  for name in next, world do known[name] = true end
  for name in next, lists do known[name] = true end
  misuse(format("world.%s does not exist%s", tostring(key), host.suggestion(key, known)))
end, function(_, key) misuse(format("world.%s cannot be set: it says what there is", tostring(key))) end)
