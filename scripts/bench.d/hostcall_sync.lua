-- Prints the CPU nanoseconds of one host call that does not wait, less those of the empty loop around it.
-- Run with: paylink run --bench-calls hostcall_sync.lua
local offered, bench = pcall(function() return bench end)
if not offered then
  error("hostcall_sync.lua measures bench.host_call, which needs: paylink run --bench-calls", 0)
end

local CALLS = 2000000
local host_call = bench.host_call

for _ = 1, 10000 do
  host_call()
end

local started = os.clock()
for _ = 1, CALLS do
end
local empty = os.clock() - started

started = os.clock()
for _ = 1, CALLS do
  host_call()
end
local full = os.clock() - started

print(string.format("%.1f", (full - empty) / CALLS * 1e9))
