-- `assert` of a test: Lua's own when it is called, and words as fields, read from left to right as in luassert. The words
-- are in words.lua and spy.lua. Also `match`, which makes of each word a stand-in for a value.
local host = ...

local testing, misuse, suggestion = host.testing, host.misuse, host.suggestion
local show, Matcher = testing.show, testing.matcher_metatable
local error, getmetatable, next, pcall, rawget, rawset, select, setmetatable, tostring, type =
  error, getmetatable, next, pcall, rawget, rawset, select, setmetatable, tostring, type
local format, gmatch, lower, pack, unpack, concat = string.format, string.gmatch, string.lower, table.pack, table.unpack,
  table.concat

-- What a failed assertion raises: { assertion = true, message, expected, actual }, the last two as they are shown, or nil.
local Failure = { __name = "failed assertion", __metatable = false }
function Failure.__tostring(failure) return tostring(rawget(failure, "message")) end

local function fail(message, expected, actual)
  error(setmetatable({ assertion = true, message = message, expected = expected, actual = actual }, Failure), 0)
end

-- What `pending` raises inside a test. has_error lets it pass.
local Pending = { __name = "pending" }
testing.pending_metatable = Pending

function testing.is_pending(err) return type(err) == "table" and getmetatable(err) == Pending end

-- Words ----------------------------------------------------------------------------------------------------

local words = {}      -- by name
local beginnings = {} -- of words of several parts, as keys
local modifiers = { is = 0, are = 0, was = 0, has = 0, does = 0, ["not"] = 1, no = 1 } -- 1 negates
local known = {}      -- every word and modifier, as keys
for name in next, modifiers do known[name] = true end
testing.words = {}    -- every word in order, for the reference: its names, what it takes, a summary

-- Adds a word, under one name or several. `definition` has
--   takes, summary  for the reference
--   least           how many values it needs
--   at              which of them is looked at
--   note            which is the user's message, or a function that finds it in the values
--   test            (values, state) -> whether the word holds[, results that the script gets in place of its values]
--   explain         (values, is_negated, state) -> what a failure says, expected, actual
--   continue        in place of test and explain: (values, state) -> the state from which the next word is read
function testing.word(names, definition)
  definition.names = {}
  for name in gmatch(names, "%S+") do
    definition.names[#definition.names + 1] = name
    words[name], known[name] = definition, true
    local beginning
    for part in gmatch(name, "[^_]+") do
      beginning = beginning and beginning .. "_" .. part or part
      beginnings[beginning] = true
    end
  end
  testing.words[#testing.words + 1] = definition
end

-- Chains ---------------------------------------------------------------------------------------------------

local Chain = {}
local STATE = {} -- the key of a chain's state: path, word, is_negated, note, subject, is_matcher

local function chain_of(state) return setmetatable({ [STATE] = state }, Chain) end

local function copy_of(state)
  local copy = {}
  for key, value in next, state do copy[key] = value end
  return copy
end

local function refuse_word(state, name)
  local near = suggestion(name, known)
  if near == "" then near = suggestion(gmatch(name, "[^_]+")(), known) end
  misuse(format("%s: there is no word '%s'%s", state.path, name, near))
end

-- The chain with the parts of one more name: `is_not_nil` is `is.not.nil`.
function Chain.__index(chain, key)
  local state = copy_of(rawget(chain, STATE))
  state.path = format("%s.%s", state.path, tostring(key))
  if type(key) ~= "string" then refuse_word(state, tostring(key)) end
  local name = state.word
  for part in gmatch(lower(key), "[^_]+") do
    local modifier = modifiers[part]
    if name or not modifier then
      name = name and name .. "_" .. part or part
    elseif modifier == 1 then
      state.is_negated = not state.is_negated
    end
  end
  if name and not beginnings[name] then refuse_word(state, name) end
  state.word = name
  return chain_of(state)
end

local function note_text(note)
  if note == nil then return "" end
  return (type(note) == "string" and note or show(note)) .. ": "
end

local function matcher_of(state, word, values)
  local shown = {}
  for i = 1, values.n do shown[i] = show(values[i]) end
  local first = word.at
  return setmetatable({
    text = format("%s(%s)", state.path, concat(shown, ", ")),
    accepts = function(value)
      local full = pack(unpack(values, 1, values.n))
      for i = full.n, first, -1 do full[i + 1] = full[i] end
      full[first], full.n = value, full.n + 1
      return (not word.test(full, state)) == (state.is_negated or false)
    end,
  }, Matcher)
end

function Chain.__call(chain, ...)
  local state = rawget(chain, STATE)
  local word, values = words[state.word], pack(...)
  if not word then misuse(format("%s: a word is missing after it, such as 'equal'", state.path)) end
  local least = state.is_matcher and word.least - 1 or word.least
  if values.n < least then
    misuse(format("%s: takes %s%d value%s, not %d", state.path, word.note and "at least " or "", least, least == 1 and "" or "s",
      values.n))
  end
  if word.continue then return chain_of(word.continue(values, copy_of(state))) end
  if state.is_matcher then return matcher_of(state, word, values) end
  local holds, results = word.test(values, state)
  if not holds == not state.is_negated then
    local message, expected, actual = word.explain(values, state.is_negated, state)
    local note = state.note
    if type(word.note) == "function" then note = word.note(values) or note
    elseif word.note and values[word.note] ~= nil then note = values[word.note] end
    fail(note_text(note) .. message, expected, actual)
  end
  if results then return unpack(results, 1, results.n) end
  return ...
end

testing.word("message", {
  takes = "text", summary = "A message that comes first when the word after it fails: `assert.message(\"total\").equal(1, n)`.",
  least = 1,
  continue = function(values, state)
    state.note, state.word = values[1], nil
    return state
  end,
})

-- Globals --------------------------------------------------------------------------------------------------

-- In place of Lua's, which a script has already.
rawset(host.globals, "assert", setmetatable({ [STATE] = { path = "assert" } }, {
  __index = Chain.__index,
  __call = function(_, ...)
    local count = select("#", ...)
    if count == 0 then misuse("bad argument #1 to 'assert' (value expected)") end
    if (...) then return ... end
    local value = "assertion failed!"
    if count > 1 then value = (select(2, ...)) end
    if type(value) == "string" then value = select(2, pcall(misuse, value)) end -- Lua adds the script's line, too
    testing.refused = { value = value } -- by which the runner knows that it was an assertion
    error(value, 0)
  end,
  __name = "assert",
  __metatable = false,
}))

function Matcher.__call(matcher, value) return rawget(matcher, "accepts")(value) end
function Matcher.__tostring(matcher) return rawget(matcher, "text") end
Matcher.__name = "matcher"

host.set_global("match", setmetatable({
  _ = setmetatable({ text = "match._", accepts = function() return true end }, Matcher),
  is_matcher = function(value) return type(value) == "table" and getmetatable(value) == Matcher end,
  [STATE] = { path = "match", is_matcher = true },
}, { __index = Chain.__index, __name = "match", __metatable = false }))
