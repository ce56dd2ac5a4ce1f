-- Names that can follow what was typed. Nothing of a script is called for it: values are reached by plain names of globals
-- and by fields that are there.
local host = ...

local type, next, rawget, ipairs = type, next, rawget, ipairs
local find, match, gmatch, sub, byte = string.find, string.match, string.gmatch, string.sub, string.byte
local sort, metatable, globals, homes = table.sort, host.metatable, host.globals, host.facts[3]

local MOST_LOOKED_AT = 10000

-- Values -----------------------------------------------------------------------------------------------------

local function global(name)
  if rawget(globals, name) == nil then host.load_home(name) end
  return rawget(globals, name)
end

-- The value of `a.b.c`, as far as it is there.
local function value_of(path)
  local value
  for name in gmatch(path, "[%a_][%w_]*") do
    if value == nil then value = global(name)
    elseif type(value) == "table" then value = rawget(value, name)
    else return nil end
    if value == nil then return nil end
  end
  return value
end

local classes = { ["pay link"] = "link", error = "error", response = "response", task = "handle", ["csv row"] = "row",
  ["csv writer"] = "writer" }

-- What the API calls the kind of a value, if it is one of its own.
local function class_of(value)
  local meta = (type(value) == "table" or type(value) == "userdata") and metatable(value)
  return meta and classes[rawget(meta, "__name")]
end

-- Candidates -------------------------------------------------------------------------------------------------

local function add_names(found, names)
  local count = 0
  for name, value in next, names do
    count = count + 1
    if count > MOST_LOOKED_AT then return end
    if type(name) == "string" and find(name, "^[%a_][%w_]*$") then found[name] = value end
  end
end

local function add_methods(found, class)
  for _, entry in ipairs(host.api) do
    local method = match(entry.name, "^" .. class .. ":(.+)$")
    if method then found[method] = entry.fn end
  end
end

-- What stands behind a value's dot, or behind its colon.
local function members(value, separator)
  local found = {}
  local class = class_of(value)
  if type(value) == "table" then
    add_names(found, value)
    local meta = metatable(value)
    local index = meta and rawget(meta, "__index")
    if type(index) == "table" then add_names(found, index) end
  elseif type(value) == "string" then
    add_names(found, rawget(globals, "string") or {})
  elseif type(value) == "userdata" and rawget(metatable(value) or {}, "__name") == "FILE*" then
    add_names(found, rawget(metatable(value), "__index"))
  end
  if class then
    for name in next, host.fields[class] or {} do found[name] = found[name] or true end
    if separator == ":" then add_methods(found, class) end
  end
  return found
end

local function words()
  local found = {}
  for word in next, host.testing.reserved do found[word] = true end
  for name in next, homes do found[name] = true end
  add_names(found, globals)
  return found
end

-- Options ----------------------------------------------------------------------------------------------------

-- Where the innermost table of the text begins that is still open, and has a key next; nil: there is none.
local function open_table(text)
  local depth, i = 0, #text
  local before = match(text, "^(.-)[%w_]*$")
  if not find(before, "[{,]%s*$") then return nil end
  while i > 0 do
    local letter = byte(text, i)
    if letter == 125 or letter == 41 then depth = depth + 1        -- } )
    elseif letter == 123 or letter == 40 then                      -- { (
      if depth == 0 then return letter == 123 and i or nil end
      depth = depth - 1
    end
    i = i - 1
  end
end

-- The definition of a function of the API that is called so.
local function definition(called)
  global(match(called, "^[%a_][%w_]*"))
  local owner, method = match(called, "^(.*):([%w_]+)$")
  local name = called
  if owner then
    local class = class_of(value_of(owner))
    name = class and class .. ":" .. method
  end
  for _, entry in ipairs(host.api) do
    if entry.name == name or (owner and not name and entry.options and match(entry.name, ":([%w_]+)$") == method) then
      return entry
    end
  end
end

-- The options of the function whose table is open at the end of the text, less those that it has.
local function options(text)
  local at = open_table(text)
  if not at then return nil end
  local called = match(sub(text, 1, at - 1), "([%a_][%w_.:]*)%s*$") or match(sub(text, 1, at - 1), "([%a_][%w_.:]*)%s*%([^()]*$")
  local entry = called and definition(called)
  if not entry or not entry.options then return nil end
  local given, found = {}, {}
  for name in gmatch(sub(text, at), "([%a_][%w_]*)%s*=") do given[name] = true end
  for _, option in ipairs(entry.options) do
    if not given[option[1]] then found[option[1]] = true end
  end
  return found
end

-- The names that begin as the last word of the text does, in their order, and how much of them is there already. One
-- that can only be called, or is an option, has what follows it.
function host.complete(text)
  local chain = match(text, "[%w_.:]*$")
  local path, separator, start = match(chain, "^(.*)([.:])([%w_]*)$")
  local found, suffix
  if path then
    local value = value_of(path)
    if value == nil or not find(path, "^[%a_][%w_.]*$") then return 0, {} end
    found = members(value, separator)
  else
    start = chain
    found = options(text)
    if found then suffix = " = " else found = words() end
  end
  local names = {}
  for name, value in next, found do
    if sub(name, 1, #start) == start and (separator ~= ":" or type(value) == "function") then
      names[#names + 1] = name .. (suffix or "")
    end
  end
  sort(names)
  return #start, names
end
