-- Makes arg[1] host calls that are answered at once ("call") or that suspend the task ("wait"), looks at each answer, and
-- prints how many there were.
-- Run with: paylink run --bench-calls isolation_calls.lua COUNT call|wait
local count, waits = assert(tonumber(arg[1])), arg[2] == "wait"
local ask = waits and bench.host_wait or bench.host_call

for i = 1, count do
  local answer = ask(i)
  if answer ~= (not waits and i or nil) then error("call " .. i .. " was answered with " .. tostring(answer)) end
end

print(count)
