-- The host's table functions against Lua's own, on fixed and on random cases; see compare.lua.

local seed = differential.seed
local ours = differential.ours
local pack = differential.pack
local unpack = differential.unpack
local join = differential.join
local format = differential.format
local random = differential.random
local pick = differential.pick
local show = differential.show
local outcome = differential.outcome
local compare = differential.compare
local rounds = differential.rounds

-- A copy of the list: plain, or behind metamethods that log every access.
local function make_list(values, kind, log)
  local list = {}
  for i = 1, values.n do
    list[i] = values[i]
  end
  if kind == "plain" then
    return list, list
  end
  local function note(event, key, value)
    log[#log + 1] = format("%s %s %s", event, show(key), show(value))
  end
  return setmetatable({}, {
    __index = function(_, key) note("get", key) return list[key] end,
    __newindex = function(_, key, value) note("set", key, value) list[key] = value end,
    __len = function() note("len") return #list end,
  }), list
end

-- Calls one table function on both sides, each with lists of its own, and
-- compares results, accesses and what the list holds afterwards.
local function check_list(name, kind, values, arguments)
  local seen = {}
  for side, library in ipairs { stock.table, ours.table } do
    local log = {}
    local list, content = make_list(values, kind, log)
    local call = {}
    for i = 1, arguments.n do
      call[i] = arguments[i] == check_list and list or arguments[i]
    end
    local result = outcome(library[name], list, unpack(call, 1, arguments.n))
    result.n = result.n + 1
    result[result.n] = join(log, ";")
    for i = -2, values.n + 4 do
      result[result.n + 1] = content[i]
      result.n = result.n + 1
    end
    seen[side] = result
  end
  compare(name .. " " .. kind, arguments, seen[1], seen[2])
end

local function both_kinds(name, values, ...)
  check_list(name, "plain", values, pack(...))
  check_list(name, "proxy", values, pack(...))
end

-- Calls one table function on both sides with what `make` returns.
local function check_table(name, make, ...)
  compare(name, pack(make(...)), outcome(stock.table[name], make(...)), outcome(ours.table[name], make(...)))
end

local function to_integer(value)
  return (type(value) == "number" or type(value) == "string") and math.tointeger(tonumber(value)) or nil
end

-- Whether table.move walks few elements, or none because it raises.
local function is_short_or_refused(first, last, target)
  first, last, target = to_integer(first), to_integer(last), to_integer(target)
  return not first or not last or last < first or math.ult(last - first, 20)
    or first <= 0 and last >= math.maxinteger + first
    or target > math.maxinteger - (last - first)
end

local function table_cases()
  local lists = { pack(), pack(1), pack(1, 2, 3), pack("a", "b", "c", "d", 5, 6.5), pack(1, nil, 3), pack(true, {}, "x") }
  local limits = {
    false, 0, 1, 2, 3, 4, 7, -1, "2", 2.0, 1.5, "x", math.maxinteger, math.mininteger, math.maxinteger - 1, true, {},
  }
  for _, values in ipairs(lists) do
    both_kinds("insert", values)
    both_kinds("insert", values, "new")
    both_kinds("insert", values, 1, "new", "more")
    both_kinds("remove", values)
    both_kinds("concat", values)
    both_kinds("unpack", values)
    both_kinds("pack", values)
    for _, i in ipairs(limits) do
      i = i or nil
      both_kinds("insert", values, i, "new")
      both_kinds("remove", values, i)
      both_kinds("concat", values, i)
      both_kinds("unpack", values, i)
      for _, j in ipairs(limits) do
        j = j or nil
        both_kinds("concat", values, ",", i, j)
        both_kinds("unpack", values, i, j)
        for _, t in ipairs { 1, 2, 5, -3, math.maxinteger, math.maxinteger - 1, math.mininteger, "1" } do
          if is_short_or_refused(i or 1, j or 1, t) then
            both_kinds("move", values, i or 1, j or 1, t)
            both_kinds("move", values, i or 1, j or 1, t, check_list)
            both_kinds("move", values, i or 1, j or 1, t, {})
          end
        end
      end
    end
  end
  for _, name in ipairs { "insert", "remove", "move", "concat", "unpack", "sort" } do
    check_table(name, function() end)
    for _, not_list in ipairs { false, 1, "text", type, true } do
      check_table(name, function() return not_list end)
      check_table(name, function() return not_list, 1, 2, 3 end)
    end
    for _, length in ipairs { (1 << 31) - 1, (1 << 31) - 2, math.maxinteger, math.mininteger, -1, 1.5, "x", "2", false } do
      local function odd(...)
        local function fail() error("got", 0) end
        return setmetatable({}, { __len = function() return length end, __index = fail }), ...
      end
      check_table(name, odd)
      check_table(name, odd, 1)
      check_table(name, odd, 1, 1)
    end
  end
  check_table("sort", function() return { 1, 2 }, 2 end)
  check_table("sort", function() return { 1, "x" } end)
  check_table("sort", function() return { 1, nil, 3 } end)
  check_table("sort", function() return { 1, 2, 3, 4, 5 }, function() return true end end)
end

local orders = {
  function(a, b) return a < b end,
  function(a, b) return a > b end,
  function(a, b) return a % 7 < b % 7 or a % 7 == b % 7 and a < b end,
}

local function random_values(length, kind)
  local values = { n = length }
  for i = 1, length do
    local v = kind == "few" and random(1, 3) or kind == "rising" and i or kind == "falling" and -i
      or kind == "organ" and (i * 2 < length and i or length - i) or random(-1000, 1000)
    values[i] = kind == "text" and format("%x", v) or kind == "float" and v / 8 or v
  end
  return values
end

local function check_sort(length, kind, order)
  local values = random_values(length, kind)
  local expected, got = make_list(values, "plain"), make_list(values, "plain")
  stock.table.sort(expected, order)
  table.sort(got, order)
  expected.n, got.n = length, length
  compare("sort " .. kind, values, expected, got)
end

-- An order without sense may end in an error, but must lose no element.
local function check_senseless_sort(length)
  local values, sum, sum_after = random_values(length, "few"), 0, 0
  local list = make_list(values, "plain")
  local ok, problem = pcall(table.sort, list, pick {
    function() return random(0, 1) == 0 end, function(a, b) return a <= b end, function() return true end, function() end,
  })
  assert(ok or stock.string.find(problem, "invalid order function", 1, true), problem)
  for i = 1, length do
    sum, sum_after = sum + values[i], sum_after + (list[i] or 0)
  end
  if ok and sum ~= sum_after then
    error("sort lost an element; seed " .. seed, 0)
  end
end

local function random_table_round()
  local values = { n = random(0, 9) }
  for i = 1, values.n do
    values[i] = pick { 1, 2, "a", "b", 2.5, "" }
  end
  both_kinds("insert", values, random(-1, values.n + 2), "new")
  both_kinds("remove", values, random(-1, values.n + 2))
  both_kinds("concat", values, pick { "", ",", "--" }, random(-1, 4), random(-1, values.n + 1))
  both_kinds("unpack", values, random(-2, 4), random(-2, values.n + 2))
  both_kinds("move", values, random(-1, 5), random(-1, 10), random(-2, 10), pick { check_list, {} })
  local kind = pick { "any", "few", "rising", "falling", "organ", "text", "float" }
  local length = random(1, 40) == 1 and random(0, 2000) or random(0, 40)
  check_sort(length, kind, kind ~= "text" and pick(orders) or nil)
  check_sort(length, kind, nil)
  check_senseless_sort(random(0, 60))
end

table_cases()
for _ = 1, rounds // 4 do random_table_round() end
