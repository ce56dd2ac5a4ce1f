-- paylink.on: what `paylink watch` runs when a link is paid, is paid short, or has expired.
local host, paylink = ...

local define, misuse = host.define, host.misuse
local format, find = string.format, string.find

local events = { paid = true, underpaid = true, expired = true }
local modes = { at_most = true, at_least = true, check = true }
host.follow_ups = {}

paylink.on = define{
  name = "paylink.on",
  summary = "Registers a follow-up: `paylink watch` runs `fn(link, token)` once for every link of the ledger that is paid in full (of a reusable "
    .. "link, once for every payment seen), that was paid with less than its amount (`underpaid`), or that has expired, whichever process made it. It runs through `paylink.once`, so `mode` says "
    .. "what happens when it breaks off, raises or gives `nil, err`: with `at_most` a person decides; with `at_least` and `check` it is run "
    .. "again after a pause that doubles, up to an hour, for as long as `paylink watch --retry-for` says: a week. The token is the same for every run of one event. Under `paylink run` nothing "
    .. "is run.",
  parameters = { { "event", "string", "`paid`, `underpaid` or `expired`" }, { "fn", "function", "the follow-up" },
    { "options", "table", "see below", optional = true } },
  options = {
    { "name", "string", "tells several follow-ups of one event apart, and must stay the same from run to run; the event's name if absent" },
    { "mode", "string", "`at_most` (the default), `at_least` or `check`" },
    { "check", "function", "`check(link, token)` asks the world whether it has happened; implies the mode `check`" },
    { "key_prefix", "string", "only links whose key begins so" },
    { "timeout", "duration", "how long one run may take; 5 minutes if absent" },
    { "attempts", "integer", "how often it is begun at most, where the mode allows more than once; if absent, as often as fits into the time of `--retry-for`" },
    { "pause", "duration", "after the first failure; a minute if absent" },
  },
  returns = "nothing",
  example = 'paylink.on("paid", function(link, token)\n  log.info("paid", { key = link.key, amount = link.amount })\nend)\n'
    .. 'paylink.on("expired", function(link) log.warn("expired", { key = link.key }) end, { key_prefix = "offer:" })',
  fn = function(event, fn, options)
    options = options or {}
    if not events[event] then
      misuse(format("paylink.on: argument 1 (event) must be \"paid\", \"underpaid\" or \"expired\", not \"%s\"%s", event, host.suggestion(event, events)))
    end
    local mode = options.mode or options.check and "check" or "at_most"
    if not modes[mode] then
      misuse(format("paylink.on: option 'mode' must be \"at_most\", \"at_least\" or \"check\", not \"%s\"", mode))
    end
    if mode == "check" and not options.check then misuse("paylink.on: mode \"check\" needs option 'check', a function") end
    local name = options.name or event
    if name == "" or #name > 100 or find(name, "[%c:]") then
      misuse("paylink.on: option 'name' must be 1 to 100 characters without a colon or a control character")
    end
    for _, other in next, host.follow_ups do
      if other.name == name then
        misuse(format("paylink.on: there is a follow-up \"%s\" already: give each its own option 'name'", name))
      end
    end
    local timeout, pause, attempts = options.timeout or "5m", options.pause or "1m", options.attempts
    for option, value in next, { timeout = timeout, pause = pause } do
      local seconds = host.duration(value)
      if not seconds or seconds <= 0 then misuse(format("paylink.on: option '%s' is no duration: \"%s\"", option, tostring(value))) end
    end
    if attempts and attempts < 1 then misuse("paylink.on: option 'attempts' must be at least 1") end
    local number, problem = host.follow_up(event, name, mode, options.key_prefix, attempts, pause)
    if not number then misuse("paylink.on: option 'name': " .. problem) end
    host.follow_ups[number] = { name = name, fn = fn, mode = mode, check = options.check, timeout = timeout }
  end,
}
