-- What a script in a test's world finds otherwise than on this machine: the time, and its three streams.
local host = ...

local globals = host.globals
local floor = math.floor
local attach, new_file = host.attach_file, host.new_file
local time, date = os.time, os.date

local function now() return floor(host.world_time()) end

-- The script's own functions, and those that the API's Lua goes by.
for _, library in next, { globals.os, host.prelude_environment.os } do
  rawset(library, "time", function(parts)
    if parts == nil then return now() end
    return time(parts)
  end)
  rawset(library, "date", function(format, moment) return date(format, moment == nil and now() or moment) end)
end

local function stream(name, mode)
  local file = new_file()
  return attach(file, host.world_stream(name), mode)
end

local io, output = globals.io, stream("output", "w")
output:setvbuf(host.test_number and "no" or "full") -- a test is ended without notice once it is through
rawset(io, "stdout", output)
rawset(io, "stdin", stream("input", "r"))
rawset(io, "stderr", setmetatable({}, {
  __index = { write = function(self, ...)
    local text = table.concat({ ... })
    host.world_error(text)
    return self
  end, flush = function() end, setvbuf = function() return true end, close = function() end },
  __name = "FILE*",
}))
rawset(io, "write", function(...) return output:write(...) end)
rawset(io, "read", function(...) return io.stdin:read(...) end)
local lines = io.lines
rawset(io, "lines", function(path, ...)
  if path == nil then return io.stdin:lines(...) end
  return lines(path, ...)
end)

local tostring, select = tostring, select
globals.print = function(...)
  for i = 1, select("#", ...) do
    if i > 1 then output:write("\t") end
    output:write((tostring((select(i, ...)))))
  end
  output:write("\n")
end
