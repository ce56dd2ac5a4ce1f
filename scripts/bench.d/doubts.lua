-- Creates arg[1] pay links from arg[2] tasks and prints how many requests were left without an answer on the way.
local total, width = assert(tonumber(arg[1])), assert(tonumber(arg[2]))
local begun, orphans = 0, 0

local function worker()
  while begun < total do
    begun = begun + 1
    local link = assert(paylink.create{ amount = "12.50", description = "Order" })
    orphans = orphans + (link.possible_orphans or 0)
  end
end

local handles = {}
for index = 1, width do handles[index] = task.spawn(worker) end
for _, handle in ipairs(handles) do handle:join() end
print(orphans)
