-- table.sort: C code that calls back into Lua, on pseudorandom numbers from a fixed seed.
local state = 42
local function random()
  state = (state * 1103515245 + 12345) & 0x7fffffff
  return state
end

for _ = 1, 4 do
  local values = {}
  for index = 1, 200000 do
    values[index] = random()
  end
  table.sort(values)
  table.sort(values, function(a, b)
    return a > b
  end)
  for index = 2, #values do
    assert(values[index - 1] >= values[index])
  end
end
