-- Runs the host's string and table functions against Lua's own, which the
-- global `stock` holds, on fixed and on random cases. Prints nothing if all
-- agree; raises an error with the first case that differs.
-- Arguments, both optional: seed, and rounds of random cases.

local chosen_seed, chosen_rounds = ...
local seed = math.tointeger(tonumber(chosen_seed)) or 20240601
local rounds = math.tointeger(tonumber(chosen_rounds)) or 12000

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

-- String cases -----------------------------------------------------------

local all_bytes = {}
for byte = 0, 255 do
  all_bytes[byte + 1] = stock.string.char(byte)
end
all_bytes = join(all_bytes)

local function string_cases()
  assert(string.dump == nil, "dump must be gone")
  for byte = 0, 255 do
    local c = stock.string.char(byte)
    check_pattern(all_bytes, "%" .. c)
    check_pattern(all_bytes, "[%" .. c .. "]+")
    check_pattern(all_bytes, "[^%" .. c .. "x]+")
    check_pattern("a" .. c .. "b" .. c, c .. "*")
    check_pattern("a" .. c .. "b", "%f[%" .. c .. "]")
    check("gsub", "abc", "b", "%" .. c)
  end
  local patterns = {
    "", "^", "$", "^$", "a", "a$", "$a", "^^a", "a*", "a-", "a+", "a?", ".-", ".*", "(.-)%1", "()", "()()", "(a*)(.)%w(%s*)",
    "((a)(b))", "(()a())", "%b()", "%bxx", "%b", "%bx", "%f", "%f[", "%f[a", "%f[%a]", "%f[%z]", "%", "a%", "[", "[]", "[^", "[^]",
    "[]]", "[^]]", "[a", "[%", "[%]", "[%a", "[%a-z]", "[a-]", "[-a]", "[a-z-9]", "[a-%%]", "[a-%]", "[--/]", "[z-a]", "[%d-]", "(", ")",
    "(a", "a)", "(()", "%1", "(a)%2", "(a%1)", "()%1", "%0", "(a)%0", "a%1", "**", "+a", "?a", "-a", "a**", "a+-", "[a]*?", "\0",
    "%z", "%Z", "[\0-\1]", "%\0", "a\0*", "%f[\0]", "(%f[%w]%w+)", "^(a)", "x^", "%^", "%$", "[^^]", "[$]", "(.)(.)(.)%3%2%1",
    stock.string.rep("(a)", 32), stock.string.rep("(a)", 33), stock.string.rep("()", 32), stock.string.rep("()", 33),
    stock.string.rep("(", 33), stock.string.rep("a?", 198), stock.string.rep("a?", 199), stock.string.rep("a?", 200),
    stock.string.rep("a?", 201), stock.string.rep("a-", 200) .. "b",
    stock.string.rep("x*", 300), stock.string.rep("%b()", 300), stock.string.rep("(a)", 31) .. stock.string.rep("a*", 150),
  }
  local subjects = {
    "", "a", "aa", "ab", "abc abc", "(a(b)c)d)", "x\0y\0", "\0", "aaab", "  hello world from lua  ", "[]-^$%", "xyzzyx",
    stock.string.rep("a", 300), stock.string.rep("()", 300), stock.string.rep("(a", 40), 12, 1.5, -0.0, nil, {}, true,
  }
  for i = 1, #patterns do
    for j = 1, 21 do
      check_pattern(subjects[j], patterns[i])
    end
    for _, init in ipairs { 0, 1, 2, 3, 4, -1, -2, -100, 100, math.maxinteger, math.mininteger, 2.0, "2", 1.5, "x", {} } do
      check_pattern("aab", patterns[i], init)
      check_pattern("", patterns[i], init)
    end
  end
  check_pattern("a1b2", 1)
  check_pattern("abc", nil)
  check_pattern("abc", {})
  for _, name in ipairs { "find", "match", "gmatch", "gsub", "rep" } do
    check(name)
    check(name, "x")
    check(name, {}, "x")
    check(name, "x", "x")
  end

  local a_table = { a = "A", b = 1, c = false, d = true, e = {}, f = 2.5, [1] = "one" }
  local replacements = {
    "", "x", "%0", "%1", "%2", "%9", "%%", "%", "x%", "%x", "%0%0", "%1%1%%", "\0", 7, 1.5, a_table, nil, true, stock.string.upper,
    setmetatable({}, { __index = function(_, key) return key .. key end }),
    setmetatable({}, { __index = function(_, key) error("no " .. tostring(key), 0) end }),
    function(...) return join({ ... }, ",") end,
    function() end,
    function() return false end,
    function() return {} end,
    function() return true end,
    function() return 3 end,
    function() return "a", "b" end,
    function(a) error({ a }) end,
    function(a) error(a, 0) end,
  }
  for i = 1, 30 do
    for _, subject in ipairs { "", "abc", "abcdef", "aaa", "hello world" } do
      for _, pattern in ipairs { "", "a", "%w", "(%w)", "(%w)(%w)", "()", "(a)()", "x*", "^a", "^", "%w*", ".-", "(", "%f[%w]" } do
        for _, limit in ipairs { false, 0, 1, 2, -1, 100, "1", "z" } do
          check("gsub", subject, pattern, replacements[i], limit or nil)
        end
      end
    end
  end
  local long = stock.string.rep("word and more ", 500)
  check("gsub", long, "%w+", "%0 %0")
  check("gsub", long, "%w+", { word = stock.string.rep("w", 2000) })
  check("gsub", long, "%w+", function(w) return #w > 3 and w .. long or nil end)
  check("gsub", long, "", "-")
  check("gsub", long, " ", "%%")
  check("find", long, "nowhere", 1, true)
  check("find", stock.string.rep("a", 1 << 19) .. "b", stock.string.rep("a", 300) .. "b", 1, true)
  check("find", stock.string.rep("a", 1 << 20) .. "bc", "bc")
  check("find", stock.string.rep("ab", 1 << 18), stock.string.rep("ba", 1 << 17), 1, true)
  check("find", stock.string.rep("x", (1 << 18) - 1) .. "needle", "needle")
  check("find", stock.string.rep("x", (1 << 18) - 1) .. "needle" .. stock.string.rep("x", 1 << 19), "needle")
  check("match", stock.string.rep("x", 100000) .. "y", "^(x*)y$")
  check("match", stock.string.rep("x", 100000) .. "y", "^(%w-)y$")
  check("match", "(" .. stock.string.rep("()", 50000) .. ")", "%b()")

  for _, s in ipairs { "", "a", "ab", "abcdefg", "\0", stock.string.rep("z", 5000), 12 } do
    for _, n in ipairs { 0, 1, 2, 3, 7, 100, 301, -1, math.mininteger, "2", 2.0, 2.5, "x" } do
      for _, separator in ipairs { false, "", ",", ", ", "\0\0\0", 9, stock.string.rep("-", 700), {} } do
        check("rep", s, n, separator or nil)
      end
    end
    if s ~= "" then
      check("rep", s, math.maxinteger)
      check("rep", s, math.maxinteger // 2 + 1, "xy")
    end
  end
  check("rep", "", 0, "ab")
  check("rep", "abc", 1 << 20)
  check("rep", "abc", 1 << 20, "defg")
  check("rep", stock.string.rep("q", 1500000), 3, "-")
  assert(string.rep("", 1000000000000000) == "" and string.rep("", 1 << 50, "") == "")
end

local atoms = {
  "a", "b", "c", ".", "%a", "%d", "%s", "%w", "%A", "%W", "%x", "%p", "%g", "%u", "%l", "%c", "%.", "%%", "[ab]", "[^a]", "[a-c]", "[%d_]",
  "[^%s]", "[]]", "[^]]", "[a-]", "[%a-z]", "(", ")", "(", ")", "()", "%1", "%2", "%b()", "%bab", "%baa", "%f[%w]", "%f[^a]", "%f[%z]", "$", "^",
  "\0", "-", "*", "+", "?", "[", "]", "%", "%f", "%b", " ", "(a)", "(.-)", "(b*)", "(%w+)", "\xe4",
}
local marks = { "", "", "", "", "*", "+", "-", "?" }
local letters = { "a", "a", "a", "b", "b", "c", "1", " ", "(", ")", "_", "\0", "]", "-", "A", "%", "\n", "\xe4" }

local function random_subject()
  local bytes = {}
  for i = 1, random(0, 14) do
    bytes[i] = pick(letters)
  end
  return join(bytes)
end

local function random_pattern()
  local items = {}
  for i = 1, random(0, 7) do
    items[i] = pick(atoms) .. pick(marks)
  end
  return (random(1, 6) == 1 and "^" or "") .. join(items) .. (random(1, 6) == 1 and "$" or "")
end

-- Any bytes that mean something in a pattern, in any order.
local function random_noise()
  local bytes, alphabet = {}, "ab()[]%%^$-*+?.1f\0bw"
  for i = 1, random(0, 9) do
    local at = random(1, #alphabet)
    bytes[i] = stock.string.sub(alphabet, at, at)
  end
  return join(bytes)
end

local function random_string_round()
  local subject = random_subject()
  local pattern = random(1, 4) == 1 and random_noise() or random_pattern()
  local init = random(1, 3) == 1 and random(-16, 17) or nil
  check_pattern(subject, pattern, init)
  check("gsub", subject, pattern, pick { "", "%1", "%2-%1", "%0%%", "x", "%3", "%" }, random(-1, 4))
  check("gsub", subject, pattern, function(a, b) if a ~= "a" then return b or a end end)
  check("gsub", subject, pattern, { a = "AA", b = false, [1] = "first", [""] = "empty" })
  check("rep", subject, random(-1, 9), random(1, 2) == 1 and random_subject() or nil)
  check("find", subject, stock.string.sub(subject, random(1, 14), random(1, 14)), init, true)
end

-- Table cases ------------------------------------------------------------

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

string_cases()
table_cases()
for _ = 1, rounds do
  random_string_round()
  if random(1, 4) == 1 then
    random_table_round()
  end
end
