-- What the comparisons of the host's functions with Lua's own share. The global `stock` holds Lua's own; what is here
-- becomes the global `differential`. Nothing is printed if all agree; the first case that differs is an error.

local seed, rounds = 20240601, 12000

local ours = { string = string, table = table }
local pack, unpack, join = stock.table.pack, stock.table.unpack, stock.table.concat
local format = stock.string.format

-- A generator of its own, so that a seed means the same cases everywhere.
local state = seed * 2654435769 + 1
local function random(low, high)
  state = state * 6364136223846793005 + 1442695040888963407
  return low + (state >> 33) % (high - low + 1)
end
local function pick(list)
  return list[random(1, #list)]
end

local function show(value)
  local kind = type(value)
  if kind == "string" and #value > 200 then
    return format("<%d bytes>", #value)
  elseif kind == "string" or kind == "number" then
    return format("%q", value)
  end
  return kind == "table" and "table" or kind == "function" and "function" or tostring(value)
end

local function show_all(list)
  local shown = {}
  for i = 1, list.n do
    shown[i] = show(list[i])
  end
  return join(shown, ", ")
end

-- Calls through a local named `f`, so that both sides raise the same message.
local function invoke(f, ...)
  return (pack(f(...)))
end

local function outcome(f, ...)
  local ok, result = pcall(invoke, f, ...)
  if ok then
    return result
  end
  return { n = 2, "error", result }
end

local function same(a, b)
  if a.n ~= b.n then
    return false
  end
  for i = 1, a.n do
    local x, y = a[i], b[i]
    if type(x) ~= type(y) or math.type(x) ~= math.type(y) then
      return false
    elseif (type(x) == "string" or type(x) == "number") and x ~= y and (x == x or y == y) then
      return false
    end
  end
  return true
end

local function compare(what, arguments, expected, got)
  if not same(expected, got) then
    error(format("%s(%s)\n  stock: %s\n  ours:  %s\n  seed %d", what, show_all(arguments), show_all(expected),
      show_all(got), seed), 0)
  end
end

-- Calls one string function on both sides with the same arguments.
local function check(name, ...)
  local expected = outcome(stock.string[name], ...)
  local got = outcome(ours.string[name], ...)
  compare(name, pack(...), expected, got)
end

-- All that gmatch yields, and what it gives when called after its end.
local function gmatch_all(library, ...)
  local results, n = {}, 0
  local next_match = library.gmatch(...)
  local after = 0
  for _ = 1, 64 do
    local match = pack(next_match())
    for i = 1, match.n do
      n = n + 1
      results[n] = match[i]
    end
    n = n + 1
    results[n] = "|"
    if match.n == 0 then
      after = after + 1
      if after == 2 then
        break
      end
    end
  end
  return unpack(results, 1, n)
end

local function check_gmatch(...)
  compare("gmatch", pack(...), outcome(gmatch_all, stock.string, ...), outcome(gmatch_all, ours.string, ...))
end

local function check_pattern(subject, pattern, init)
  check("find", subject, pattern, init)
  check("find", subject, pattern, init, true)
  check("match", subject, pattern, init)
  check("gsub", subject, pattern, "<%0>")
  check("gsub", subject, pattern, "[%1]", init)
  check_gmatch(subject, pattern, init)
end

differential = {
  rounds = rounds,
  join = join,
  random = random,
  pick = pick,
  check = check,
  check_pattern = check_pattern,
  seed = seed,
  ours = ours,
  pack = pack,
  unpack = unpack,
  format = format,
  show = show,
  outcome = outcome,
  compare = compare,
}
