-- The stock functions that must differ for scripts: load, require, os, io, and what is not there; `arg`.
local host = ...

local type, next, select, rawget, rawset, setmetatable = type, next, select, rawget, rawset, setmetatable
local math_type, format, tostring = math.type, string.format, tostring
local misuse, suggestion, stock_load = host.misuse, host.suggestion, load

-- Loads text only; precompiled chunks are refused.
function load(chunk, name, mode, ...)
  if mode ~= nil and mode ~= "t" and mode ~= "bt" then misuse("load: only text chunks (mode \"t\") can be loaded") end
  if type(name) == "string" and name:find("=[paylink", 1, true) == 1 then misuse("load: that chunk name belongs to the host") end
  if select("#", ...) > 0 then return stock_load(chunk, name, "t", (...)) end
  return stock_load(chunk, name, "t")
end

local loaded, loading = host.modules, {}
-- Finds a module of the API, or a file in the script's directory; a module may wait while it loads.
function require(name)
  if type(name) ~= "string" then misuse("require: the module's name must be a string") end
  host.load_home(name)
  local module = loaded[name]
  if module ~= nil then return module end
  if loading[name] then misuse(format("require: module '%s' requires itself, directly or through others", name)) end
  local text, path = host.module(name)
  if not text then misuse("require: " .. path) end
  local chunk, problem = stock_load(text, "@" .. path, "t")
  if not chunk then misuse("require: " .. problem) end
  loading[name] = true
  local done <close> = setmetatable({}, { __close = function() loading[name] = nil end }) -- also when it fails or is cancelled
  local value = chunk(name, path)
  if value == nil then value = true end
  if loaded[name] == nil then loaded[name] = value end
  return loaded[name], path
end

os.getenv = function(name)
  if type(name) ~= "string" then misuse("os.getenv: the variable's name must be a string") end
  return (host.environment(name))
end
os.exit = function(status)
  if status == nil or status == true then status = 0 elseif status == false then status = 1 end
  if math_type(status) ~= "integer" then misuse("os.exit: the status must be an integer or a boolean") end
  if status < 0 or status > 255 then misuse("os.exit: the status must be between 0 and 255") end
  host.exit_status(status)
  host.exit()
end

local absent = {
  dofile = "use require, which looks in the script's directory",
  loadfile = "use require, which looks in the script's directory",
}
local function refused(library, names)
  local module = _G[library]
  return setmetatable(module, {
    __index = function(_, key)
      local why = names[key]
      if why then misuse(format("%s.%s is not available to scripts: %s", library, key, why)) end
      if library == "io" or library == "os" then
        misuse(format("%s.%s does not exist%s", library, tostring(key), suggestion(key, module)))
      end
    end,
  })
end
refused("io", { open = "files are not reachable yet", popen = "use program.run, which takes a list of arguments", lines = "files are not reachable yet",
  output = "files are not reachable yet", input = "files are not reachable yet", tmpfile = "files are not reachable yet",
  close = "standard streams stay open" })
refused("os", { execute = "use program.run, which takes a list of arguments", remove = "files are not reachable yet", rename = "files are not reachable yet",
  tmpname = "files are not reachable yet", setlocale = "the locale is fixed" })
for name, why in next, absent do
  rawset(_G, name, function() misuse(format("%s is not available to scripts: %s", name, why)) end)
end

for _, name in next, { "string", "table", "math", "utf8", "os", "io", "coroutine", "debug" } do
  loaded[name] = rawget(_G, name)
end
loaded._G = _G

local null = host.null_metatable
null.__tostring = function() return "null" end
null.__name = "null"
null.__metatable = false

-- The script's arguments, as the stand-alone interpreter gives them.
local given, arguments = host.arguments(), {}
for i = 1, #given do arguments[i - 1] = given[i] end
rawset(_G, "arg", arguments)
