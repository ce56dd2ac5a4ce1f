-- Tasks: structured concurrency over the host's scheduler.
local host = ...

local define, misuse, spawn = host.define, host.misuse, host.spawn
local host_join, host_join_any, host_cancel, host_sleep = host.join, host.join_any, host.cancel, host.sleep
local type, select, error, setmetatable, tostring, format = type, select, error, setmetatable, tostring, string.format
local pack, unpack, pcall, min = table.pack, table.unpack, pcall, math.min
local Handle = host.handle_metatable

local methods = {}
Handle.__name = "task"
Handle.__tostring = function() return "task" end
Handle.__index = function(_, key)
  local method = methods[key]
  if method then return method end
  misuse(format("a task has no field '%s'%s", tostring(key), host.suggestion(key, methods)))
end

local task = {}

task.spawn = define{
  name = "task.spawn",
  summary = "Starts `fn(...)` as a task of its own; it runs when the current one waits. The current task owns it: it ends "
    .. "only after its children have, cancelling it cancels them, and a child's error that nobody joins ends it too.",
  parameters = { { "fn", "function", "what the task runs" }, { "...", "any", "its arguments" } },
  returns = "a handle",
  example = 'local h = task.spawn(function(n) sleep("10ms") return n + 1 end, 41)\nassert(h:join() == 42)',
  fn = spawn,
}

methods.join = define{
  name = "handle:join",
  summary = "Waits until the task has ended. May be called any number of times, by any task.",
  parameters = { { "handle", "task", "the task" } },
  returns = "the function's results; or `nil, err` when it failed or was cancelled (`err.code` is `\"failed\"`, `\"cancelled\"`, or the code of the error it raised)",
  example = 'local h = task.spawn(function() error("no") end)\nlocal ok, err = h:join()\nassert(ok == nil and err.code == "failed")',
  fn = function(handle) return host_join(handle) end,
}

methods.cancel = define{
  name = "handle:cancel",
  summary = "Ends the task and all it owns at what they wait for. Their `<close>` variables are closed; `pcall` cannot catch it. "
    .. "A task that has ended is left alone.",
  parameters = { { "handle", "task", "the task" } },
  returns = "nothing",
  example = 'local h = task.spawn(sleep, "1h")\nh:cancel()\nassert(select(2, h:join()).code == "cancelled")',
  fn = host_cancel,
}

local sleep = define{
  name = "sleep",
  summary = "Waits; other tasks go on. Also `task.sleep`.",
  parameters = { { "duration", "duration", "how long" } },
  returns = "nothing",
  example = 'sleep("10ms")',
  fn = function(duration)
    if not host.duration(duration) then
      misuse(format("sleep: '%s' is no duration: use a form like \"90s\", \"15m\", \"2h30m\", or a number of seconds", tostring(duration)))
    end
    host_sleep(duration)
  end,
}
task.sleep = sleep

-- host_join_any(handles) waits for the first of them to end, and host_join_any() for the next; each gives its place.

-- A list of handles: functions are spawned, handles stay.
local function start_all(name, list)
  local handles = {}
  for i = 1, #list do
    local item = list[i]
    if type(item) == "function" then
      handles[i] = spawn(item)
    elseif host.is_task(item) then
      handles[i] = item
    else
      misuse(format("%s: item %d is a %s, not a function or a task", name, i, type(item)))
    end
  end
  return handles
end

-- Ends tasks and waits until their `<close>` variables are closed.
local function cancel_all(handles)
  for i = 1, #handles do host_cancel(handles[i]) end
  for i = 1, #handles do host_join(handles[i]) end
end

-- Joins one, and raises its error after cancelling the others.
local function join_or_raise(handle, handles)
  local results = pack(host_join(handle))
  local err = results[2]
  if host.join_failed(handle) then
    cancel_all(handles)
    error(err, 0)
  end
  return results
end

task.all = define{
  name = "task.all",
  summary = "Runs functions (or awaits tasks) side by side until all have returned. When one raises an error, the others are "
    .. "cancelled and the error is raised here.",
  parameters = { { "list", "table", "functions or tasks" } },
  returns = "a list of each one's first result, in the order of the list",
  example = 'local r = task.all{ function() return 1 end, function() return 2 end }\nassert(r[1] == 1 and r[2] == 2)',
  fn = function(list)
    local handles = start_all("task.all", list)
    local results, all = {}, handles
    for _ = 1, #handles do -- in order of completion, so that a failure is seen at once
      local index = host_join_any(all)
      results[index], all = join_or_raise(handles[index], handles)[1], nil
    end
    return results
  end,
}

task.any = define{
  name = "task.any",
  summary = "Runs functions (or awaits tasks) side by side until the first has returned; the others are cancelled. One that "
    .. "raises an error is passed over, unless it is the last.",
  parameters = { { "list", "table", "functions or tasks" } },
  returns = "the results of the first",
  example = 'assert(task.any{ function() sleep("1h") end, function() return "fast" end } == "fast")',
  fn = function(list)
    local handles = start_all("task.any", list)
    if #handles == 0 then misuse("task.any: the list is empty") end
    local all = handles
    for left = #handles, 1, -1 do
      local handle = handles[host_join_any(all)]
      local results = pack(host_join(handle))
      if not host.join_failed(handle) then
        cancel_all(handles)
        return unpack(results, 1, results.n)
      end
      if left == 1 then error(results[2], 0) end
      all = nil
    end
  end,
}

task.timeout = define{
  name = "task.timeout",
  summary = "Runs `fn(...)` for at most so long; then it is cancelled.",
  parameters = { { "duration", "duration", "how long" }, { "fn", "function", "what to run" }, { "...", "any", "its arguments" } },
  returns = "the function's results; or `nil, err` with `err.code == \"timeout\"`. An error of the function is raised here",
  example = 'local ok, err = task.timeout("10ms", sleep, "1h")\nassert(err.code == "timeout")',
  fn = function(duration, fn, ...)
    if not host.duration(duration) then
      misuse(format("task.timeout: '%s' is no duration: use a form like \"90s\", \"15m\", \"2h30m\", or a number of seconds", tostring(duration)))
    end
    local worker, timer = spawn(fn, ...), spawn(sleep, duration)
    local first = host_join_any{ worker, timer }
    if first == 1 then
      cancel_all{ timer }
      local results = pack(host_join(worker))
      if host.join_failed(worker) then error(results[2], 0) end
      return unpack(results, 1, results.n)
    end
    cancel_all{ worker }
    return nil, setmetatable({ code = "timeout", retryable = false,
      message = format("not done within %s", tostring(duration)) }, host.error_metatable)
  end,
}

-- The values of a list, or of an iterator function.
local function iterate(items)
  if type(items) == "function" then return items end
  local i = 0
  return function()
    i = i + 1
    return items[i]
  end
end

task.map = define{
  name = "task.map",
  summary = "Calls `fn(item, position)` for every item, so many at a time, and gives the results in the items' order. What an iterator "
    .. "gives besides the item, such as the error for a bad row of `csv.rows`, is the third argument. An error in one "
    .. "call cancels the others and is raised here; to go on past failures, return them as values.",
  parameters = {
    { "items", "any", "a list, or an iterator function such as `string.gmatch` gives" },
    { "options", "table", "see below" },
    { "fn", "function", "called for every item" },
  },
  options = { { "concurrency", "integer", "how many calls at a time; 16 if absent" } },
  options_at = 2,
  returns = "a list of first results, and how many items there were",
  example = 'local r = task.map({ 3, 1, 2 }, { concurrency = 2 }, function(n) sleep(n / 1000) return n * 2 end)\n'
    .. 'assert(r[1] == 6 and r[2] == 2 and r[3] == 4)',
  fn = function(items, options, fn)
    if type(items) ~= "table" and type(items) ~= "function" then
      misuse("task.map: argument 1 (items) must be a list or an iterator function, not a " .. type(items))
    end
    local width = options.concurrency == nil and 16 or options.concurrency
    if width < 1 then misuse("task.map: option 'concurrency' must be at least 1") end
    local following, results, count, done, reading = iterate(items), {}, 0, false, false
    local function work()
      while not done do
        while reading do host_sleep(0.001) end -- another worker is in an iterator that waits
        if done then return end
        reading = true
        local ok, item, more = pcall(following)
        reading = false
        if not ok then
          done = true
          error(item, 0)
        end
        if item == nil or done then
          done = true
          return
        end
        count = count + 1
        local position = count
        results[position] = fn(item, position, more)
      end
    end
    local workers = {}
    for i = 1, type(items) == "table" and min(width, #items) or width do workers[i] = spawn(work) end
    -- The first that fails ends the others, whichever it is.
    local all = workers
    for _ = 1, #workers do
      local worker = workers[host_join_any(all)]
      local _, err = host_join(worker)
      if host.join_failed(worker) then
        done = true
        cancel_all(workers)
        error(err, 0)
      end
      all = nil
    end
    return results, count
  end,
}

host.module_table("task", task)
host.set_global("sleep", sleep)
