-- The stock functions that must differ for scripts: require, os, io, and what is not there; `arg`.
local host = ...

local type, next, select, rawget, rawset, setmetatable = type, next, select, rawget, rawset, setmetatable
local math_type, tointeger, format, find, tostring = math.type, math.tointeger, string.format, string.find, tostring
local globals, misuse, suggestion, compile = host.globals, host.misuse, host.suggestion, host.compile
local script_io, script_os = globals.io, globals.os -- those that the script sees; `io` and `os` are the prelude's own

local loaded = host.modules
local loading = {} -- the number of the task that loads a module, by the module's name
local waiting = {} -- the name of the module that a task waits for, by the task's number
local awaited = {} -- the names of modules that some task waits for

-- Whether loading a module would wait for this very task, directly or through others.
local function is_circular(name, me)
  while name do
    local owner = loading[name]
    if owner == me then return true end
    name = owner and waiting[owner]
  end
  return false
end

-- Until another task has loaded a module, or has failed to.
local function wait_for_module(name, me)
  waiting[me], awaited[name] = name, true
  local done <close> = setmetatable({}, { __close = function() waiting[me] = nil end }) -- also when the task is ended
  host.module_wait(name)
end

-- Finds a module of the API, or a file in the script's directory; a module may wait while it loads.
function globals.require(name)
  if type(name) ~= "string" then misuse("require: the module's name must be a string") end
  host.load_home(name)
  local me = host.task_id()
  while loaded[name] == nil and loading[name] do
    if is_circular(name, me) then misuse(format("require: module '%s' requires itself, directly or through others", name)) end
    wait_for_module(name, me)
  end
  local module = loaded[name]
  if module ~= nil then return module end
  local text, path = host.module(name)
  if not text then misuse("require: " .. path) end
  local chunk, problem = compile(text, "@" .. path)
  if not chunk then misuse("require: " .. problem) end
  loading[name] = me
  local done <close> = setmetatable({}, { __close = function() -- also when it fails or is cancelled
    loading[name] = nil
    if awaited[name] then
      awaited[name] = nil
      host.module_done(name)
    end
  end })
  local value = chunk(name, path)
  if value == nil then value = true end
  if loaded[name] == nil then loaded[name] = value end
  return loaded[name], path
end

script_os.getenv = function(name)
  if type(name) ~= "string" then misuse("os.getenv: the variable's name must be a string") end
  return (host.environment(name))
end
script_os.exit = function(status, close)
  if status == nil or status == true then status = 0 elseif status == false then status = 1 end
  if math_type(status) ~= "integer" then misuse("os.exit: the status must be an integer or a boolean") end
  if status < 0 or status > 255 then misuse("os.exit: the status must be between 0 and 255") end
  host.exit_status(status)
  host.exit(close == true)
end

local handle_of, attach_file, open_file = host.new_file, host.attach_file, host.open_file
local function path_of(call, path)
  local kind = type(path)
  if kind ~= "string" and kind ~= "number" then misuse(format("%s: the path must be a string, not a %s", call, kind)) end
  return tostring(path)
end

-- As in Lua: a file, or nil, a message and a number. Which files there are for a script is the host's to say.
local function open(call, path, mode)
  path = path_of(call, path)
  if mode == nil then mode = "r" end
  if type(mode) ~= "string" or not find(mode, "^[rwa]%+?b?$") then
    misuse(format("%s: the mode must be one of r, w, a, r+, w+ and a+, not %s", call, tostring(mode)))
  end
  local file, problem = handle_of()
  if not file then return nil, path .. ": " .. problem, 24 end
  local descriptor, message, number = open_file(path, mode)
  if not descriptor then return nil, message, number end
  return attach_file(file, descriptor, mode)
end
script_io.open = function(path, mode) return open("io.open", path, mode) end

script_io.close = function(file)
  if io.type(file) == nil then misuse("io.close: the argument must be a file: the standard streams stay open") end
  return file:close()
end

-- A wrong format is told at the line that gives it, not at one of ours that reads.
local function check_formats(...)
  for i = 1, select("#", ...) do
    local what = select(i, ...)
    if not (type(what) == "string" and find(what, "^%*?[nlLa]") or type(what) == "number" and tointeger(what)) then
      misuse(format("io.lines: '%s' is no format: use \"l\", \"L\", \"n\", \"a\" or a number of bytes",
        tostring(what)))
    end
  end
end

-- The lines of a file, which is closed at its end, or once nobody holds the iterator any more; without a path those of
-- standard input.
script_io.lines = function(path, ...)
  if path == nil then return io.stdin:lines(...) end
  local file, problem = open("io.lines", path, "r")
  if not file then misuse("io.lines: " .. problem) end
  check_formats(...)
  local following = file:lines(...)
  local function pass(first, ...)
    if first == nil then file:close() end
    return first, ...
  end
  return function() return pass(following()) end
end

script_os.remove = function(path) return host.remove_file(path_of("os.remove", path)) end
script_os.rename = function(path, new) return host.rename_file(path_of("os.rename", path), path_of("os.rename", new)) end

local absent = {
  dofile = "use require, which looks in the script's directory",
  loadfile = "use require, which looks in the script's directory",
}
local untrusted = host.facts[2] -- what it is called, or false
local function refused(library, names)
  local module = globals[library]
  return setmetatable(module, {
    __index = function(_, key)
      local why = names[key]
      if why then misuse(format("%s.%s is not available to scripts: %s", library, key, why)) end
      if library == "io" or library == "os" then
        misuse(format("%s.%s does not exist%s", library, tostring(key), suggestion(key, module)))
      end
    end,
    __metatable = false,
  })
end
refused("io", { popen = "use program.run, which takes a list of arguments",
  output = "use io.open and file:write", input = "use io.open and file:read",
  tmpfile = "open a file in the working directory with io.open, and os.remove it",
  stdin = untrusted and "this one runs " .. untrusted, stderr = untrusted and "this one runs " .. untrusted .. "; use log" })
refused("os", { execute = "use program.run, which takes a list of arguments",
  tmpname = "name a file in the working directory", setlocale = "the locale is fixed" })
for name, why in next, absent do
  rawset(globals, name, function() misuse(format("%s is not available to scripts: %s", name, why)) end)
end

for _, name in next, { "string", "table", "math", "utf8", "os", "io", "coroutine", "debug" } do
  loaded[name] = rawget(globals, name)
end
loaded._G = globals

local null = host.null_metatable
null.__tostring = function() return "null" end
null.__name = "null"

-- A script that runs untrusted has standard output to write to, and no other stream: what it is given it finds in `arg`.
if untrusted then
  local function refuse(name, what)
    what[name] = function()
      misuse(format("%s is not for this script: it runs %s, which leaves it its arguments and standard output",
        (what == script_io and "io." or "file:") .. name, untrusted))
    end
  end
  for _, name in next, { "read", "lines", "seek" } do refuse(name, host.file_methods) end -- of io.stdout
  refuse("read", script_io)
  refuse("lines", script_io)
  rawset(script_io, "stdin", nil)
  rawset(script_io, "stderr", nil)
end

-- The script's arguments, as the stand-alone interpreter gives them.
local given, arguments = host.facts[1], {}
for i = 1, #given do arguments[i - 1] = given[i] end
rawset(globals, "arg", arguments)
