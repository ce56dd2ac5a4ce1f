-- Messages with fields, to standard error.
local host = ...

local define, host_log, next, type, tostring, pcall, sub =
  host.define, host.log, next, type, tostring, pcall, string.sub
local log, encode = {}, host.use("json").encode

local MOST = 64 * 1024 -- bytes of a message, and of its fields together

-- A text as far as there is room for it.
local function cut(text, most)
  if #text <= most then return text end
  return sub(text, 1, most) .. "…"
end

for _, level in ipairs{ "debug", "info", "warn", "error" } do
  log[level] = define{
    name = "log." .. level,
    summary = "Writes a message of level " .. level .. " to standard error, at most 64 KB of it and as much of its fields"
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
        local left = MOST
        for key, value in next, fields do
          local ok, text = true, nil
          if type(value) == "table" then ok, text = pcall(encode, value) end -- a message never ends a script
          local name = cut(tostring(key), 1024)
          text = cut(ok and text or tostring(value), left)
          left = left - #name - #text
          if left < 0 then break end -- the fields that are left would say no more
          shown[name] = text
        end
      end
      host_log(level, cut(message, MOST), shown)
    end,
  }
end

host.module_table("log", log)
