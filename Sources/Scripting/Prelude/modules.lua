-- Modules and globals: what a script can name, when the file behind it is run, and what an undeclared name says.
local host = ...

local globals, misuse, suggestion = host.globals, host.misuse, host.suggestion

local next, rawget, rawset, setmetatable, tostring = next, rawget, rawset, setmetatable, tostring
local format = string.format

host.modules = {}  -- what `require` gives by name

-- Makes a value a global, unless the script has its own of that name.
function host.set_global(name, value)
  if rawget(globals, name) == nil then rawset(globals, name, value) end
end

local own = {} -- the functions of each module as they were made: a script may put others into the module

-- Makes a table a module: a global and what `require` gives; reading a name it does not have is an error, unless `index`
-- knows it.
function host.module_table(name, module, index, newindex)
  local kept = {}
  for key, value in next, module do kept[key] = value end
  host.modules[name], own[name] = module, kept
  host.set_global(name, module)
  return setmetatable(module, {
    __index = index or function(_, key)
      misuse(format("%s.%s does not exist%s", name, tostring(key), suggestion(key, module)))
    end,
    __newindex = newindex,
    __name = name,
    __metatable = false,
  })
end

-- Globals --------------------------------------------------------------------------------------------------

-- Which module's file makes a global; it is run when a script first names it.
local homes = host.facts[3]
local compile = host.compile

-- A part of a module, in a file of its own; it is given what comes after its name.
local function run_part(name, ...)
  compile(host.prelude(name), "=[paylink " .. name .. "]")(host, ...)
end

local function load_module(name)
  if host.loaded[name] then return end
  run_part(name)
  host.loaded[name] = true
end
host.loaded, host.load_module, host.run_part = {}, load_module, run_part

-- Makes sure that a module of the API is there, if `name` is one.
function host.load_home(name)
  if homes[name] then load_module(homes[name]) end
end

-- The functions of a module of the API, for the prelude's own use.
function host.use(name)
  load_module(homes[name])
  return own[name]
end

local function near_global(name)
  local known = {}
  for global in next, globals do known[global] = true end
  for global in next, homes do known[global] = true end
  return suggestion(name, known)
end

-- What code for several versions of Lua asks for, to find out which one it has: absent, and no mistake.
local probes = { jit = true, bit = true, bit32 = true, setfenv = true, getfenv = true, loadstring = true, unpack = true,
  module = true, package = true, _TEST = true, ngx = true }

setmetatable(globals, {
  __index = function(_, name)
    local home = homes[name]
    if home and not host.loaded[home] then
      load_module(home)
      return rawget(globals, name)
    end
    if probes[name] then return nil end
    misuse(format("undeclared variable '%s'%s", tostring(name), near_global(name)))
  end,
  __newindex = function(_, name, value)
    if not host.in_main_chunk() then
      misuse(format("assignment to undeclared variable '%s'%s: declare it with 'local', or first at the top of the script",
        tostring(name), near_global(name)))
    end
    rawset(globals, name, value)
  end,
  __metatable = false,
})
