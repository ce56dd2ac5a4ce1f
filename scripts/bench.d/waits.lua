-- Waits for every link of a file at once, and prints each that is paid, until there are enough.
-- Usage: waits.lua each|tasks IDS.csv PAYMENTS
local ids, wanted, seen = {}, tonumber(arg[3]), 0
for row in assert(csv.rows(arg[2], { columns = { "id" } })) do ids[#ids + 1] = row.id end
print("ready")

if arg[1] == "each" then
  for link in paylink.wait_each(ids) do
    if link then
      print(link.id)
      seen = seen + 1
      if seen == wanted then break end
    end
  end
else
  local done = task.spawn(function() while seen < wanted do sleep("50ms") end end)
  for i = 1, #ids do
    local id = ids[i]
    task.spawn(function()
      if paylink.wait(id) then
        print(id)
        seen = seen + 1
      end
    end)
  end
  done:join()
  os.exit(0)
end
