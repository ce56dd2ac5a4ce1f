-- Creates arg[1] pay links whose keys begin with arg[3], arg[2] at a time; any link that fails ends the run.
-- Amount and description are those of the bench server's static reply.
local total, width = assert(tonumber(arg[1])), assert(tonumber(arg[2]))
local prefix = assert(arg[3], "usage: links.lua LINKS WIDTH PREFIX")

local begun = 0
local function following()
  if begun < total then
    begun = begun + 1
    return begun
  end
end

local _, created = task.map(following, { concurrency = width }, function(number)
  local link = assert(paylink.create{ key = prefix .. number, amount = "12.50", description = "Order" })
  assert(link.id and #link.id > 0, "a link without an id")
  return true
end)
assert(created == total, string.format("%d links of %d", created, total))
