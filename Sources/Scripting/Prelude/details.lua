-- What the definitions of the Lua API do not say, for those who describe it (describe.lua, types.lua) and never for a
-- script that runs: what functions give, which values an option takes, which fields values have.
local host = ...

for _, name in ipairs{ "money", "paylink", "task", "csv", "json", "http", "secret", "program", "mail", "log", "run" } do host.load_module(name) end

local details = {}
host.details = details

-- Functions -------------------------------------------------------------------------------------------------

-- By the function's name: of the function, and of its parameters and options.
local modes = "one_of=at_most|at_least|check"
local delimiters = "one_of=,|\\s|\\p|\\t"
details.functions = {
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
  ["csv.rows"] = { "each=row|error", encoding = "one_of=utf-8|windows-1252", delimiter = delimiters, decimal = "one_of=.|," },
  ["csv.amount"] = { "gives=money|error", decimal = "one_of=.|," },
  ["csv.writer"] = { "gives=writer|error", columns = "not_empty", delimiter = delimiters, decimal = "one_of=.|," },
  ["csv.append"] = { delimiter = delimiters },
  ["json.encode"] = { "gives=string|error" },
  secret = { "gives=secret|error" },
  ["mail.send"] = { to = "types=string|table", cc = "types=string|table", bcc = "types=string|table",
    reply_to = "types=string|table", headers = "named", attachments = "items=path|name|type|data", timeout = "above_zero" },
  ["program.run"] = { command = "not_empty", env = "named", max_output = "range=0..16777216", timeout = "above_zero" },
}
for _, name in ipairs{ "request", "get", "head", "post", "put", "patch", "delete" } do
  details.functions["http." .. name] = { "gives=response|error", "conflict=json|form|body", auth = "fields=user|password|bearer",
    sign = "fields=secret|id", headers = "named", query = "named", form = "named",
    json = "types=string|number|boolean|table", timeout = "above_zero", retries = "range=0..10", redirects = "range=0..10",
    max_body = "range=0..16777216" }
end

-- Values ----------------------------------------------------------------------------------------------------

-- By class: each field's name, its type as LuaLS writes it, and what it is. A type with `?` may be absent.
details.classes = {
  link = {
    { "id", "string", "a UUID" }, { "url", "string", "where it is paid" }, { "agent_url", "string?", "where a program pays it" },
    { "status", '"active"|"paid"|"expired"|"unknown"', "as the service said it last" },
    { "amount", "paylink.Money", "what was asked" }, { "description", "string", "what the payer reads" },
    { "media_url", "string?", "a picture for the checkout page" }, { "expires_at", "integer?", "Unix seconds" },
    { "reusable", "boolean?", "whether it can be paid more than once" },
    { "payer_defined_amount", "boolean?", "whether the payer chooses the amount" }, { "payer", "string?", "the one user who may pay" },
    { "archived", "boolean?", "whether it was archived" }, { "ignored_by_payer", "boolean?", "whether its payer dismissed it" },
    { "payment_count", "integer?", "payments that the service counts" },
    { "unseen_payments", "integer?", "of a reusable link: payments between two looks, which are never shown" },
    { "deletable", "boolean?", "whether the service would delete it" }, { "payment", "paylink.Payment?", "the newest payment" },
    { "user_id", "string?", "the account that made it" }, { "username", "string?", "that account's name" },
    { "account_address", "string?", "where the money goes" }, { "profile_image_url", "string?", "the account's picture" },
    { "created_at", "integer?", "Unix seconds" }, { "updated_at", "integer?", "Unix seconds" },
    { "close_on_complete", "boolean?", "whether the checkout page closes once it is paid" },
    { "possible_orphans", "integer?", "attempts that may have made a link that nobody knows of" },
    { "key", "string?", "what it was created with, wherever the ledger knows it" },
    { "missing", "paylink.Money?", "what a short payment lacks" }, { "overpaid", "paylink.Money?", "what was received beyond the amount" },
    { "late", "boolean?", "whether it was paid after its end" }, { "paid_at", "integer?", "when it was paid: Unix seconds" },
    { "received_in_all", "paylink.Money?", "of a link from the ledger: what all payments that were seen brought" },
  },
  payment = {
    { "id", "string", "a UUID" }, { "amount", "paylink.Money", "what came" },
    { "transaction_hash", "string?", "comes later than the payment" }, { "relayer_transaction_id", "string?", "the relayer's own id" },
    { "paid_by", "string?", "the user who paid" }, { "created_at", "integer?", "Unix seconds" }, { "updated_at", "integer?", "Unix seconds" },
  },
  error = {
    { "code", "paylink.Code", "stable: compare this" }, { "message", "string", "for people; may change" },
    { "status", "integer?", "the HTTP status, or a program's exit status" },
    { "retryable", "boolean?", "whether the same call may well succeed later" },
    { "retry_after", "number?", "seconds that the service asked to wait" }, { "link", "paylink.Link?", "the last state seen of the link" },
    { "payable", "boolean?", "whether that link can still be paid" }, { "cause", "string?", "what lay underneath" },
    { "sent", "boolean?", "of http: whether the server may have received the request" },
    { "response", "http.Response?", "of http: the reply, where its status is a failure" },
    { "result", "table?", "of program.run: what the program wrote and how it ended" },
    { "field", "string?", "the option or column that is wrong" },
    { "possible_orphans", "integer?", "attempts that may have made a link that nobody knows of" },
    { "line", "integer?", "where in the file or the text" }, { "column", "integer?", "where in the line" },
    { "late_until", "integer?", "until when a late payment would still be noticed: Unix seconds" },
  },
  response = {
    { "status", "integer", "the HTTP status" }, { "ok", "boolean", "whether it is 2xx" },
    { "headers", "table<string, string>", "by name, in any case of letters" }, { "body", "string", "as it came" },
    { "url", "string", "of the last redirect that was followed" },
  },
  money = {}, secret = {}, handle = {}, writer = {},
}

-- The fields that a module's own table has besides functions.
details.module_fields = {
  run = {
    { "job", "string?", "the job's name; nil outside of a job, as are all others" }, { "id", "string?", "of the run: `paylink runs show ID`" },
    { "slot", "integer?", "the time that the run stands for: Unix seconds" }, { "slot_text", "string?", "the same in the schedule's zone" },
    { "missed", "integer[]?", "up to 100 slots that passed without a run, oldest first" }, { "missed_count", "integer?", "how many" },
  },
  json = { { "null", "userdata", "JSON's null" } },
}

-- What scripts find under a library's name and must not use, with the reason that the runtime gives.
details.refused = {
  ["io.popen"] = "use program.run, which takes a list of arguments", ["io.output"] = "use io.open and file:write",
  ["io.input"] = "use io.open and file:read", ["io.tmpfile"] = "open a file in the working directory with io.open, and os.remove it",
  ["os.execute"] = "use program.run, which takes a list of arguments", ["os.tmpname"] = "name a file in the working directory",
  ["os.setlocale"] = "the locale is fixed",
  dofile = "use require, which looks in the script's directory", loadfile = "use require, which looks in the script's directory",
}

-- The fields that the runtime itself knows must be these: one that comes there is told here, too.
for name, known in next, host.fields do
  local described = {}
  for _, field in ipairs(details.classes[name]) do
    described[field[1]] = true
    if not known[field[1]] then error("details.lua has a field that no " .. name .. " has: " .. field[1]) end
  end
  for field in next, known do
    if not described[field] and not details.functions[name .. ":" .. field] and field ~= "json" then
      error("details.lua lacks the field '" .. field .. "' of " .. name)
    end
  end
end
