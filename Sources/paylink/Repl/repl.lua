-- The prompt of `paylink repl`: reads a chunk, runs it in a task of its own, shows what came of it, until there is no more.
-- What is typed is over when its function returns; tasks that it has spawned go on, and end with the session.
local host = ...
host.shield()

local spawn, join, cancel, join_failed, compile = host.spawn, host.join, host.cancel, host.join_failed, host.compile
local globals, xpcall, pcall, rawget, rawset, next, type, select = host.globals, xpcall, pcall, rawget, rawset, next, type, select
local pack, concat, find, match, traceback = table.pack, table.concat, string.find, string.match, debug.traceback

for _, part in ipairs{ "values", "show", "complete" } do
  compile(host.repl_part(part), "=[paylink " .. part .. "]")(host)
end
local show_results, show_failure, show_end = host.show_results, host.show_failure, host.show_end

-- Reading ----------------------------------------------------------------------------------------------------

local NAME = "=repl"

local function is_unfinished(problem) return problem and find(problem, "<eof>$") ~= nil end

-- A chunk's function: of its value if it is an expression, else of its statements, whose own local variables become
-- globals at its end, as what is typed next would not see them otherwise. Or nil, why not, and whether more would help.
local function prepare(text)
  local value, no_value = compile("return " .. text, NAME)
  if value then return value end
  local lines = { text }
  for _, name in ipairs(host.repl_locals(text)) do lines[#lines + 1] = "_ENV." .. name .. " = " .. name end
  local kept = #lines > 1 and compile(concat(lines, "\n"), NAME)
  if kept then return kept end
  local statements, problem = compile(text, NAME)
  return statements, problem, is_unfinished(no_value) or is_unfinished(problem)
end

local function asks_to_end(text)
  local word = match(text, "^%s*(%l+)%s*$")
  return (word == "exit" or word == "quit") and rawget(globals, word) == nil
end

-- The next chunk's function, or nil at the end.
local function read()
  while true do
    local text, why = host.repl_read(false)
    if text and asks_to_end(text) or why == "end" then return nil end
    while text do
      local run, problem, wants_more = prepare(text)
      if run then return run end
      local line
      if wants_more then line, why = host.repl_read(true) end
      if line == nil and why ~= "interrupted" then show_failure(problem) end
      if why == "end" then return nil end
      text = line and text .. "\n" .. line
    end
  end
end

-- Running ----------------------------------------------------------------------------------------------------

local evaluations, count = {}, 0 -- those that have not ended, by their numbers
local at_prompt, is_ending = true, false

local room = host.room

local function described(value)
  room(true)
  return { value = value, trace = traceback() }
end

local function with_room(...)
  room(true)
  return ...
end

-- So many calls one in the other have their frames then.
local function deepen(levels)
  if levels > 0 then deepen(levels - 1) end
  return levels
end

-- What was typed has the script's memory and no more; what leads there and back has some left even when that is full, and
-- a few calls have, so that `data = nil` can be typed.
local function call(run, ...)
  deepen(10)
  room(false)
  return with_room(run(...))
end

-- Runs what was typed; what it shows may call what a script has defined, and so can be stopped as well.
local function evaluate(number, run, ...)
  local results = pack(xpcall(call, described, run, ...))
  if results[1] then
    if results.n > 1 and results[2] ~= nil then rawset(globals, "_", results[2]) end
    show_results(results)
  elseif type(results[2]) == "table" then
    show_failure(results[2].value, results[2].trace)
  else
    show_failure(results[2])
  end
  host.repl_returned(number)
end

-- Owns an evaluation and joins it before it begins, so that nothing it does ends more than itself. Tells how it has ended
-- if it did not come to its own end.
local function watch(number, run, ...)
  local evaluation = spawn(evaluate, number, run, ...)
  room(true, evaluation)
  evaluations[number] = evaluation
  local _, err = join(evaluation)
  evaluations[number] = nil
  if join_failed(evaluation) and not is_ending then show_end(err) end
  host.repl_returned(number)
end

local function run_to_its_end(run, ...)
  count = count + 1
  host.forget_interrupt()
  host.repl_begin(count)
  host.shield(spawn(watch, count, run, ...))
  at_prompt = false
  host.repl_wait(count)
  at_prompt = true
end

-- The session ------------------------------------------------------------------------------------------------

local interrupter = spawn(function()
  while true do
    host.repl_interrupt()
    if not at_prompt and evaluations[count] then cancel(evaluations[count]) end
  end
end)

local completer = spawn(function()
  while true do
    local before = host.repl_complete()
    local ok, length, names = pcall(host.complete, before)
    if ok then host.repl_completed(length, names) else host.repl_completed(0, {}) end
  end
end)

host.shield(interrupter)
host.shield(completer)

if host.repl_has_payer() then
  rawset(globals, "pay", host.define{
    name = "pay",
    summary = "Pays a link of the session's own sandbox.",
    parameters = { { "link", "link", "a link or its id" },
      { "amount", "amount", "what is paid; the link's own amount if absent", optional = true } },
    returns = "what was paid; or `nil, err`",
    fn = function(link, amount)
      if amount ~= nil then amount = host.use("paylink").usd(amount) end
      local paid, problem = host.repl_pay(type(link) == "table" and rawget(link, "id") or link, amount)
      if not paid then return host.fail("pay", { code = "refused", message = problem, retryable = false }) end
      host.succeeded()
      return paid
    end,
  })
end

local text, name = host.repl_script()
if text then
  local run, problem = compile(text, name)
  if run then run_to_its_end(run, table.unpack(globals.arg)) else show_failure(problem) end
end

while true do
  local run = read()
  if not run then break end
  run_to_its_end(run)
end

is_ending = true
for _, evaluation in next, evaluations do cancel(evaluation) end
cancel(interrupter)
cancel(completer)
