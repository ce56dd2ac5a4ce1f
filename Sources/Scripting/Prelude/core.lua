-- The basis of the Lua API: `define`, which keeps each function's name, parameters, documentation and code
-- in one table and checks its arguments from it; errors as values. Modules and globals are in modules.lua.
local host = ...

-- The prelude's own environment: the standard functions as they are before the script runs, whatever a script does to
-- its globals and libraries later. Every file of the prelude runs in it, whenever it is loaded (lh_set_environment).
local globals = _G
local environment = {}
for name, value in next, globals do
  if type(value) == "table" and value ~= globals then
    local library = {}
    for key, member in next, value do library[key] = member end
    value = library
  end
  environment[name] = value
end
environment._G = nil
setmetatable(environment, { __index = function(_, name) error("the prelude has no " .. name) end })
host.globals, host.prelude_environment = globals, environment
local _ENV = environment

local type, next, select, tostring, rawget, setmetatable =
  type, next, select, tostring, rawget, setmetatable
local math_type, concat, sort, format = math.type, table.concat, table.sort, string.format
local byte, sub, find, min = string.byte, string.sub, string.find, math.min
local misuse, unbox, secret_parts = host.misuse, host.unbox, host.secret_parts

host.api = {}  -- every definition, in order of definition

-- What never changes while a script runs: its name and arguments, whether it is untrusted, which file makes which global,
-- and the facts of its job, if it is one.
host.facts = table.pack(host.facts())

-- A script must not add a finalizer to a metatable that C sets, nor change what is in it.
for _, name in next, { "box_metatable", "array_metatable", "null_metatable", "handle_metatable", "secret_metatable",
  "error_metatable" } do
  host[name].__metatable = false
end

-- Near-miss names ------------------------------------------------------------------------------------------

local function distance(a, b)
  local previous, before = {}, nil
  for j = 0, #b do previous[j] = j end
  for i = 1, #a do
    local current = { [0] = i }
    for j = 1, #b do
      local cost = byte(a, i) == byte(b, j) and 0 or 1
      local d = min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + cost)
      if before and i > 1 and j > 1 and byte(a, i) == byte(b, j - 1) and byte(a, i - 1) == byte(b, j) then
        d = min(d, before[j - 2] + 1)
      end
      current[j] = d
    end
    previous, before = current, previous
  end
  return previous[#b]
end

-- " (did you mean 'amount'?)", or "" when no name is near. `names` has the names as keys.
local function suggestion(name, names)
  if type(name) ~= "string" or #name > 40 then return "" end
  local best, least = nil, #name <= 4 and 2 or 3
  for candidate in next, names do
    if type(candidate) == "string" then
      local d = distance(name, candidate)
      if d < least or (d == least and best and candidate < best) then best, least = candidate, d end
    end
  end
  return best and format(" (did you mean '%s'?)", best) or ""
end
host.suggestion = suggestion

-- Errors as values -----------------------------------------------------------------------------------------

local Err = host.error_metatable
local err_fields = { code = true, message = true, status = true, retryable = true, retry_after = true, link = true, payable = true, cause = true,
  sent = true, response = true, result = true, late_until = true,
  field = true, possible_orphans = true, line = true, column = true }
host.fields = { error = err_fields } -- by class: which fields its values may have
Err.__index = function(_, key)
  if not err_fields[key] then misuse(format("an error has no field '%s'%s", tostring(key), suggestion(key, err_fields))) end
end
Err.__name = "error"
function Err.__tostring(err)
  local code, message = rawget(err, "code"), rawget(err, "message")
  return format("%s: %s", tostring(code or "error"), tostring(message or "no message"))
end

local is_noted = false

-- A call succeeded: an earlier failure was dealt with.
function host.succeeded()
  if is_noted then
    is_noted = false
    host.note(nil)
  end
end

-- Gives nil, err, and keeps a note for the report in case the script ignores it. A call whose results nobody can look
-- at, since it is a statement, is told at the end of the run.
function host.fail(call, err)
  setmetatable(err, Err)
  local where = host.where()
  local place = where ~= "" and call .. " at " .. where or call
  is_noted = true
  host.note(format("%s had failed: %s", place, tostring(err)))
  -- Nothing is really done in a dry run, so nothing is missing.
  if host.is_discarded() and rawget(err, "code") ~= "dry_run" then host.ignored(place, tostring(err)) end
  return nil, err
end

-- Definitions ----------------------------------------------------------------------------------------------

local function kind_of(value)
  local kind = type(value)
  if kind == "userdata" then
    if unbox(value) then return "money" end
    if secret_parts(value) then return "secret" end
  end
  if kind == "number" then return math_type(value) == "integer" and "integer" or "number" end
  return kind
end

local accepts = {
  any = function() return true end,
  string = function(v) return type(v) == "string" end,
  boolean = function(v) return type(v) == "boolean" end,
  integer = function(v) return math_type(v) == "integer" end,
  number = function(v) return type(v) == "number" end,
  table = function(v) return type(v) == "table" end,
  ["function"] = function(v) return type(v) == "function" end,
  duration = function(v) return type(v) == "string" or type(v) == "number" end,
  amount = function(v) return type(v) == "string" or type(v) == "number" or unbox(v) ~= nil end,
  text = function(v) return type(v) == "string" or secret_parts(v) ~= nil end,
  link = function(v) return type(v) == "string" or type(v) == "table" end,
  task = host.is_task,
}

local described = {
  duration = "a duration (\"90s\", \"15m\") or a number of seconds",
  amount = "an amount (a decimal string such as \"12.50\", an integer, or paylink.usd(…))",
  link = "a link or its id",
  task = "a task",
  text = "a string or a secret",
  integer = "an integer",
}

local function wanted(kind) return described[kind] or "a " .. kind end

local function check_options(name, spec, options)
  for key, value in next, options do
    local option = type(key) == "string" and spec[key] -- the list of options has numbers for keys
    if not option then
      misuse(format("%s: unknown option '%s'%s", name, tostring(key), suggestion(key, spec)))
    elseif not accepts[option[2]](value) then
      misuse(format("%s: option '%s' must be %s, not a %s", name, key, wanted(option[2]), kind_of(value)))
    end
  end
  for i = 1, #spec do
    local option = spec[i]
    if option.required and options[option[1]] == nil then
      misuse(format("%s: option '%s' is missing", name, option[1]))
    end
  end
end

local function check_argument(name, parameter, position, value)
  local kind, optional = parameter[2], parameter.optional
  if value == nil and optional then return end
  if not accepts[kind](value) then
    if value == nil then
      misuse(format("%s: argument %d (%s) is missing: it must be %s", name, position, parameter[1], wanted(kind)))
    end
    misuse(format("%s: argument %d (%s) must be %s, not a %s", name, position, parameter[1], wanted(kind), kind_of(value)))
  end
end

-- The function with its checks before it. Arguments are passed on as they are.
local function checked(entry)
  local name, parameters, options, fn = entry.name, entry.parameters or {}, entry.options, entry.fn
  if options then
    for i = 1, #options do options[options[i][1]] = options[i] end
  end
  if #parameters == 0 and options then -- the form name{…}
    return function(given)
      if type(given) ~= "table" then
        misuse(format("%s: takes one table of options, as in %s{…}, not a %s", name, name, kind_of(given)))
      end
      check_options(name, options, given)
      return fn(given)
    end
  end
  local count = #parameters
  if count == 0 then return fn end
  if count == 1 and not options then
    local only = parameters[1]
    if only[1] == "..." then return fn end
    local accept = accepts[only[2]]
    return function(a, ...)
      if a == nil or not accept(a) then check_argument(name, only, 1, a) end
      return fn(a, ...)
    end
  end
  local second = parameters[2]
  if count == 2 and second[1] ~= "..." and (entry.options_at or 2) == 2 then -- without a list: a task that waits has a small stack
    local first, accept, accept_second = parameters[1], accepts[parameters[1][2]], accepts[second[2]]
    return function(a, b, ...)
      if a == nil or not accept(a) then check_argument(name, first, 1, a) end
      if b == nil or not accept_second(b) then check_argument(name, second, 2, b) end
      if options and b ~= nil then check_options(name, options, b) end
      return fn(a, b, ...)
    end
  end
  return function(...)
    for i = 1, count do
      local parameter = parameters[i]
      if parameter[1] ~= "..." then check_argument(name, parameter, i, (select(i, ...))) end
    end
    if options then
      local given = select(entry.options_at or count, ...)
      if given ~= nil then check_options(name, options, given) end
    end
    return fn(...)
  end
end

-- Adds a function of the API. `entry` has name, summary, parameters or options, returns, fn; a method's name
-- has a colon. Gives the checked function.
function host.define(entry)
  host.api[#host.api + 1] = entry
  entry.checked = checked(entry)
  return entry.checked
end
