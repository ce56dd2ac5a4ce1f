-- Describes the Lua API to `paylink check`, from the definitions that the runtime itself uses and the globals that a
-- script finds: one fact a line, its words separated by tabs (Sources/ScriptCheck/API/APIDescription+Reading.swift).
local host = ...

for _, name in ipairs{ "money", "paylink", "task", "csv", "json", "http", "secret", "program", "mail", "log", "run" } do host.load_module(name) end

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

-- What the definitions do not say yet: by the function's name, of the function, its parameters and its options.
local modes = "one_of=at_most|at_least|check"
local more = {
  ["paylink.usd"] = { "gives=money", amount = "raises" },
  ["paylink.create"] = { "gives=link|error", "conflict=expires_in|expires_at", locale = "content_of=en|es|tr" },
  ["paylink.get"] = { "gives=link|error" }, ["paylink.find"] = { "gives=link|error" },
  ["paylink.wait"] = { "gives=link|error" }, ["link:wait"] = { "gives=link|error" },
  ["link:refresh"] = { "gives=link|error" }, ["link:qr"] = { "gives=string" },
  ["paylink.wait_each"] = { "each=link|error" },
  ["paylink.links"] = { "each=link", "conflict=since|created_since", status = "one_of=active|paid|underpaid|expired",
    limit = "range=0..", created_since = "raises", created_before = "raises", paid_since = "raises",
    paid_before = "raises", since = "raises" },
  ["paylink.once"] = { mode = modes },
  ["paylink.on"] = { event = "one_of=paid|underpaid|expired", fn = "callback=link|string", mode = modes,
    timeout = "raises;above_zero", pause = "raises;above_zero", attempts = "range=1.." },
  ["task.spawn"] = { "gives=handle" }, sleep = { duration = "raises" }, ["task.timeout"] = { duration = "raises" },
  ["task.map"] = { items = "types=table|function", concurrency = "range=1.." }, ["task.any"] = { list = "not_empty" },
  ["csv.rows"] = { "each=row|error", encoding = "one_of=utf-8|windows-1252", delimiter = "one_of=,|\\s|\\p|\\t",
    decimal = "one_of=.|," },
  ["csv.amount"] = { "gives=money|error", decimal = "one_of=.|," },
  ["csv.writer"] = { "gives=writer|error", columns = "not_empty", delimiter = "one_of=,|\\s|\\p|\\t", decimal = "one_of=.|," },
  ["csv.append"] = { delimiter = "one_of=,|\\s|\\p|\\t" },
  ["json.encode"] = { "gives=string|error" },
  secret = { "gives=secret|error" },
  ["mail.send"] = { to = "types=string|table", cc = "types=string|table", bcc = "types=string|table",
    reply_to = "types=string|table", headers = "named", attachments = "items=path|name|type|data", timeout = "above_zero" },
  ["program.run"] = { command = "not_empty", env = "named", max_output = "range=0..16777216", timeout = "above_zero" },
}
for _, name in ipairs{ "request", "get", "head", "post", "put", "patch", "delete" } do
  more["http." .. name] = { "gives=response|error", "conflict=json|form|body", auth = "fields=user|password|bearer",
    sign = "fields=secret|id", headers = "named", query = "named", form = "named",
    json = "types=string|number|boolean|table", timeout = "above_zero", retries = "range=0..10", redirects = "range=0..10",
    max_body = "range=0..16777216" }
end

-- Modules and globals ---------------------------------------------------------------------------------------

-- What a script finds under a library's name and must not use, with the reason that the runtime gives.
local refused = {
  ["io.popen"] = "use program.run, which takes a list of arguments", ["io.output"] = "use io.open and file:write",
  ["io.input"] = "use io.open and file:read", ["io.tmpfile"] = "open a file in the working directory with io.open, and os.remove it",
  ["os.execute"] = "use program.run, which takes a list of arguments", ["os.tmpname"] = "name a file in the working directory",
  ["os.setlocale"] = "the locale is fixed",
  dofile = "use require, which looks in the script's directory", loadfile = "use require, which looks in the script's directory",
}
-- Absent names that may be asked for, as code for several versions of Lua does; and what scripts use instead.
local probes = { jit = "", bit = "Lua has operators: & | ~ << >>", bit32 = "Lua has operators: & | ~ << >>", setfenv = "",
  getfenv = "", loadstring = "use load", unpack = "use table.unpack", module = "return a table instead",
  package = "use require, which looks in the script's directory", _TEST = "", ngx = "" }
local run_fields = { "job", "id", "slot", "slot_text", "missed", "missed_count" }

for _, name in ipairs(sorted(host.globals)) do
  local value = rawget(host.globals, name)
  if refused[name] then line("refused", name, refused[name])
  elseif host.modules[name] ~= value or type(value) ~= "table" or name == "_G" then line("global", name)
  end
end
for _, name in ipairs(sorted(probes)) do line("probe", name, probes[name]) end
for _, name in ipairs(sorted(host.modules)) do
  local module = host.modules[name]
  if type(module) == "table" and module ~= host.globals then
    local is_plain = name ~= "io" and name ~= "os" and rawget(host.globals, name) and not host.loaded[name]
    line(is_plain and "library" or "module", name)
    for _, member in ipairs(sorted(module)) do line("member", name, member) end
    for _, member in ipairs(name == "run" and run_fields or {}) do line("member", name, member) end
  end
end
for _, name in ipairs(sorted(refused)) do if string.find(name, ".", 1, true) then line("refused", name, refused[name]) end end

-- Functions -------------------------------------------------------------------------------------------------

-- The attributes of an option or a parameter: what its definition says, and what `more` does.
local function attributes(given, ...)
  local list = { ... }
  for one in string.gmatch(given or "", "[^;]+") do
    list[#list + 1] = one
  end
  return table.unpack(list)
end

for _, entry in ipairs(host.api) do
  local known = more[entry.name] or {}
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

-- paylink.lua, core.lua and http.lua hold these as locals; they should put them into `host.fields`.
local fields = host.fields or {
  link = { "id", "url", "agent_url", "status", "amount", "description", "media_url", "expires_at", "reusable",
    "payer_defined_amount", "payer", "archived", "ignored_by_payer", "payment_count", "unseen_payments", "deletable", "payment",
    "user_id", "username", "account_address", "profile_image_url", "created_at", "updated_at", "close_on_complete",
    "possible_orphans", "key", "missing", "overpaid", "late", "paid_at", "received_in_all" },
  error = { "code", "message", "status", "retryable", "retry_after", "link", "payable", "cause", "sent", "response", "result",
    "field", "possible_orphans", "line", "column", "late_until" },
  response = { "status", "ok", "headers", "body", "url" },
  money = {}, secret = {}, handle = {}, writer = {},
}
for _, name in ipairs(sorted(fields)) do
  line("class", name, "strict")
  for _, field in ipairs(fields[name]) do line("field", name, field) end
end
line("class", "file")
for _, name in ipairs{ "close", "flush", "lines", "read", "seek", "setvbuf", "write" } do line("field", "file", name) end
line("gives", "io.open", "file")

host.reference(table.concat(out, "\n"))
