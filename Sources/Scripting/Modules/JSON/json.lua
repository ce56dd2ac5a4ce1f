-- JSON text and Lua values; read and written in C (lh_json_read.c, lh_json_write.c).
local host = ...

local define, setmetatable, host_encode, host_decode = host.define, setmetatable, host.json_encode, host.json_decode
local array = host.array_metatable
array.__name = "array"

local json = { null = host.null }

json.encode = define{
  name = "json.encode",
  summary = "A value as JSON text. Keys are sorted; a table with keys 1..n is an array, any other an object, an empty one an object "
    .. "unless made by `json.array`; money is written as a string, so that no reader makes it a binary float.",
  parameters = { { "value", "any", "tables, strings, numbers, booleans, money, `json.null`", optional = true } },
  returns = "the text; or `nil, err` (`err.code == \"invalid_json\"`) for what JSON has no form for: a function, a task, a table that contains itself or is nested more than 100 deep, a number that is no longer exact; and for a text of more than 64 MB",
  example = 'assert(json.encode{ b = { 1, 2.5 }, a = json.null } == \'{"a":null,"b":[1,2.5]}\')',
  fn = function(value)
    local text, problem = host_encode(value)
    if text then return text end
    return host.fail("json.encode", { code = "invalid_json", message = problem, retryable = false })
  end,
}

json.decode = define{
  name = "json.decode",
  summary = "The value of a JSON text. Whole numbers that fit in 64 bits are integers; those that do not "
    .. "are strings of their digits, so that two ids never become one; others are floats; `null` is `json.null`; an "
    .. "empty array stays an array.",
  parameters = { { "text", "string", "JSON" } },
  returns = "the value; or `nil, err` with the line and column (`err.code == \"invalid_json\"`)",
  example = 'local v = json.decode(\'{"n": 9007199254740993, "list": []}\')\nassert(v.n == 9007199254740993)\n'
    .. 'assert(json.decode("[18446744073709551616]")[1] == "18446744073709551616")',
  fn = function(text)
    local value, problem = host_decode(text)
    if value ~= nil then return value end
    return host.fail("json.decode", { code = "invalid_json", message = problem, retryable = false })
  end,
}

json.array = define{
  name = "json.array",
  summary = "Marks a table as an array, so that it is written as `[]` even when it is empty.",
  parameters = { { "list", "table", "the table; a new one if absent", optional = true } },
  returns = "the table",
  example = 'assert(json.encode{ tags = json.array() } == \'{"tags":[]}\')',
  fn = function(list)
    if list and host.is_array(list) then return list end
    return setmetatable(list or {}, array)
  end,
}

host.module_table("json", json)
