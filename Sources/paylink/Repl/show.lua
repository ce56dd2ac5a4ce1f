-- What an evaluation gave, or why it failed, as a person reads it. What is told with host.repl_show is made fit for a
-- terminal there.
local host = ...

local type, tostring, rawget, next, pcall, ipairs, select = type, tostring, rawget, next, pcall, ipairs, select
local format, find, gsub, gmatch, rep = string.format, string.find, string.gsub, string.gmatch, string.rep
local sort, concat, date = table.sort, table.concat, os.date
local unbox, metatable, tell, show_value = host.unbox, host.metatable, host.repl_show, host.testing.show

local MOST = 20 -- values of one result

local function special(value)
  if type(value) == "userdata" and unbox(value) then return tostring(value) .. " USD" end
end

local function shown(value) return show_value(value, special) end

-- Links ------------------------------------------------------------------------------------------------------

local function is_link(value)
  local meta = type(value) == "table" and metatable(value)
  return meta and rawget(meta, "__name") == "pay link" and type(rawget(value, "id")) == "string"
end

local first = { "status", "amount", "description", "key", "url", "agent_url", "expires_at", "missing", "overpaid", "payment" }
local plain = { status = true, key = true, url = true, agent_url = true, media_url = true }

local function is_before(a, b) return tostring(a) < tostring(b) end

local function moment(value)
  local ok, text = pcall(date, "!%Y-%m-%d %H:%M:%S UTC", value)
  return ok and text or tostring(value)
end

-- A field's value on one line, or several.
local function field_text(name, value)
  if type(value) == "string" and plain[name] then return value end
  if type(value) == "number" and find(name, "_at$") then return moment(value) end
  return (gsub(shown(value), "\n", "\n  "))
end

-- What is asked and what came of it first; what is not the case, such as `archived = false`, is left out.
local function link_text(link)
  local names, placed = {}, { id = true }
  for _, name in ipairs(first) do
    if rawget(link, name) ~= nil then names[#names + 1] = name end
    placed[name] = true
  end
  local others = {}
  for name, value in next, link do
    if not placed[name] and value ~= false and value ~= 0 then others[#others + 1] = name end
  end
  sort(others, is_before)
  for _, name in ipairs(others) do names[#names + 1] = name end
  local lines, width = { "pay link " .. link.id }, 0
  for _, name in ipairs(names) do
    if #tostring(name) > width then width = #tostring(name) end
  end
  for _, name in ipairs(names) do
    lines[#lines + 1] = format("  %s%s  %s", tostring(name), rep(" ", width - #tostring(name)),
      field_text(tostring(name), rawget(link, name)))
  end
  return concat(lines, "\n")
end

-- Errors -----------------------------------------------------------------------------------------------------

local function is_error(value) return type(value) == "table" and metatable(value) == host.error_metatable end

local function tell_error(err)
  tell("error", "error: " .. tostring(err))
  local link, code = rawget(err, "link"), rawget(err, "code")
  if is_link(link) then tell("note", "  link: " .. tostring(link)) end
  if type(code) == "string" and host.repl_explains(code) then tell("note", "  hint: paylink explain " .. code) end
end

-- The script's lines that led to an error, unless there is none but what was typed.
local function tell_trace(trace)
  local _, count = gsub("\n" .. trace, "\n +[^%[ ]", "") -- C functions, such as error, stand in brackets
  if count > 1 then tell("note", "stack:\n" .. trace) end
end

-- Why what was typed raised an error.
function host.show_failure(value, trace)
  if is_error(value) then
    tell_error(value)
  else
    local ok, text = pcall(host.describe, value)
    tell("error", "error: " .. (ok and text or "the error value is a " .. type(value) .. " whose __tostring raised an error"))
  end
  if trace then tell_trace(trace) end
end

-- Why an evaluation was ended from outside.
function host.show_end(err)
  local message = tostring(rawget(err, "message"))
  if rawget(err, "code") == "cancelled" or find(message, "interrupted$") then
    tell("note", "interrupted")
  else
    tell("error", "error: " .. message)
    if find(message, "ran for more than", 1, true) then tell("note", "  hint: --max-busy allows more") end
  end
end

-- Results ----------------------------------------------------------------------------------------------------

-- `results` holds true, and then the values.
function host.show_results(results)
  for i = 2, results.n do
    local value = results[i]
    if i - 1 > MOST then
      tell("note", format("… (%d more values)", results.n - 1 - MOST))
      break
    elseif is_error(value) then
      tell_error(value)
    elseif is_link(value) then
      tell("value", link_text(value))
    else
      tell("value", shown(value))
    end
  end
end
