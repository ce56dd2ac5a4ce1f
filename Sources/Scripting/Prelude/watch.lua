-- What `paylink watch` runs after the script itself: workers that take events and run the follow-up of each.
local host, width = ...

local paylink, task = host.use("paylink"), host.use("task")
local follow_ups, watch_next, watch_done = host.follow_ups, host.watch_next, host.watch_done
local as_link, once, timeout = host.as_link, paylink.once, task.timeout
local pcall, type, rawget, describe = pcall, type, rawget, host.describe

-- "done"; or "failed" or "in_doubt", and why.
local function run(entry, link, key)
  local options = { mode = entry.mode }
  if entry.check then options.check = function(token) return entry.check(link, token) end end
  local ok, value, problem = pcall(once, key, function(token)
    return timeout(entry.timeout, entry.fn, link, token)
  end, options)
  if not ok then return "failed", describe(value) end
  if value ~= nil then return "done" end
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

for _ = 1, math.tointeger(tonumber(width)) do task.spawn(attend) end
