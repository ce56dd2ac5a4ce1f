-- What types.lua needs to write annotations of the words of tests.
local host = ...

local nothing = { "describe", "it", "pending", "before_each", "after_each", "setup", "teardown", "finally", "world.advance", "world.pay",
  "world.archive", "world.expire", "world.dismiss", "world.fault", "world.clear_faults", "world.secret", "world.setenv",
  "world.customer", "world.http", "world.program", "world.mail" }
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

-- Words that call a function in which an error is wanted.
local function guards()
  local names = {}
  for _, word in ipairs(host.testing.words) do
    for _, name in ipairs(word.names) do
      if string.find(name, "error", 1, true) then
        for _, form in ipairs{ "%s", "has_%s", "has.%s" } do names[#names + 1] = "assert." .. string.format(form, name) end
      end
    end
  end
  return names
end

host.types = {
  details = {
    functions = {
      ["world.batch"] = { expires_in = "raises", kill_after = "raises", patience = "raises", max_total = "raises",
        max_links = "range=0..", concurrency = "range=1..1024", encoding = "one_of=utf-8|utf8|windows-1252|cp1252",
        "conflict=map|key", "conflict=map|amount", "conflict=map|description", "conflict=decimal_comma|decimal_point" },
      ["world.watch"] = { for_ = "raises" }, ["world.advance"] = { duration = "raises" },
      ["world.pay"] = { amount = "raises", after = "raises", hidden = "raises" },
    },
    classes = {},
    module_fields = { world = {
      { "outbox", "world.Mail[]", "the mails that were sent" }, { "requests", "world.Request[]", "what was asked of the service" },
      { "links", "world.Link[]", "the service's own view of the links" },
      { "ledger", "world.Row[]", "what the ledger holds of links" },
    } },
    guards = guards(),
    strict = { world = true },
  },
  files = {
    { "test", nil, "describe it pending before_each after_each setup teardown finally stub" }, { "spy", "spy", "spy" },
    { "world", "world", "world" },
  },
  gives = {
    ["spy.new"] = { "test.Spy" }, ["spy.on"] = { "test.Spy" }, stub = { "test.Spy" }, ["world.run"] = result,
    ["world.watch"] = result, ["world.job"] = result, ["world.start"] = { "world.Process" },
    ["world.kill_and_restart"] = { "world.Process" }, ["world.folder"] = { "string path" },
    ["world.batch"] = { "world.Batch" },
  },
  nothing = nothing,
  never_fails = { "spy.new", "spy.on", "stub", "world.run", "world.watch", "world.job", "world.start", "world.kill_and_restart",
    "world.folder", "world.batch" },
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
      { class = "world.Batch", about = "How a batch ended.", fields = {
        { "status", "integer", "as `paylink batch` would end" }, { "errors", "string", "what it would say" },
        { "killed", "boolean", "whether it was killed" }, { "result", "string", "`done`, `nothing_sent` and others" },
        { "rows", "table<string, string>[]", "of the results, by the names of their columns" },
        { "rejected_rows", "table<string, string>[]", "of the rejected rows" }, { "out", "string?", "where the results are" },
        { "rejected_file", "string?", "where the rejected rows are" }, { "total", "paylink.Money", "what the links ask for" },
        { "made", "integer", "links" }, { "recorded", "integer", "links that were there already" },
        { "expired", "integer", "of these" }, { "underpaid", "integer", "of these" }, { "skipped", "integer", "rows" },
        { "rejected", "integer", "rows" }, { "abandoned", "integer", "rows" }, { "unfinished", "integer", "rows" },
        { "in_doubt", "integer", "rows" }, { "possible_orphans", "integer", "attempts" }, { "to_make", "integer", "of a dry run" } } },
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
      { class = "world.Row", about = "What the ledger holds of a link.", fields = {
        { "key", "string?", "what it was created with" },
        { "state", '"prepared"|"sent"|"done"|"rejected"|"in_doubt"|"abandoned"', "how far it has come" },
        { "id", "string?", "once there is a link" }, { "url", "string?", "where it is paid" },
        { "amount", "paylink.Money", "what was asked" }, { "description", "string", "what the payer reads" },
        { "attempts", "integer", "requests to make it that left, or were about to" },
        { "possible_orphans", "integer", "attempts that may have made a link that nobody knows of" },
        { "payments", "integer", "how many were seen" }, { "received", "paylink.Money", "what they brought" },
        { "created_at", "integer", "Unix seconds" }, { "problem", "string?", "what went wrong last" } } },
    },
  },
  after = { test = assertions() },
}
