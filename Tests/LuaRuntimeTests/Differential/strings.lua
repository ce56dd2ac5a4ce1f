-- The host's string functions against Lua's own, on fixed and on random cases; see compare.lua.

local join = differential.join
local random = differential.random
local pick = differential.pick
local check = differential.check
local check_pattern = differential.check_pattern
local rounds = differential.rounds

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

string_cases()
for _ = 1, rounds do random_string_round() end
