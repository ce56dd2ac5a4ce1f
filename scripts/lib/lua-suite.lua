-- Runs one file of Lua's own test suite as a script: `paylink run lua-suite.lua DIR FILE`. What is refused on purpose
-- is left out by its lines (scripts/lib/lua-suite-left-out.lua); the rest must pass. Nothing of the suite is kept here.
local folder, file = arg[1], arg[2]
local io, table, assert = io, table, assert -- a test may replace the globals
local left_out = require("lua-suite-left-out")

local function text_of(name)
  local source = assert(io.open(folder .. "/" .. name, "r"))
  local text = source:read("a")
  source:close()
  return (text:gsub("^#[^\n]*", "")) -- as the stand-alone interpreter does
end

-- The text without the lines that are left out; the others keep their numbers.
local left, reasons = 0, {}
local function lines_to_run(name)
  local skipped, count, number = {}, 0, 0
  for _, range in ipairs(left_out[name] or {}) do
    for line = range[1], range[2] do skipped[line] = true end
    if not reasons[range[3]] then reasons[range[3]], reasons[#reasons + 1] = true, range[3] end
  end
  local text = text_of(name):gsub("([^\n]*)(\n?)", function(_, ending)
    if ending == "" then return nil end
    number = number + 1
    if skipped[number] then
      count = count + 1
      return ending
    end
  end)
  left = left + count
  return text
end

-- Scripts may not use undeclared names; the suite does. So it gets globals of its own.
local globals = {}
for name, value in pairs(_G) do globals[name] = value end
globals._G, globals._port, globals._soft, globals._nomsg = globals, true, true, true
globals.package = { loaded = { _G = globals }, preload = {}, config = "/\n;\n?\n!\n-\n", path = "?.lua", cpath = "" }
for _, name in ipairs{ "string", "table", "math", "utf8", "os", "io", "coroutine", "debug" } do
  globals.package.loaded[name] = globals[name]
end
globals.package.loaded.package = globals.package
local stock_load = load
function globals.load(chunk, name, mode, ...)
  if select("#", ...) > 0 then return stock_load(chunk, name, mode, ...) end
  return stock_load(chunk, name, mode, globals)
end
function globals.require(name)
  local loaded, preload = globals.package.loaded, globals.package.preload
  if loaded[name] == nil then
    local load_it = preload[name] or assert(stock_load(lines_to_run(name .. ".lua"), "@" .. name .. ".lua", "t", globals))
    loaded[name] = load_it(name) or true
  end
  return loaded[name]
end


-- Stand-ins for what scripts do not have and the suite needs for other things: a collection, default files, names.
globals.GC = collectgarbage
local default = { input = io.stdin, output = io.stdout }
local function set_default(which, mode)
  return function(file)
    if type(file) == "string" then file = assert(io.open(file, mode)) end
    if file ~= nil then default[which] = file end
    return default[which]
  end
end
globals.io = setmetatable({ input = set_default("input", "r"), output = set_default("output", "w") }, { __index = io })
function globals.io.read(...) return default.input:read(...) end
function globals.io.write(...) return default.output:write(...) end
function globals.io.close(file) return (file or default.output):close() end
function globals.io.lines(path, ...)
  if path == nil then return default.input:lines(...) end
  return io.lines(path, ...)
end
local names = 0
globals.os = setmetatable({}, { __index = os })
function globals.os.setlocale(name) return (name == nil or name == "C" or name == "") and "C" or nil end
function globals.os.getenv() return "a variable" end
function globals.os.tmpname()
  names = names + 1
  local name = folder .. "/temporary-" .. names
  assert(io.open(name, "w")):close()
  return name
end
globals.package.loaded.os, globals.package.loaded.io = globals.os, globals.io

-- Of the debug library scripts have `traceback`; it tells the line and the name of a level, too.
globals.debug = { traceback = debug.traceback }
globals.package.loaded.debug = globals.debug
function globals.debug.getinfo(level)
  local top = debug.traceback("", level + 1):match("^%s*([^\n]*)")
  return { currentline = tonumber(top:match(":(%d+): in ")) or -1, name = top:match(" '([^']*)'$") }
end

assert(stock_load(lines_to_run(file), "@" .. file, "t", globals))(file)
io.stdout:write("\nlua-suite: ", left == 0 and "nothing" or left .. " lines: " .. table.concat(reasons, ", "), "\n")
