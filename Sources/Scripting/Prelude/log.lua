-- Messages with fields, to standard error.
local host = ...

local define, misuse, host_log, next, type, tostring, pcall =
  host.define, host.misuse, host.log, next, type, tostring, pcall
local log, json = {}, host.use("json")

local plain = { string = true, number = true, boolean = true, table = true, userdata = true }

for _, level in ipairs{ "debug", "info", "warn", "error" } do
  log[level] = define{
    name = "log." .. level,
    summary = "Writes a message of level " .. level .. " to standard error"
      .. (level == "debug" and "; shown with `--log-level debug`." or "."),
    parameters = {
      { "message", "string", "what happened" },
      { "fields", "table", "named values to go with it", optional = true },
    },
    returns = "nothing",
    example = 'log.' .. level .. '("link made", { order = "1001" })',
    fn = function(message, fields)
      local shown
      if fields then
        shown = {}
        for key, value in next, fields do
          local ok, text = true, nil
          if type(value) == "table" then ok, text = pcall(json.encode, value) end -- a message never ends a script
          shown[tostring(key)] = ok and text or tostring(value)
        end
      end
      host_log(level, message, shown)
    end,
  }
end

host.module_table("log", log)
