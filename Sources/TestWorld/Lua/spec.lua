-- `paylink test`: describe, it and the hooks, as in busted. A file is loaded once to list its tests and once for each test,
-- in a Lua state of its own, in which that test alone runs. Needs values.lua, assert.lua, words.lua and spy.lua before it.
--
-- What the host gives:
--   host.test_number()     the number of the test to run, in order of definition from 1; nil when they are to be listed
--   host.test_listed(names, tags, pendings, places)
--                          lists with one item for each test: "outer inner name"; its tags, without '#', joined by spaces
--                          ("" for none); whether it is pending and has nothing to run; "file.lua:12", or ""
--   host.test_result(state, message, expected, actual, traceback)
--                          state is "passed", "failed" (an assertion), "error" (any other error) or "pending"; the others
--                          are texts or nil: `traceback` has one line for each frame of the user's files, the innermost first
--   host.where()           "file.lua:12", where the script calls
-- The host calls host.run_spec() in a task of the script once the file's chunk has ended; it calls one of the two once.
local host = ...

local testing, misuse, define, set_global, where = host.testing, host.misuse, host.define, host.set_global, host.where
local error, ipairs, next, pcall, rawequal, rawget, setmetatable, tostring, type, xpcall =
  error, ipairs, next, pcall, rawequal, rawget, setmetatable, tostring, type, xpcall
local find, format, gmatch, match, traceback = string.find, string.format, string.gmatch, string.match, debug.traceback
local concat, insert, remove = table.concat, table.insert, table.remove

local function new_block(name, parent)
  return { name = name, parent = parent, setup = {}, before_each = {}, after_each = {}, teardown = {} }
end

local block = new_block("") -- the one that is being defined: at first the file
local tests = {}            -- each { name, block, fn, is_pending, place }
local running               -- nil while tests are defined; then the name of the part of the test that runs, or "" between them
local finalizers = {}       -- what `finally` was given, the latest last

-- Definitions ----------------------------------------------------------------------------------------------

local function check_is_defining(name)
  if running then
    misuse(format("%s: cannot be called by a test that runs%s: it belongs at the top of the file or in a describe", name,
      running ~= "" and format(" (in '%s')", running) or ""))
  end
end

local function name_in(parent, name)
  return parent.name == "" and name or parent.name .. " " .. name
end

local function add_test(name, fn, is_pending)
  tests[#tests + 1] = { name = name_in(block, name), block = block, fn = fn, is_pending = is_pending, place = where() }
end

local function define_globals(names, entry, make)
  for name in gmatch(names, "%S+") do
    local own = {}
    for key, value in next, entry do own[key] = value end
    own.name, own.fn = name, make(name)
    set_global(name, define(own))
  end
end

define_globals("describe context", {
  summary = "A group of tests; its function is run at once, and defines them. A word such as `#slow` in the name is a tag.",
  parameters = { { "name", "string", "what is tested" }, { "fn", "function", "calls `it`, hooks, and `describe` again" } },
  returns = "nothing",
  example = 'describe("a fee", function()\n  it("is rounded down", function() assert.equal(2, 25 // 10) end)\nend)',
}, function(own)
  return function(name, fn)
    check_is_defining(own)
    local outer = block
    block = new_block(name_in(outer, name), outer)
    fn()
    block = outer
  end
end)

define_globals("it spec test", {
  summary = "A test. It passes when its function returns; it has a world of its own. A word such as `#slow` in the name is a tag.",
  parameters = { { "name", "string", "what must be so" }, { "fn", "function", "the test" } },
  returns = "nothing",
  example = 'it("adds amounts exactly", function()\n  assert.equal(paylink.usd("0.30"), paylink.usd("0.10") + "0.20")\nend)',
}, function(own)
  return function(name, fn)
    check_is_defining(own)
    add_test(name, fn)
  end
end)

-- What is raised has no position: it is no error.
define_globals("pending", {
  summary = "A test that is still to be written, or made to work: it is told, and does not count. Inside a test it ends that one.",
  parameters = { { "text", "string", "what is to be done" }, { "fn", "function", "the test as it is, not run", optional = true } },
  returns = "nothing",
  example = 'pending("refuses a second payment")',
}, function()
  return function(text)
    if running then error(setmetatable({ text = text }, testing.pending_metatable), 0) end
    add_test(text, nil, true)
  end
end)

-- Busted runs setup and teardown once around the tests of a block. Here one test runs in each state, so they run once before
-- and after it, the outermost setup first and the outermost teardown last. The lazy ones are then the same.
for _, hook in next, {
  { "before_each", "before_each", "Runs before each test of this block and of those inside it, the outermost first." },
  { "after_each", "after_each", "Runs after each test of this block and of those inside it, also after a failure; the innermost "
    .. "first." },
  { "setup", "setup lazy_setup", "Runs before the test and all `before_each`: each test has a state of its own." },
  { "teardown", "teardown lazy_teardown", "Runs after the test and all `after_each`, even if it failed." },
} do
  define_globals(hook[2], {
    summary = hook[3],
    parameters = { { "fn", "function", "what to run" } },
    returns = "nothing",
    example = hook[1] .. "(function() end)",
  }, function(own)
    return function(fn)
      check_is_defining(own)
      insert(block[hook[1]], fn)
    end
  end)
end

define_globals("finally", {
  summary = "Inside `it`: runs a function when the test has ended, even if it failed; the latest first, before `after_each`.",
  parameters = { { "fn", "function", "what to run" } },
  returns = "nothing",
  example = 'it("writes a file", function()\n  finally(function() os.remove("out.csv") end)\nend)',
}, function()
  return function(fn)
    if running ~= "it" then misuse("finally: belongs inside the function of an it") end
    insert(finalizers, fn)
  end
end)

-- Listing --------------------------------------------------------------------------------------------------

local function tags_of(name)
  local tags, seen = {}, {}
  for tag in gmatch(" " .. name, "%s#([%w_][%w_.-]*)") do
    if not seen[tag] then insert(tags, tag) end
    seen[tag] = true
  end
  return concat(tags, " ")
end

local function list()
  local names, tags, pendings, places = {}, {}, {}, {}
  for i, test in ipairs(tests) do
    names[i], tags[i], pendings[i], places[i] = test.name, tags_of(test.name), test.is_pending or false, test.place
  end
  host.test_listed(names, tags, pendings, places)
end

-- Running --------------------------------------------------------------------------------------------------

-- Lines of a traceback that are the user's: not of the prelude, of C, or of nothing.
local function users_lines(trace)
  local lines = {}
  for line in gmatch(trace or "", "[^\n]+") do
    line = match(line, "^%s*(.-)%s*$")
    if line ~= "stack traceback:" and not find(line, "^=?%[paylink") and not find(line, "^=?%[C%]")
      and not find(line, "^%(%.%.%.tail calls") then
      insert(lines, line)
    end
  end
  return concat(lines, "\n")
end

local result -- of the test so far; nil while all has passed

local function text_or_nil(value) return type(value) == "string" and value or nil end

-- A failure of a hook does not hide one before it; a pending test is overruled by either.
local function add_result(part, err, trace)
  local next_one
  local refused = testing.refused -- by a plain assert, which raises the value it is given
  if testing.is_pending(err) then
    next_one = { state = "pending", message = rawget(err, "text") }
  elseif type(err) == "table" and rawget(err, "assertion") == true then
    next_one = { state = "failed", message = tostring(rawget(err, "message")), expected = text_or_nil(rawget(err, "expected")),
      actual = text_or_nil(rawget(err, "actual")) }
  else
    local ok, text = pcall(host.describe, err)
    next_one = { state = refused and rawequal(refused.value, err) and "failed" or "error",
      message = ok and text or format("the error is a %s that cannot be shown", type(err)) }
  end
  next_one.trace = users_lines(trace)
  if part ~= "it" and next_one.state ~= "pending" then next_one.message = format("in %s: %s", part, next_one.message) end
  if not result or result.state == "pending" and next_one.state ~= "pending" then
    result = next_one
  elseif next_one.state ~= "pending" then
    result.message = result.message .. "\nthen " .. next_one.message
  end
end

-- Runs a part of the test, and gives whether it came to its end.
local function run(part, fn)
  local trace
  running, testing.refused = part, nil
  local ok, err = xpcall(fn, function(err)
    trace = traceback("", 2)
    return err
  end)
  running = ""
  if not ok then add_result(part, err, trace) end
  return ok
end

local function run_all(part, hooks)
  for i = 1, #hooks do run(part, hooks[i]) end
end

local function run_until_failure(part, hooks)
  for i = 1, #hooks do
    if not run(part, hooks[i]) then return false end
  end
  return true
end

-- A block whose setup or before_each was begun gets its teardown or after_each.
local function run_test(test)
  local blocks = {}
  local around = test.block
  while around do
    insert(blocks, 1, around)
    around = around.parent
  end
  local set_up, prepared, is_ready = 0, 0, true
  while is_ready and set_up < #blocks do
    set_up = set_up + 1
    is_ready = run_until_failure("setup", blocks[set_up].setup)
  end
  while is_ready and prepared < #blocks do
    prepared = prepared + 1
    is_ready = run_until_failure("before_each", blocks[prepared].before_each)
  end
  if is_ready then
    run("it", test.fn)
    while #finalizers > 0 do run("finally", remove(finalizers)) end
  end
  for i = prepared, 1, -1 do run_all("after_each", blocks[i].after_each) end
  for i = set_up, 1, -1 do run_all("teardown", blocks[i].teardown) end
  testing.revert_spies()
end

function host.run_spec()
  running = ""
  local number = host.test_number()
  if not number then return list() end
  local test = tests[number]
  if not test then
    host.test_result("error", format("there is no test %d: the file defined %d this time, and must define the same each time",
      number, #tests))
  elseif test.is_pending then
    host.test_result("pending")
  else
    run_test(test)
    if result then
      host.test_result(result.state, result.message, result.expected, result.actual, result.trace)
    else
      host.test_result("passed")
    end
  end
end
