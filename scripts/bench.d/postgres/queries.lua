-- Asks a ledger that fill.sql has filled with arg[2] links, arg[3] times: by key (find), for its first hundred links
-- (list), for the hundred links whose keys begin alike (prefix), or for open links (open).
-- Which keys are asked for is drawn from a seed.
local kind, rows, times = arg[1], assert(tonumber(arg[2])), assert(tonumber(arg[3]))

local state = 42
local function drawn(below)
  state = (state * 6364136223846793005 + 1442695040888963407) & 0x7fffffffffffffff
  return (state >> 16) % below
end

local function count(options)
  local number = 0
  for link in paylink.links(options) do number = number + 1 end
  return number
end

for _ = 1, times do
  if kind == "find" then
    local key = string.format("order-%08d", 1 + drawn(rows))
    assert(assert(paylink.find(key)).key == key)
  elseif kind == "list" then
    assert(count{ limit = 100 } == 100)
  elseif kind == "prefix" then
    -- Neither the first hundred nor what lies behind the last: each of the others is whole.
    assert(count{ key_prefix = string.format("order-%06d", 1 + drawn(rows // 100 - 1)) } == 100)
  elseif kind == "open" then
    assert(count{ status = "active", limit = 100 } == 100)
  else
    error("no such kind: " .. tostring(kind))
  end
end
