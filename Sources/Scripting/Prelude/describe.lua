-- Describes the Lua API to `paylink check`, from the definitions that the runtime itself uses and the globals that a
-- script finds: one fact a line, its words separated by tabs (Sources/ScriptCheck/API/APIDescription+Reading.swift).
-- Needs details.lua.
local host = ...
local details = host.details
local more = host.types and host.types.details or {} -- of what tests have besides
for name, known in next, more.functions or {} do details.functions[name] = known end
for name, fields in next, more.module_fields or {} do details.module_fields[name] = fields end

local out = {}
local function line(...)
  local words = table.pack(...)
  for i = 1, words.n do words[i] = string.gsub(tostring(words[i]), "[\t\n]", " ") end
  out[#out + 1] = table.concat(words, "\t")
end
local function sorted(values)
  local names = {}
  for name in next, values do if type(name) == "string" then names[#names + 1] = name end end
  table.sort(names)
  return names
end

-- Modules and globals ---------------------------------------------------------------------------------------

-- Absent names that may be asked for, as code for several versions of Lua does; and what scripts use instead.
local probes = { jit = "", bit = "Lua has operators: & | ~ << >>", bit32 = "Lua has operators: & | ~ << >>", setfenv = "",
  getfenv = "", loadstring = "use load", unpack = "use table.unpack", module = "return a table instead",
  package = "use require, which looks in the script's directory", _TEST = "", ngx = "" }

for _, name in ipairs(sorted(host.globals)) do
  local value = rawget(host.globals, name)
  if details.refused[name] then line("refused", name, details.refused[name])
  elseif host.modules[name] ~= value or type(value) ~= "table" or name == "_G" then line("global", name)
  end
end
for _, name in ipairs(sorted(probes)) do line("probe", name, probes[name]) end
for _, name in ipairs(sorted(host.modules)) do
  local module = host.modules[name]
  if type(module) == "table" and module ~= host.globals then
    local is_plain = name ~= "io" and name ~= "os" and rawget(host.globals, name) and not host.loaded[name]
      and not (more.strict or {})[name]
    line(is_plain and "library" or "module", name)
    for _, member in ipairs(sorted(module)) do line("member", name, member) end
    for _, field in ipairs(details.module_fields[name] or {}) do
      if rawget(module, field[1]) == nil then line("member", name, field[1]) end
    end
  end
end
for _, name in ipairs(sorted(details.refused)) do
  if string.find(name, ".", 1, true) then line("refused", name, details.refused[name]) end
end

-- Functions -------------------------------------------------------------------------------------------------

-- The attributes of an option or a parameter: what its definition says, and what details.lua does.
local function attributes(given, ...)
  local list = { ... }
  for one in string.gmatch(given or "", "[^;]+") do
    list[#list + 1] = one
  end
  return table.unpack(list)
end

for _, entry in ipairs(host.api) do
  local known = details.functions[entry.name] or {}
  line("function", entry.name, table.unpack(known))
  local is_method = string.find(entry.name, ":", 1, true) ~= nil
  local at = entry.options and entry.parameters and (entry.options_at or #entry.parameters)
  for i, parameter in ipairs(entry.parameters or {}) do
    if not (is_method and i == 1) then
      local said = {}
      if parameter.optional then said[#said + 1] = "optional" end
      if i == at then said[#said + 1] = "options" end
      line("parameter", parameter[1], parameter[2], attributes(known[parameter[1]], table.unpack(said)))
    end
  end
  for _, option in ipairs(entry.options or {}) do
    line("option", option[1], option[2], attributes(known[option[1]], option.required and "required" or "optional"))
  end
end

-- What values have: the fields of links, errors and replies, the methods of files and strings ---------------

for _, name in ipairs(sorted(details.classes)) do
  if name ~= "payment" then
    line("class", name, "strict")
    for _, field in ipairs(details.classes[name]) do line("field", name, field[1]) end
  end
end
line("class", "file")
for _, name in ipairs{ "close", "flush", "lines", "read", "seek", "setvbuf", "write" } do line("field", "file", name) end
line("gives", "io.open", "file")
for _, name in ipairs(more.guards or {}) do line("guard", name) end

host.reference(table.concat(out, "\n"))
