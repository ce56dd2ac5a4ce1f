-- paylink.once: what must happen once, recorded before and after.
local host, paylink = ...

local define, misuse, fail, succeeded = host.define, host.misuse, host.fail, host.succeeded
local host_once, once_end, once_leave, describe = host.once, host.once_end, host.once_leave, host.describe
local type, tostring, pcall, error, setmetatable, format = type, tostring, pcall, error, setmetatable, string.format
local encode, decode = host.use("json").encode, host.use("json").decode

local modes = { at_most = true, at_least = true, check = true }

-- Records what came of it. A result that JSON cannot hold is a mistake of the script, but the effect has happened: it is
-- given as a third value. The fourth says that the ledger has not taken it yet, and the run keeps it.
local function record(row, value)
  local text, problem
  if value ~= nil then
    local encoded
    encoded, text, problem = pcall(encode, value)
    if not encoded then text, problem = nil, text end
  end
  local ok, err = once_end(row, true, text)
  if not ok then
    local _, failure = fail("paylink.once", err)
    return nil, failure, nil, true
  end
  succeeded()
  if text then return decode(text), false end
  return true, false, problem
end

-- The function said that it failed.
local function record_failure(row, problem) once_end(row, false, describe(problem)) end

-- Runs the effect of a key, or not. Gives its result, whether it had run before, and why the result is not recorded where
-- it is not; or nil and an error, and as a fourth value whether it has happened and its end is kept by the run.
local function run(key, fn, mode, check)
  local verdict, row, token = host_once(key, mode)
  if verdict == "dry" then return true, false end -- as a function that gives nothing: the script goes on
  if verdict == "ran" then
    succeeded()
    if row then return decode(row), true end
    return true, true
  end
  if not verdict then return fail("paylink.once", row) end

  -- Whoever waits for the effect may ask when this call is left, in whatever way; being ended from outside is one.
  local open = row
  local done <close> = setmetatable({}, { __close = function() once_leave(key, open) end })
  if verdict == "check" then
    local asked, happened, problem = pcall(check, token)
    if not asked or happened == nil and problem ~= nil then
      record_failure(row, asked and problem or happened)
      open = nil
      if not asked then error(happened, 0) end
      return nil, problem
    end
    if happened then
      open = nil
      local value, err, unrecorded, is_kept = record(row, happened)
      if value == nil then return nil, err, nil, is_kept end
      return value, true, unrecorded
    end
  end
  local ran, value, problem = pcall(fn, token)
  if not ran then
    record_failure(row, value)
    open = nil
    error(value, 0)
  end
  if value == nil and problem ~= nil then
    record_failure(row, problem)
    open = nil
    return nil, problem
  end
  open = nil
  return record(row, value)
end
host.run_once = run

local function deliver(value, had_run, unrecorded)
  if unrecorded then
    misuse(format("paylink.once: it is done and recorded, but its result cannot be: %s", tostring(unrecorded)))
  end
  return value, had_run
end

paylink.once = define{
  name = "paylink.once",
  summary = "Runs `fn(token)` once for a key, however often the script is started, by whichever process. What it returns is recorded "
    .. "(as JSON: money becomes text) and given again ever after; for nothing, `true` is. It waits while another task or another process "
    .. "is at the same effect. If it breaks off, raises, or returns `nil, err`, nobody knows "
    .. "whether the effect happened; then `mode` decides. `\"at_most\"`: it is not run again before a person has looked "
    .. "(`paylink ledger doubt`). `\"at_least\"`: the next call runs it again with the same token, by which a receiver can tell the "
    .. "repetition. `\"check\"`: the next call asks `check(token)` first: a true value says that it has happened, and is its result.",
  parameters = { { "key", "string", "what it is, such as `ship:order-1001`" }, { "fn", "function", "the effect" },
    { "options", "table", "see below", optional = true } },
  options = {
    { "mode", "string", "`at_most` (the default), `at_least` or `check`" },
    { "check", "function", "asks the world whether it has happened; implies the mode `check`" },
  },
  returns = "the function's first result (`true` if it gives none), and whether it had run before; or `nil, err` with `err.code == \"in_doubt\"`",
  example = 'local n = 0\nlocal function ship(token) n = n + 1 return { parcel = 7 } end\n'
    .. 'local first, had_run = paylink.once("ship:1", ship)\nassert(first.parcel == 7 and not had_run)\n'
    .. 'local again, ran_before = paylink.once("ship:1", ship)\nassert(again.parcel == 7 and ran_before and n == 1)',
  fn = function(key, fn, options)
    local check = options and options.check
    local mode = options and options.mode or check and "check" or "at_most"
    if not modes[mode] then
      misuse(format("paylink.once: option 'mode' must be \"at_most\", \"at_least\" or \"check\", not \"%s\"", mode))
    end
    if mode == "check" and not check then misuse("paylink.once: mode \"check\" needs option 'check', a function") end
    return deliver(run(key, fn, mode, check))
  end,
}
