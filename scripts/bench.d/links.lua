-- Creates arg[1] pay links from arg[2] tasks that share one counter; any link that fails ends the run.
-- Amount and description are those of the bench server's static reply.
local total = assert(tonumber(arg[1]), "usage: links.lua LINKS TASKS")
local width = assert(tonumber(arg[2]), "usage: links.lua LINKS TASKS")

local begun, created = 0, 0

local function worker()
  while begun < total do
    begun = begun + 1
    local link = assert(paylink.create{ amount = "12.50", description = "Order" })
    assert(link.id and #link.id > 0, "a link without an id")
    created = created + 1
  end
end

local handles = {}
for index = 1, width do
  handles[index] = task.spawn(worker)
end
for _, handle in ipairs(handles) do
  handle:join()
end
assert(created == total, string.format("%d links of %d", created, total))
