-- Values as a failed test shows them, and where two of them differ. All is read raw: links and errors of the API raise
-- when a field is read that they do not have.
local host = ...

local testing = {} -- what the files of `paylink test` share
host.testing = testing

local type, next, ipairs, rawget, rawequal, tostring, tonumber, pcall, getmetatable =
  type, next, ipairs, rawget, rawequal, tostring, tonumber, pcall, getmetatable
local math_type, format, find, sub, byte, gsub, gmatch = math.type, string.format, string.find, string.sub, string.byte,
  string.gsub, string.gmatch
local concat, sort, utf8_len, utf8_offset = table.concat, table.sort, utf8.len, utf8.offset

local DEPTH = 4     -- tables inside tables that are shown
local LINES = 60    -- lines of one value
local ENTRIES = 2000 -- entries of one value, with all the tables in it
local WIDTH = 72    -- bytes of a table that stands on one line
local TEXT = 2000   -- bytes of a string
local BRIEF = 100   -- bytes of a value inside a sentence

-- Shown values ---------------------------------------------------------------------------------------------

local escapes = { ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t", ['"'] = '\\"', ["\\"] = "\\\\" }

local function escaped(character) return escapes[character] or format("\\x%02X", byte(character)) end

-- The first bytes of a text, without a part of a character at the end.
local function head(text, most)
  if #text <= most then return text, "" end
  return sub(text, 1, utf8_offset(text, 0, most + 1) - 1), format("… (%d bytes)", #text)
end

local function quoted(text, most)
  local shown, rest = head(text, most or TEXT)
  local unreadable = utf8_len(shown) and '[%c"\\]' or '[%c"\\\128-\255]'
  return '"' .. gsub(shown, unreadable, escaped) .. '"' .. rest
end

-- With as many digits as tell it from its neighbours.
local function number_text(value)
  local text = tostring(value)
  if math_type(value) == "float" and value == value and tonumber(text) ~= value then return format("%.17g", value) end
  return text
end

local function plain_text(value)
  local ok, text = pcall(tostring, value)
  return ok and text or "a " .. type(value) .. " whose __tostring raises an error"
end

-- What a table's own __tostring makes of it, if it has one: a protected metatable does not say.
local function own_text(value)
  if getmetatable(value) == nil then return nil end
  local ok, text = pcall(tostring, value)
  if ok and not find(text, "^[%w_. ]+: 0x%x+$") then return text end
end

local ranks = { number = 1, string = 2, boolean = 3 }

local function is_before(a, b)
  local kind, other = type(a), type(b)
  if kind == other and (kind == "number" or kind == "string") then return a < b end
  local rank, other_rank = ranks[kind] or 4, ranks[other] or 4
  if rank ~= other_rank then return rank < other_rank end
  return plain_text(a) < plain_text(b)
end

local function sorted_keys(value)
  local keys = {}
  for key in next, value do keys[#keys + 1] = key end
  sort(keys, is_before)
  return keys
end

local reserved = {}
for word in gmatch("and break do else elseif end false for function goto if in local nil not or repeat return then true "
  .. "until while", "%l+") do reserved[word] = true end
testing.reserved = reserved

local function is_name(key) return type(key) == "string" and find(key, "^[%a_][%w_]*$") and not reserved[key] end

local function in_brackets(key)
  local kind = type(key)
  return "[" .. (kind == "string" and quoted(key) or kind == "number" and number_text(key) or plain_text(key)) .. "]"
end

local show_part

-- `open` holds the tables around this one, and `left` how many entries may still be shown.
local function show_table(value, depth, state)
  if state.open[value] then return "<cycle>" end
  local own = own_text(value)
  if own then return own end
  if next(value) == nil then return "{}" end
  if depth > DEPTH then return "{ … }" end
  state.open[value] = true
  local entries, index = {}, 1
  for _, key in ipairs(sorted_keys(value)) do
    if state.left <= 0 then
      entries[#entries + 1] = "…"
      break
    end
    state.left = state.left - 1
    local shown = show_part(rawget(value, key), depth + 1, state)
    if key == index then
      index = index + 1
    else
      shown = (is_name(key) and key or in_brackets(key)) .. " = " .. shown
    end
    entries[#entries + 1] = shown
  end
  state.open[value] = nil
  local line = "{ " .. concat(entries, ", ") .. " }"
  if #line <= WIDTH and not find(line, "\n", 1, true) then return line end
  for i = 1, #entries do entries[i] = "  " .. gsub(entries[i], "\n", "\n  ") .. ",\n" end
  return "{\n" .. concat(entries) .. "}"
end

function show_part(value, depth, state)
  local kind = type(value)
  local special = state.special and state.special(value)
  if special then return special end
  if kind == "string" then return quoted(value) end
  if kind == "number" then return number_text(value) end
  if kind == "table" then return show_table(value, depth, state) end
  return plain_text(value)
end

-- A value as text of several lines. `special`, if there is one, gives the text of values that it knows.
local function show(value, special)
  local text = show_part(value, 1, { open = {}, left = ENTRIES, special = special })
  local lines, position = 1, 1
  while true do
    local at = find(text, "\n", position, true)
    if not at then return text end
    if lines == LINES then
      local _, more = gsub(sub(text, at), "\n", "\n")
      return sub(text, 1, at) .. format("… (%d more lines)", more)
    end
    lines, position = lines + 1, at + 1
  end
end
testing.show = show

-- A value inside a sentence.
local function brief(value)
  if type(value) == "string" then return quoted(value, BRIEF) end
  local text = show(value)
  if #text <= BRIEF and not find(text, "\n", 1, true) then return text end
  if type(value) == "table" and not own_text(value) then return "a table" end
  local shown, rest = head(gsub(text, "\n", " "), BRIEF)
  return shown .. rest
end
testing.brief, testing.own_text = brief, own_text

-- Comparison -----------------------------------------------------------------------------------------------

-- What stands for any value that it accepts, such as match.is_string(): a table that is called with the value.
local Matcher = {}
testing.matcher_metatable = Matcher

local function in_order(value)
  local keys, i = sorted_keys(value), 0
  return function()
    i = i + 1
    return keys[i]
  end
end

local function in_any_order(value) return next, value end

-- Whether `actual` has the content of `expected`. If not, `found` gets the two values that differ and the keys that lead
-- to them, the innermost first. A pair that is being compared, or has been, counts as alike, which ends cycles.
local function is_alike(expected, actual, keys, compared, found)
  if rawequal(expected, actual) then return true end
  local alike
  if type(expected) ~= "table" then
    alike = expected == actual
  elseif getmetatable(expected) == Matcher then
    alike = expected(actual)
  elseif type(actual) ~= "table" then
    alike = false
  end
  if alike ~= nil then
    if not alike then found.expected, found.actual = expected, actual end
    return alike
  end
  local partners = compared[expected]
  if not partners then
    partners = {}
    compared[expected] = partners
  end
  if partners[actual] then return true end
  partners[actual] = true
  for key in keys(expected) do
    if not is_alike(rawget(expected, key), rawget(actual, key), keys, compared, found) then
      found[#found + 1] = key
      return false
    end
  end
  for key in keys(actual) do
    if rawget(expected, key) == nil then
      found.actual, found[1] = rawget(actual, key), key
      return false
    end
  end
  return true
end

function testing.is_same(expected, actual) return is_alike(expected, actual, in_any_order, {}, {}) end

-- The first place, in the order of shown keys, where the content of two tables differs, and what is there; the place is
-- "" when it is the values themselves.
function testing.difference(expected, actual)
  local found = {}
  if is_alike(expected, actual, in_order, {}, found) then return nil end
  local path = {}
  for i = #found, 1, -1 do path[#path + 1] = is_name(found[i]) and "." .. found[i] or in_brackets(found[i]) end
  return concat(path), found.expected, found.actual
end

-- Where two strings differ: the number of the first byte, and what stands from there on, with a little before it.
function testing.text_difference(expected, actual)
  local at, most = 1, #expected < #actual and #expected or #actual
  while at + 4096 <= most and sub(expected, at, at + 4095) == sub(actual, at, at + 4095) do at = at + 4096 end
  while at <= most and byte(expected, at) == byte(actual, at) do at = at + 1 end
  local from = at > 10 and utf8_offset(expected, 0, at - 10) or 1
  local function part(text)
    return (from > 1 and "…" or "") .. quoted((head(sub(text, from), 40))) .. (#text >= from + 40 and "…" or "")
  end
  return at, part(expected), part(actual)
end
