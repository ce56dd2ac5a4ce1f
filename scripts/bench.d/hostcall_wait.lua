-- Prints the CPU nanoseconds of one host call that suspends its task, less those of the empty loop around it.
-- Run with: paylink run --bench-calls hostcall_wait.lua
local offered, bench = pcall(function() return bench end)
if not offered then
  error("hostcall_wait.lua measures bench.host_wait, which needs: paylink run --bench-calls", 0)
end

local CALLS = 300000
local host_wait = bench.host_wait

for _ = 1, 10000 do
  host_wait()
end

local started = os.clock()
for _ = 1, CALLS do
end
local empty = os.clock() - started

started = os.clock()
for _ = 1, CALLS do
  host_wait()
end
local full = os.clock() - started

print(string.format("%.1f", (full - empty) / CALLS * 1e9))
