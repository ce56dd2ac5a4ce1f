-- String building: formatting, concatenation, table.concat, searching and the allocation behind them.
for _ = 1, 12 do
  local parts = {}
  for index = 1, 100000 do
    parts[index] = string.format("order-%06d;", index) .. (index % 97) .. "|"
  end
  local text = table.concat(parts)
  local orders = 0
  for digits in text:gmatch("order%-(%d+);") do
    orders = orders + 1
    assert(#digits == 6)
  end
  assert(orders == 100000 and #text:upper():sub(1, 1000) == 1000)
end
