-- Runs arg[1] effects that do nothing, each under a key of its own, arg[2] at a time; any that fails ends the run.
local total, width = assert(tonumber(arg[1])), assert(tonumber(arg[2]))

local begun = 0
local function following()
  if begun < total then
    begun = begun + 1
    return begun
  end
end

local _, done = task.map(following, { concurrency = width }, function(number)
  local order = "order-" .. number
  local result, had_run = paylink.once("ship:" .. order, function() return order end)
  assert(result == order and not had_run)
  return true
end)
assert(done == total, string.format("%d effects of %d", done, total))
