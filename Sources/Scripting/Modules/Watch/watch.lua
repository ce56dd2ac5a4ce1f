-- What `paylink watch` runs after the script itself: workers that take events and run the follow-up of each.
local host, width = ...

local task = host.use("task")
host.use("paylink")
local follow_ups, watch_next, watch_done = host.follow_ups, host.watch_next, host.watch_done
local as_link, run_once, timeout, spawn = host.as_link, host.run_once, task.timeout, task.spawn
local pcall, tostring, type, rawget, describe = pcall, tostring, type, rawget, host.describe

-- "done"; or "failed" or "in_doubt", and why. What is recorded as done is never told as failed.
local function run(entry, link, key)
  local check = entry.check and function(token) return entry.check(link, token) end
  local ok, value, problem, unrecorded = pcall(run_once, key, function(token)
    return timeout(entry.timeout, entry.fn, link, token)
  end, entry.mode, check)
  if not ok then return "failed", describe(value) end
  if value ~= nil then return "done", unrecorded and "its result cannot be recorded: " .. tostring(unrecorded) end
  if type(problem) == "table" and rawget(problem, "code") == "in_doubt" then return "in_doubt", rawget(problem, "message") end
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
