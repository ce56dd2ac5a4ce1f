-- What `paylink watch` runs after the script itself: workers that take events and run the follow-up of each.
local host, width = ...

local task = host.use("task")
host.use("paylink")
local follow_ups, watch_next, watch_done = host.follow_ups, host.watch_next, host.watch_done
local as_link, run_once, timeout, spawn = host.as_link, host.run_once, task.timeout, task.spawn
local pcall, tostring, type, rawget, describe, find = pcall, tostring, type, rawget, host.describe, string.find

-- "done"; or "failed", "in_doubt" or "not_begun", and why. What is done is never told as failed.
local function run(entry, link, key)
  local begun = false
  local check = entry.check and function(token)
    begun = true
    return entry.check(link, token)
  end
  local ok, value, problem, unrecorded, is_kept = pcall(run_once, key, function(token)
    begun = true
    return timeout(entry.timeout, entry.fn, link, token)
  end, entry.mode, check)
  if not ok then return "failed", describe(value) end
  if value ~= nil then return "done", unrecorded and "it is recorded, but its result cannot be: " .. tostring(unrecorded) end
  local code, message
  if type(problem) == "table" then code, message = rawget(problem, "code"), rawget(problem, "message") end
  if is_kept then return "done", "it is recorded as soon as the ledger takes it: " .. tostring(message) end
  if code == "in_doubt" then return "in_doubt", message end
  if not begun and type(code) == "string" and find(code, "^ledger_") then return "not_begun", message end
  return "failed", describe(problem)
end

local function attend()
  while true do
    local number, link, key = watch_next()
    if not number then return end
    watch_done(key, run(follow_ups[number], as_link(link), key))
  end
end

for _ = 1, math.tointeger(tonumber(width)) do spawn(attend) end
