-- What types.lua needs to write annotations of the words of tests.
local host = ...

local nothing = { "describe", "it", "pending", "before_each", "after_each", "setup", "teardown", "finally", "world.advance", "world.pay",
  "world.archive", "world.expire", "world.dismiss", "world.fault", "world.clear_faults", "world.secret", "world.setenv",
  "world.customer", "world.http", "world.program" }
local result = { "world.Result" }

-- `assert.equal`, `assert.is_not.equal` …: fields of Lua's own `assert`, which keeps its type.
local function assertions()
  local out = { "---@class (exact) test.Words" }
  local words = {}
  for _, word in ipairs(host.testing.words) do
    local takes = {}
    for name in string.gmatch(word.takes or "", "[^, ]+") do
      local is_needed = #takes < (word.least or 1)
      takes[#takes + 1] = name == "..." and "...: any" or name .. (is_needed and ": any" or "?: any")
    end
    if takes[#takes] ~= "...: any" then takes[#takes + 1] = "...: any" end
    for _, name in ipairs(word.names) do
      out[#out + 1] = string.format("---@field %s fun(%s): ...any %s", name, table.concat(takes, ", "), word.summary)
      words[#words + 1] = name
    end
  end
  local modifiers = { "is", "are", "was", "has", "does", "is_not", "are_not", "was_not", "has_not", "does_not", "no" }
  for _, name in ipairs(modifiers) do out[#out + 1] = "---@field " .. name .. " test.Words" end
  out[#out + 1] = "local test_Words = {}\n"
  for _, list in ipairs{ words, modifiers } do
    for _, name in ipairs(list) do out[#out + 1] = string.format("assert[%q] = test_Words[%q]" , name, name) end
  end
  return table.concat(out, "\n") .. "\n"
end

host.types = {
  details = {
    functions = {},
    classes = {},
    module_fields = { world = {
      { "outbox", "world.Mail[]", "the mails that were sent" }, { "requests", "world.Request[]", "what was asked of the service" },
      { "links", "world.Link[]", "the service's own view of the links" },
    } },
  },
  files = {
    { "test", nil, "describe it pending before_each after_each setup teardown finally stub" }, { "spy", "spy", "spy" },
    { "world", "world", "world" },
  },
  gives = {
    ["spy.new"] = { "test.Spy" }, ["spy.on"] = { "test.Spy" }, stub = { "test.Spy" }, ["world.run"] = result,
    ["world.watch"] = result, ["world.job"] = result, ["world.start"] = { "world.Process" },
    ["world.kill_and_restart"] = { "world.Process" }, ["world.folder"] = { "string path" },
  },
  nothing = nothing,
  never_fails = { "spy.new", "spy.on", "stub", "world.run", "world.watch", "world.job", "world.start", "world.kill_and_restart",
    "world.folder" },
  preface = {
    test = {
      { class = "test.Spy", about = "Calls are counted and kept; a stub is one that does as it is told.", fields = {
        { "calls", "{ vals: any[] }[]", "the arguments of each call" }, { "clear", "fun(self: test.Spy)", "forgets all calls" },
        { "revert", "fun(self: test.Spy)", "puts back what it replaced" }, { "returns", "fun(...: any)", "of a stub: what it gives from then on" },
        { "invokes", "fun(fn: function)", "of a stub: what it runs from then on" },
        { "on_call_with", "fun(...: any): test.Spy", "of a stub: for calls with these arguments" } },
        operators = { "call(...: any): any" } },
    },
    world = {
      { class = "world.Result", about = "How a script ended.", fields = {
        { "status", "integer?", "as `paylink run` would end" }, { "output", "string", "its standard output" },
        { "errors", "string", "messages, and why it failed" }, { "code", "paylink.Code?", "of the error that it died of" },
        { "killed", "boolean", "whether it was killed" } } },
      { class = "world.Process", about = "A script that runs.", fields = {
        { "wait", "fun(self: world.Process): world.Result", "until it has ended" },
        { "kill", "fun(self: world.Process)", "as SIGKILL would" }, { "finish", "fun(self: world.Process)", "as SIGTERM would" } } },
      { class = "world.Mail", about = "A mail that was sent.", fields = {
        { "at", "integer", "Unix seconds" }, { "id", "string", "the Message-ID" }, { "from", "string", "the sender" },
        { "to", "string[]", "addresses" }, { "subject", "string", "its subject" }, { "text", "string?", "its text" },
        { "html", "string?", "its page" }, { "headers", "table<string, string>", "others" },
        { "attachments", "{ name: string, data: string }[]", "its files" } } },
      { class = "world.Request", about = "A request to the service.", fields = {
        { "at", "integer", "Unix seconds" }, { "method", "string", "such as GET" }, { "path", "string", "what was asked for" },
        { "status", "integer?", "absent where the connection broke" } } },
      { class = "world.Link", about = "A link as the service has it.", fields = {
        { "id", "string", "a UUID" }, { "amount", "paylink.Money", "what was asked" }, { "description", "string", "what the payer reads" },
        { "status", "string", "as the service has it" }, { "expires_at", "integer", "Unix seconds" },
        { "payments", "integer", "how many" }, { "received", "paylink.Money", "what they brought" } } },
    },
  },
  after = { test = assertions() },
}
