-- Spies and stubs: callable tables that record their calls, and the words that look at them. Those put into a table are
-- taken out again at the end of the test.
local host = ...

local testing, misuse, suggestion, define, set_global = host.testing, host.misuse, host.suggestion, host.define, host.set_global
local word, show, brief, is_same = testing.word, testing.show, testing.brief, testing.is_same
local getmetatable, next, rawget, rawset, setmetatable, tostring, type =
  getmetatable, next, rawget, rawset, setmetatable, tostring, type
local math_type, format, gsub, sub = math.type, string.format, string.gsub, string.sub
local concat, pack, unpack = table.concat, table.pack, table.unpack

local Spy, methods = { __name = "spy" }, {}
local placed = {} -- the spies that stand in a table, in order

local function is_spy(value) return type(value) == "table" and getmetatable(value) == Spy end

local function is_callable(value)
  local kind = type(value)
  return kind == "function" or (kind == "table" or kind == "userdata") and getmetatable(value) ~= nil
end

-- Records --------------------------------------------------------------------------------------------------

-- A value as it is now. What has a metatable is an object, and kept as it is.
local function copy_of(value, copies)
  if type(value) ~= "table" or getmetatable(value) ~= nil then return value end
  local copy = copies[value]
  if copy then return copy end
  copy = {}
  copies[value] = copy
  for key, member in next, value do copy[key] = copy_of(member, copies) end
  return copy
end

-- Values as they were at the time (`vals`), and the very ones (`refs`), each with their number n.
local function record_of(refs)
  local vals, copies = { n = refs.n }, {}
  for i = 1, refs.n do vals[i] = copy_of(refs[i], copies) end
  return { vals = vals, refs = refs }
end

local function is_list(wanted, values)
  if wanted.n ~= values.n then return false end
  for i = 1, wanted.n do
    if not is_same(wanted[i], values[i]) then return false end
  end
  return true
end

-- Whether a record is of these values.
local function has_values(record, wanted) return is_list(wanted, record.vals) or is_list(wanted, record.refs) end

local function any_has(records, wanted)
  for i = 1, #records do
    if has_values(records[i], wanted) then return true end
  end
  return false
end

local function give_back(spy, ...)
  spy.returnvals[#spy.returnvals + 1] = record_of(pack(...))
  return ...
end

function Spy.__call(spy, ...)
  local arguments = pack(...)
  spy.calls[#spy.calls + 1] = record_of(arguments)
  local answers = rawget(spy, "answers")
  for i = answers and #answers or 0, 1, -1 do -- the latest first
    if is_list(answers[i].wanted, arguments) then return give_back(spy, answers[i].fn(...)) end
  end
  return give_back(spy, spy.callback(...))
end

function Spy.__index(_, key)
  local method = methods[key]
  if method then return method end
  misuse(format("a spy has no field '%s'%s", tostring(key), suggestion(key, methods)))
end

local function times(count) return count == 1 and "once" or format("%d times", count) end
local function was_called(count) return count == 0 and "was never called" or "was called " .. times(count) end

function Spy.__tostring(spy) return "a spy that " .. was_called(#spy.calls) end

function methods.called(spy, count) return #spy.calls == count or count == nil and #spy.calls > 0, #spy.calls end
function methods.called_with(spy, wanted)
  if wanted.n == nil then wanted = pack(unpack(wanted)) end
  return any_has(spy.calls, wanted)
end

-- Forgets the calls.
function methods.clear(spy)
  spy.calls, spy.returnvals = {}, {}
  return spy
end

-- Puts back what the spy stands for.
function methods.revert(spy)
  local home = rawget(spy, "home")
  if home then
    spy.home = nil
    rawset(home.table, home.name, home.original)
  end
  return spy.callback
end

function testing.revert_spies()
  for i = #placed, 1, -1 do
    methods.revert(placed[i])
    placed[i] = nil
  end
end

-- Making them ----------------------------------------------------------------------------------------------

local function new(callback) return setmetatable({ calls = {}, returnvals = {}, callback = callback }, Spy) end

local function place(spy, target, name)
  spy.home = { table = target, name = name, original = rawget(target, name) }
  rawset(target, name, spy)
  placed[#placed + 1] = spy
  return spy
end

local spy = {}

spy.new = define{
  name = "spy.new",
  summary = "A spy on a function: it is called as the function is, and records its calls. Also `spy(fn)`.",
  parameters = { { "fn", "any", "the function; one that does nothing if absent", optional = true } },
  returns = "the spy: `calls[i].vals` are the arguments of a call, `s:clear()` forgets all calls, `s:revert()` puts back what "
    .. "`spy.on` replaced",
  example = 'local s = spy.new(function(n) return n + 1 end)\nassert.equal(3, s(2))\nassert.spy(s).was.called_with(2)',
  fn = function(fn)
    if fn ~= nil and not is_callable(fn) then misuse("spy.new: argument 1 (fn) must be a function, not a " .. type(fn)) end
    return new(fn or function() end)
  end,
}

spy.on = define{
  name = "spy.on",
  summary = "Puts a spy in the place of a table's function, until the test ends. The function is still called.",
  parameters = { { "table", "table", "the table" }, { "name", "any", "the function's name in it" } },
  returns = "the spy",
  example = 'local s = spy.on(string, "upper")\nstring.upper("a")\nassert.spy(s).was.called(1)',
  fn = function(target, name)
    local fn = target[name]
    if not is_callable(fn) then misuse(format("spy.on: '%s' is a %s, not a function", tostring(name), type(fn))) end
    return place(new(fn), target, name)
  end,
}

spy.is_spy = is_spy
set_global("spy", setmetatable(spy, { __call = function(_, fn) return spy.new(fn) end, __name = "spy", __metatable = false,
  __index = function(_, key) misuse(format("spy.%s does not exist%s", tostring(key), suggestion(key, spy))) end }))

-- What a stub answers by its own methods: `s.returns(…)`, or `s:returns(…)`.
local function answering(stub, use)
  local function after_self(first, ...)
    if first == stub then return ... end
    return first, ...
  end
  local function check(fn)
    if not is_callable(fn) then misuse("stub: what it invokes must be a function, not a " .. type(fn)) end
    use(fn)
    return stub
  end
  return function(...)
    local values = pack(after_self(...))
    return check(function() return unpack(values, 1, values.n) end)
  end, function(...) return check((after_self(...))) end
end

local stub_function = define{
  name = "stub",
  summary = "Puts a function that does nothing but record its calls in the place of a table's function, until the test ends.",
  parameters = { { "table", "table", "the table" }, { "name", "any", "the function's name in it" },
    { "...", "any", "what it returns; or one function that is called instead" } },
  returns = "the stub, a spy: `s.returns(…)`, `s.invokes(fn)` and `s.on_call_with(…).returns(…)` say what it does from "
    .. "then on",
  example = 'local s = stub(os, "getenv", "staging")\nassert.equal("staging", os.getenv("STAGE"))\n'
    .. 'assert.stub(s).was.called_with("STAGE")',
  fn = function(target, name, ...)
    local present = target[name]
    if present ~= nil and not is_callable(present) then
      misuse(format("stub: '%s' is a %s, not a function", tostring(name), type(present)))
    end
    local values = pack(...)
    local only = values.n == 1 and values[1] -- an object with a metatable, such as a link, is a value to return
    local stub = new((type(only) == "function" or is_spy(only)) and only or function() return unpack(values, 1, values.n) end)
    stub.returns, stub.invokes = answering(stub, function(fn) stub.callback = fn end)
    stub.answers = {}
    stub.on_call_with = function(...)
      local wanted = pack(...)
      local returns, invokes = answering(stub, function(fn)
        stub.answers[#stub.answers + 1] = { wanted = wanted, fn = fn }
      end)
      return { returns = returns, invokes = invokes }
    end
    return place(stub, target, name)
  end,
}
set_global("stub", setmetatable({ new = stub_function }, { __call = function(_, ...) return stub_function(...) end,
  __name = "stub", __metatable = false }))

-- Words ----------------------------------------------------------------------------------------------------

for _, name in next, { "spy", "stub" } do
  word(name, {
    takes = "spy", summary = "The spy that the next word is about.", least = 1,
    continue = function(values, state)
      if not is_spy(values[1]) then
        misuse(format("%s: takes a spy, which spy.new, spy.on or stub gives, not a %s", state.path, type(values[1])))
      end
      state.subject, state.word, state.path = values[1], nil, state.path .. "(…)"
      if values[2] ~= nil then state.note = values[2] end
      return state
    end,
  })
end

local function subject_of(state)
  if not state.subject then misuse(format("%s: is about a spy: assert.spy(s).was.called()", state.path)) end
  return state.subject
end

for _, count in next, {
  { "", function(calls, wanted) return calls == wanted end },
  { "at least ", function(calls, wanted) return calls >= wanted end },
  { "at most ", function(calls, wanted) return calls <= wanted end },
  { "more than ", function(calls, wanted) return calls > wanted end },
  { "less than ", function(calls, wanted) return calls < wanted end },
} do
  local is_optional = count[1] == ""
  word("called" .. (is_optional and "" or "_" .. gsub(sub(count[1], 1, -2), " ", "_")), {
    takes = "count",
    summary = "The spy was called " .. count[1] .. "so many times" .. (is_optional and "; without a count, at all." or "."),
    least = is_optional and 0 or 1, note = 2,
    test = function(values, state)
      local calls, wanted = #subject_of(state).calls, values[1]
      if wanted == nil and is_optional then return calls > 0 end
      if not math_type(wanted) then misuse(format("%s: the count must be a number, not a %s", state.path, type(wanted))) end
      return count[2](calls, wanted)
    end,
    explain = function(values, is_negated, state)
      local calls, wanted = #state.subject.calls, values[1]
      local text = wanted == nil and "at least once" or count[1] .. times(wanted)
      if is_negated then text = wanted == nil and "0 times" or "not " .. text end
      return format("expected the spy to be called %s, but it %s", text, was_called(calls)), text, times(calls)
    end,
  })
end

-- Values as they stand between parentheses.
local function list_text(values, show_one)
  local shown = {}
  for i = 1, values.n do shown[i] = show_one(values[i]) end
  return "(" .. concat(shown, ", ") .. ")"
end

-- Records, one a line, the latest ten.
local function records_text(records)
  local lines = {}
  for i = #records > 10 and #records - 9 or 1, #records do lines[#lines + 1] = list_text(records[i].vals, show) end
  return concat(lines, "\n")
end

for _, field in next, { "calls", "returnvals" } do
  word(field == "calls" and "called_with" or "returned_with", {
    takes = "...",
    summary = field == "calls" and "A call of the spy had these arguments." or "A call of the spy returned these values.",
    least = 0,
    test = function(values, state) return any_has(subject_of(state)[field], values) end,
    explain = function(values, is_negated, state)
      local records = state.subject[field]
      local wanted, full = list_text(values, brief), list_text(values, show)
      local verb, last, never = "be called with", "its last call was with", "it never was called"
      if field == "returnvals" then verb, last, never = "return", "its last result was", "it never returned" end
      if is_negated then return format("expected the spy not to %s %s", verb, wanted), "not " .. full, records_text(records) end
      local got = #records == 0 and never or last .. " " .. list_text(records[#records].vals, brief)
      return format("expected the spy to %s %s, but %s", verb, wanted, got), full, #records > 0 and records_text(records) or "0 calls"
    end,
  })
end
