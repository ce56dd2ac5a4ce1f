-- Creates arg[1] pay links whose keys begin with arg[2] and prints their ids.
local numbers = {}
for number = 1, assert(tonumber(arg[1])) do numbers[number] = number end
task.map(numbers, { concurrency = 16 }, function(number)
  print(assert(paylink.create{ key = arg[2] .. number, amount = "12.50", description = "Order" }).id)
  return true
end)
