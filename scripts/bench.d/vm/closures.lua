-- Closures, upvalues and short-lived tables: the work of a script made of callbacks.
local function counter(step)
  local total = 0
  return function(by)
    total = total + by * step
    return total
  end
end

local function compose(f, g)
  return function(x)
    return f(g(x))
  end
end

local sum = 0
for index = 1, 2800000 do
  local add = counter(index & 3)
  local twice = compose(add, function(x)
    return x + 1
  end)
  local point = { x = twice(index & 7), y = twice(1) }
  sum = sum + point.x + point.y
end
assert(sum > 0)
