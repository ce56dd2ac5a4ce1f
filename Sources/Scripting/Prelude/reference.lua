-- Writes the API reference from the definitions that the runtime itself uses.
local host = ...

for _, name in ipairs{ "money", "paylink", "task", "csv", "json", "http", "secret", "program", "mail", "log", "run" } do host.load_module(name) end

local out = {}
local function line(...) out[#out + 1] = string.format(...) end

-- Of the API, unless somebody else's definitions are meant.
local sections = host.reference_sections or {
  { "paylink", "Pay links" }, { "link", "A link's methods" }, { "task", "Tasks" }, { "handle", "A task's methods" },
  { "sleep", "Waiting" }, { "csv", "CSV files" }, { "writer", "A CSV writer's methods" }, { "json", "JSON" },
  { "http", "HTTP" }, { "response", "A response's methods" }, { "secret", "Secrets" }, { "program", "Programs" }, { "mail", "Mail" }, { "log", "Messages" },
  { "run", "The scheduled run" },
}
local accepted = { any = "any value", amount = "amount", duration = "duration", link = "link or id", text = "string or secret" }

local function signature(entry)
  if entry.options and not entry.parameters then return entry.name .. "{…}" end
  local names = {}
  for i, parameter in ipairs(entry.parameters or {}) do
    if not (i == 1 and string.find(entry.name, ":", 1, true)) then
      names[#names + 1] = parameter.optional and "[" .. parameter[1] .. "]" or parameter[1]
    end
  end
  return entry.name .. "(" .. table.concat(names, ", ") .. ")"
end

local function describe(entry)
  line("### `%s`\n", signature(entry))
  line("%s\n", entry.summary)
  for i, parameter in ipairs(entry.parameters or {}) do
    if not (i == 1 and string.find(entry.name, ":", 1, true)) then
      line("- `%s` (%s%s): %s", parameter[1], accepted[parameter[2]] or parameter[2], parameter.optional and ", optional" or "", parameter[3])
    end
  end
  if entry.parameters and #entry.parameters > 0 then line("") end
  if entry.options then
    line("| option | type | |\n|---|---|---|")
    for _, option in ipairs(entry.options) do
      line("| `%s`%s | %s | %s |", option[1], option.required and " (required)" or "", accepted[option[2]] or option[2], option[3])
    end
    line("")
  end
  line("Returns %s.\n", entry.returns)
  line("```lua\n%s\n```\n", entry.example)
end

line("# %s\n\nWritten by `%s` from the table that the runtime checks arguments with.\n", host.reference_title or "Lua API",
  host.reference_sections and "paylink reference --tests" or "paylink reference")
for _, section in ipairs(sections) do
  line("## %s\n", section[2])
  for _, entry in ipairs(host.api) do
    local first = string.match(entry.name, "^[^.:]+")
    if string.find(" " .. section[1] .. " ", " " .. first .. " ", 1, true) then describe(entry) end
  end
end
host.reference(table.concat(out, "\n"))
