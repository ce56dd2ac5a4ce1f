-- The words of `assert`, as in luassert: what each asserts, and what its failure says.
local host = ...

local testing, misuse = host.testing, host.misuse
local word, show, brief, own_text, is_same = testing.word, testing.show, testing.brief, testing.own_text, testing.is_same
local error, getmetatable, next, pcall, rawget, tonumber, tostring, type =
  error, getmetatable, next, pcall, rawget, tonumber, tostring, type
local math_type, pack, format, find, gsub, match = math.type, table.pack, string.format, string.find, string.gsub, string.match

-- What a failure says: what was wanted, as part of a sentence and in full, and what there was.
local function versus(wanted, expected, actual, is_negated)
  if is_negated then return "expected anything but " .. wanted, "anything but " .. expected, show(actual) end
  return format("expected %s, got %s", wanted, brief(actual)), expected, show(actual)
end

local function not_equal(values, is_negated)
  local expected, actual = values[1], values[2]
  if not is_negated and type(expected) == "string" and type(actual) == "string" and #expected + #actual > 80 then
    local at, wanted, got = testing.text_difference(expected, actual)
    return format("the strings differ at byte %d: expected %s, got %s", at, wanted, got), show(expected), show(actual)
  end
  return versus(brief(expected), show(expected), actual, is_negated)
end

word("equal equals", {
  takes = "expected, actual", summary = "`expected == actual`.", least = 2, at = 2, note = 3,
  test = function(values) return values[1] == values[2] end,
  explain = function(values, is_negated)
    local expected, actual = values[1], values[2]
    if not is_negated and type(expected) == "table" and type(actual) == "table" then
      local hint = is_same(expected, actual) and " with the same content: `same` compares content" or ""
      return "expected the very same table, got another" .. hint, show(expected), show(actual)
    end
    return not_equal(values, is_negated)
  end,
})

local function something(value) return value == nil and "nothing" or brief(value) end

-- Where the content of two tables differs, in a sentence.
local function place(what, wanted, value)
  local path, expected, actual = testing.difference(wanted, value)
  return format("%s differ at %s: expected %s, got %s", what, path, something(expected), something(actual))
end

word("same", {
  takes = "expected, actual", summary = "Both have the same content, tables inside them included; metatables do not count.",
  least = 2, at = 2, note = 3,
  test = function(values) return is_same(values[1], values[2]) end,
  explain = function(values, is_negated)
    if is_negated or type(values[1]) ~= "table" or type(values[2]) ~= "table" then return not_equal(values, is_negated) end
    return place("the tables", values[1], values[2]), show(values[1]), show(values[2])
  end,
})

local function unary(names, wanted, test)
  word(names, {
    takes = "value", summary = "The value is " .. wanted .. ".", least = 1, at = 1, note = 2,
    test = function(values) return test(values[1]) end,
    explain = function(values, is_negated)
      local message, expected, actual = versus(wanted, wanted, values[1], is_negated)
      if is_negated and actual ~= wanted then message = message .. ", got " .. brief(values[1]) end
      return message, expected, actual
    end,
  })
end
unary("true", "true", function(value) return value == true end)
unary("false", "false", function(value) return value == false end)
unary("nil", "nil", function(value) return value == nil end)
unary("truthy", "a truthy value", function(value) return not not value end)
unary("falsy", "a falsy value", function(value) return not value end)
for _, kind in next, { "boolean", "number", "string", "table", "function", "thread", "userdata" } do
  unary(kind, kind == "userdata" and kind or "a " .. kind, function(value) return type(value) == kind end)
end

word("near", {
  takes = "expected, actual, tolerance", summary = "Numbers, or money, that differ by no more than the tolerance.",
  least = 3, at = 2, note = 4,
  test = function(values, chain)
    for i = 1, 3 do
      if not math_type(values[i]) and type(values[i]) ~= "userdata" and not (i == 3 and type(values[i]) == "string") then
        misuse(format("%s: value %d must be a number or money, not a %s", chain.path, i, type(values[i])))
      end
    end
    local expected, actual, tolerance = values[1], values[2], values[3]
    return expected - tolerance <= actual and actual <= expected + tolerance
  end,
  explain = function(values, is_negated)
    local wanted = format("a value within %s of %s", tostring(values[3]), show(values[1]))
    local message, expected, actual = versus(wanted, wanted, values[2], is_negated)
    return is_negated and message .. ", got " .. brief(values[2]) or message, expected, actual
  end,
})

word("unique", {
  takes = "list, deep", summary = "No two values of a table are equal; with `deep`, the same.", least = 1, at = 1,
  test = function(values, chain)
    local seen, is_equal = {}, values[2] == true and is_same or function(a, b) return a == b end
    if type(values[1]) ~= "table" then misuse(format("%s: value 1 must be a table, not a %s", chain.path, type(values[1]))) end
    for _, value in next, values[1] do
      for i = 1, #seen do
        if is_equal(seen[i], value) then return false end
      end
      seen[#seen + 1] = value
    end
    return true
  end,
  explain = function(values, is_negated)
    local wanted = is_negated and "a value that is there twice" or "values that are all different"
    return "expected " .. wanted, wanted, show(values[1])
  end,
})

-- Texts and errors -----------------------------------------------------------------------------------------

-- The text that a pattern is tried on; nil for a value that has none.
local function text_of(value)
  local kind = type(value)
  if kind == "string" then return value end
  if kind == "number" or kind == "boolean" then return tostring(value) end
  if kind == "table" then return own_text(value) end
  if kind == "userdata" then return tostring(value) end
end

-- As in luassert: an init and a plain flag of string.find may stand before the message, the first value of another type.
local function split_message(values)
  for i = 3, values.n do
    local kind = type(values[i])
    if kind ~= "number" and kind ~= "boolean" and kind ~= "nil" then return values[i], i == 3 and 1 or 0 end
  end
  return nil, 0
end

-- The captures of a pattern in a text, or nothing.
local function captures_of(text, pattern, values)
  local _, skipped = split_message(values)
  local init, plain = values[3 + skipped], values[4 + skipped]
  if type(init) ~= "number" then init = 1 end
  if plain == true then return find(text, pattern, init, true) and { pattern, n = 1 } end
  local captures = pack(match(text, pattern, init))
  return captures[1] ~= nil and captures or nil
end

local function check_pattern(pattern, position, chain)
  if type(pattern) ~= "string" then
    misuse(format("%s: value %d must be a pattern, not a %s", chain.path, position, type(pattern)))
  end
end

word("matches match", {
  takes = "pattern, text, init, plain",
  summary = "A Lua pattern is found in the text; with `plain`, the pattern's own text is. Gives the captures.",
  least = 2, at = 2, note = split_message,
  test = function(values, chain)
    check_pattern(values[1], 1, chain)
    local text = text_of(values[2])
    local captures = text and captures_of(text, values[1], values)
    return not not captures, captures
  end,
  explain = function(values, is_negated)
    local wanted = "text that matches " .. show(values[1])
    local message, expected, actual = versus(wanted, wanted, values[2], is_negated)
    return is_negated and format("%s, got %s", message, brief(values[2])) or message, expected, actual
  end,
})

local function is_callable(value) return type(value) == "function" or type(value) == "table" or type(value) == "userdata" end

-- Whether the function raised, and what.
local function try(values, chain)
  if not is_callable(values[1]) then
    misuse(format("%s: value 1 must be a function that is to raise an error, not a %s", chain.path, type(values[1])))
  end
  local ok, err = pcall(values[1])
  if not ok and testing.is_pending(err) then error(err, 0) end
  values.raised, values.err = not ok, err
  return not ok, err
end

local function without_position(err)
  if type(err) == "string" then return (gsub(err, "^.-:%d+: ", "", 1)) end
  return err
end

local function explain_error(wanted, shown, values, is_negated)
  local err = values.err
  local got = values.raised and (type(err) == "string" and show(err) or brief(err)) or "none"
  if not is_negated then
    return format("expected %s, got %s", wanted, got), shown, values.raised and show(err) or "no error"
  elseif shown == "an error" then
    return "expected no error, got " .. got, "no error", show(err)
  end
  return format("expected anything but %s, got %s", wanted, got), "anything but " .. shown, show(err)
end

-- An expected string is an error's text, with its position or without, or the code or message of an error of the API.
local function is_error(expected, err)
  if type(expected) == "string" and type(err) == "table" then
    if own_text(err) == expected then return true end
    return getmetatable(err) ~= nil and (rawget(err, "code") == expected or rawget(err, "message") == expected)
  end
  if type(expected) == "number" and type(err) == "string" then return expected == tonumber(without_position(err)) end
  return is_same(expected, err) or type(err) == "string" and is_same(expected, without_position(err))
end

word("error errors", {
  takes = "fn, expected", summary = "The function raises an error: the expected one, if that is given. Gives the error.",
  least = 1, at = 1, note = 3,
  test = function(values, chain)
    local raised, err = try(values, chain)
    return raised and (values[2] == nil or is_error(values[2], err)), { without_position(err), n = 1 }
  end,
  explain = function(values, is_negated)
    local expected, err = values[2], values.err
    if expected == nil then return explain_error("an error", "an error", values, is_negated) end
    if not is_negated and type(expected) == "table" and type(err) == "table" and values.raised then
      return place("the errors", expected, err), show(expected), show(err)
    end
    return explain_error("the error " .. brief(expected), show(expected), values, is_negated)
  end,
})

word("error_matches error_match matches_error match_error", {
  takes = "fn, pattern, init, plain",
  summary = "The function raises an error whose text matches a Lua pattern. Gives the captures.",
  least = 2, at = 1, note = split_message,
  test = function(values, chain)
    check_pattern(values[2], 2, chain)
    local raised, err = try(values, chain)
    local text = raised and text_of(err)
    local captures = text and (captures_of(without_position(text), values[2], values) or captures_of(text, values[2], values))
    return not not captures, captures or { without_position(err), n = 1 }
  end,
  explain = function(values, is_negated)
    local wanted = "an error that matches " .. show(values[2])
    return explain_error(wanted, wanted, values, is_negated)
  end,
})
