-- Writes annotations for the Lua language server, from the definitions that the runtime itself uses: a file for each
-- module, told apart by a line of a form feed and the file's name. Needs details.lua, or the tables of `host.types`.
local host = ...

-- What is written where, unless somebody else's definitions are meant: the file and what `require` calls it, the module's
-- table, and which definitions belong there by the first part of their names.
local chosen = host.types or {
  details = host.details,
  files = {
    { "paylink", "paylink", "paylink link" }, { "task", "task", "task handle sleep" }, { "csv", "csv", "csv writer" },
    { "json", "json", "json" }, { "http", "http", "http response" }, { "secret", nil, "secret" },
    { "program", "program", "program" }, { "mail", "mail", "mail" }, { "log", "log", "log" }, { "run", "run", "run" },
  },
  -- What a function gives when it succeeds, each with a name after it where that says more.
  gives = {
    ["paylink.usd"] = { "paylink.Money" }, ["paylink.create"] = { "paylink.Link link" }, ["paylink.get"] = { "paylink.Link link" },
    ["paylink.find"] = { "paylink.Link link" }, ["paylink.wait"] = { "paylink.Link paid" }, ["link:wait"] = { "paylink.Link paid" },
    ["paylink.wait_each"] = { "fun(): paylink.Link|false?, paylink.Error?" }, ["paylink.links"] = { "fun(): paylink.Link?" },
    ["paylink.once"] = { "any result", "boolean had_run" }, ["link:refresh"] = { "paylink.Link link" }, ["link:qr"] = { "string text" },
    ["task.spawn"] = { "task.Handle" }, ["task.all"] = { "any[] results" }, ["task.any"] = { "any ..." },
    ["task.timeout"] = { "any ..." }, ["task.map"] = { "any[] results", "integer count" }, ["handle:join"] = { "any ..." },
    ["csv.rows"] = { "fun(): csv.Row|false?, paylink.Error?" }, ["csv.amount"] = { "paylink.Money" }, ["csv.writer"] = { "csv.Writer" },
    ["csv.append"] = { "true" }, ["writer:write"] = { "true" }, ["writer:close"] = { "true" },
    ["json.encode"] = { "string text" }, ["json.decode"] = { "any value" }, ["json.array"] = { "table list" },
    ["response:json"] = { "any value" }, secret = { "paylink.Secret" }, ["program.run"] = { "program.Result" },
    ["mail.send"] = { "mail.Receipt" }, ["run.facts"] = { "table facts" },
    ["http.*"] = { "http.Response" },
  },
  nothing = { "paylink.on", "handle:cancel", "sleep", "log.debug", "log.info", "log.warn", "log.error" },
  never_fails = { "paylink.usd", "paylink.wait_each", "paylink.links", "link:qr", "task.spawn", "task.all", "task.any", "task.map",
    "json.array", "run.facts" },
  preface = {
    paylink = {
      { alias = "paylink.Amount", "string|number|paylink.Money", 'USD, exact: a decimal string such as "12.50", an integer, or `paylink.usd(…)`' },
      { alias = "paylink.Duration", "string|number", '"90s", "15m", "2h30m", "7d", or a number of seconds' },
      { class = "paylink.Link", "link", "A pay link, as the service said it last. It does not change by itself." },
      { class = "paylink.Payment", "payment", "A payment of a link." },
      { class = "paylink.Error", "error", "What went wrong outside of the script; `tostring(err)` is fit to print." },
      { class = "paylink.Money", "money", "Exact money, a whole number of millionths of a dollar.",
        operators = { "add(paylink.Amount): paylink.Money", "sub(paylink.Amount): paylink.Money", "mul(integer): paylink.Money",
          "unm: paylink.Money", "concat(any): string" } },
      { class = "paylink.Secret", "secret", "Goes where a secret is needed, and prints as `***`.",
        operators = { "concat(string|number|paylink.Secret): paylink.Secret" } },
    },
    task = { { class = "task.Handle", "handle", "A task that was spawned." } },
    csv = {
      { class = "csv.Row: { [string]: string }", fields = { { "line", "fun(self: csv.Row): integer", "the line on which the row begins" } },
        about = "A row by the names of its columns." },
      { class = "csv.Writer", "writer", "Writes a file, which appears when it is closed." },
    },
    http = { { class = "http.Response", "response", "A reply." } },
    program = { { class = "program.Result", about = "How a program ended, and what it wrote.", fields = {
      { "status", "integer?", "its exit status" }, { "signal", "integer?", "the signal that ended it" },
      { "output", "string", "of its standard output" }, { "errors", "string", "of its standard error" }, { "ok", "boolean", "whether its status is 0" } } } },
    mail = {
      { class = "mail.Receipt", about = "What became of a mail.", fields = { { "id", "string", "the Message-ID" },
        { "accepted", "string[]", "addresses" }, { "refused", "mail.Refusal[]", "addresses that the server did not take" } } },
      { class = "mail.Refusal", about = "An address that the server did not take.", fields = { { "address", "string", "whose" },
        { "message", "string", "what the server said" }, { "retryable", "boolean", "whether it may take it later" } } },
    },
  },
}
local details = chosen.details

local out = {}
local function line(...) out[#out + 1] = string.format(...) end
local function text(words) out[#out + 1] = words end
local function is_in(list, name)
  for _, one in ipairs(list) do if one == name then return true end end
  return false
end

-- Types ------------------------------------------------------------------------------------------------------

local kinds = { duration = "paylink.Duration", amount = "paylink.Amount", text = "string|paylink.Secret", link = "string|paylink.Link",
  task = "task.Handle", ["function"] = "fun(...: any): ...any", table = "table", any = "any" }
local named = { link = "paylink.Link", string = "string", ["function"] = "function", table = "table", number = "number", boolean = "boolean" }

local function each(list, of)
  local types = {}
  for one in string.gmatch(list, "[^|]+") do types[#types + 1] = of(one) end
  return types
end
local function quoted(word)
  return '"' .. string.gsub(word, "\\(.)", { s = ";", p = "|", t = "\\t" }) .. '"'
end

-- The type of a parameter or an option, by its kind and what details.lua says of it.
local function type_of(kind, said)
  for one in string.gmatch(said or "", "[^;]+") do
    local name, value = string.match(one, "^([a-z_]+)=(.*)$")
    if name == "one_of" or name == "content_of" then return table.concat(each(value, quoted), "|") end
    if name == "types" then return table.concat(each(value, function(t) return named[t] end), "|") end
    if name == "callback" then
      local at = 0
      local takes = each(value, function(t)
        at = at + 1
        return (at == 1 and "link" or "token") .. ": " .. named[t]
      end)
      return "fun(" .. table.concat(takes, ", ") .. "): ...any"
    end
    if name == "fields" or name == "items" then
      local inside = table.concat(each(value, function(field) return field .. "?: string|paylink.Secret" end), ", ")
      return "{ " .. inside .. " }" .. (name == "items" and "[]" or "")
    end
    if one == "named" then return "table<string, any>" end
  end
  return kinds[kind] or kind
end

local function optional(name, is_optional) return is_optional and name .. "?" or name end

-- A line of a comment, whatever the words hold.
local function words_of(summary) return (string.gsub(summary, "\n", " ")) end

-- Classes ----------------------------------------------------------------------------------------------------

local function field_line(name, kind, about)
  local bare, absent = string.gsub(kind, "%?$", "")
  line("---@field %s %s %s", optional(name, absent == 1), bare, words_of(about))
end

-- Whose methods are defined one by one, by the first part of their names.
local holders = { link = "paylink.Link", handle = "task.Handle", writer = "csv.Writer", response = "http.Response" }
local function has_methods(class)
  for _, holder in next, holders do if holder == class then return true end end
  return false
end
local function local_name(class) return (string.gsub(class, "%.", "_")) end

local function class(entry)
  if entry.alias then
    line("---%s\n---@alias %s %s\n", entry[2], entry.alias, entry[1])
    return
  end
  line("---%s\n---@class (exact) %s", entry.about or entry[2], entry.class)
  for _, field in ipairs(entry.fields or details.classes[entry[1]]) do field_line(field[1], field[2], field[3]) end
  for _, operator in ipairs(entry.operators or {}) do line("---@operator %s", operator) end
  if has_methods(entry.class) then line("local %s = {}", local_name(entry.class)) end
  text("")
end

-- Functions ---------------------------------------------------------------------------------------------------

local function camel(name)
  return (string.gsub(string.gsub(name, "^%l", string.upper), "[_.:](%l)", string.upper))
end
local function options_class(entry)
  local first, last = string.match(entry.name, "^(%a+)[.:](.+)$")
  return (first and first .. "." .. camel(last) or camel(entry.name)) .. "Options"
end

local function describe(entry)
  local is_method = string.find(entry.name, ":", 1, true) ~= nil
  local known = details.functions[entry.name] or {}
  if entry.options then
    line("---@class (exact) %s", options_class(entry))
    for _, option in ipairs(entry.options) do
      line("---@field %s %s %s", optional(option[1], not option.required), type_of(option[2], known[option[1]]), words_of(option[3]))
    end
    text("")
  end

  text("---" .. words_of(entry.summary) .. "\n---")
  line("---Gives %s.", words_of(entry.returns))
  text("---\n---```lua")
  for one in string.gmatch(entry.example .. "\n", "([^\n]*)\n") do text("---" .. one) end
  text("---```")

  local names, takes = {}, {}
  local function parameter(name, kind, about, is_optional)
    names[#names + 1] = name
    takes[#takes + 1] = optional(name, is_optional) .. ": " .. kind
    line("---@param %s %s %s", name == "..." and name or optional(name, is_optional), kind, about)
  end
  local at = entry.options and entry.parameters and (entry.options_at or #entry.parameters)
  for i, given in ipairs(entry.parameters or {}) do
    if not (is_method and i == 1) then
      local kind = i == at and options_class(entry) or type_of(given[2], known[given[1]])
      parameter(given[1], given[1] == "..." and "any" or kind, words_of(given[3]), given.optional)
    end
  end
  if entry.options and not entry.parameters then parameter("options", options_class(entry), "", false) end

  local first = string.match(entry.name, "^(.-)[.:]") or entry.name
  local gives = chosen.gives[entry.name] or not is_method and chosen.gives[first .. ".*"]
  if gives then
    for _, one in ipairs(gives) do line("---@return %s", one) end
    if not is_in(chosen.never_fails, entry.name) then
      local holder = is_method and "self: " .. holders[first] .. (#takes > 0 and ", " or "") or ""
      line("---@overload fun(%s%s): nil, paylink.Error", holder, table.concat(takes, ", "))
    end
  elseif not is_in(chosen.nothing, entry.name) then
    error("types.lua does not know what " .. entry.name .. " gives")
  end
  local written = is_method and local_name(holders[first]) .. string.match(entry.name, ":.+$") or entry.name
  line("function %s(%s) end\n", written, table.concat(names, ", "))
end

-- Files ----------------------------------------------------------------------------------------------------------

local function belongs(entry, parts)
  return string.find(" " .. parts .. " ", " " .. string.match(entry.name, "^[^.:]+") .. " ", 1, true) ~= nil
end

for _, file in ipairs(chosen.files) do
  local name, table_name, parts = file[1], file[2], file[3]
  local is_module = host.modules[name] ~= nil
  line("\f%s\n---@meta%s", name, is_module and " " .. name or "")
  line("-- Written by `paylink types`: do not edit.\n")
  for _, entry in ipairs(chosen.preface[name] or {}) do class(entry) end
  if name == "paylink" then
    text("---Which kind of failure it is: stable. `paylink explain CODE` says what to do.\n---@alias paylink.Code")
    for code, about in string.gmatch(host.codes, "([^\t\n]+)\t([^\n]*)") do line('---| "%s" # %s', code, about) end
    text("---| string\n")
  end
  if table_name then
    line("---@class (exact) %s", table_name)
    for _, field in ipairs(details.module_fields[table_name] or {}) do field_line(field[1], field[2], field[3]) end
    line("%s = {}\n", table_name)
  end
  for _, entry in ipairs(host.api) do
    if belongs(entry, parts) then describe(entry) end
  end
  if chosen.after and chosen.after[name] then text(chosen.after[name]) end
  if is_module then line("return %s", name) end
end
host.reference(table.concat(out, "\n"))
