-- Function calls and integer arithmetic: fib(32), repeated until the run is long enough to measure.
local function fib(n)
  if n < 2 then
    return n
  end
  return fib(n - 1) + fib(n - 2)
end

for _ = 1, 8 do
  assert(fib(32) == 2178309)
end
