-- The mail module: messages to people, over SMTP or the local sendmail.
local host = ...

local define, misuse, fail, succeeded, suggestion = host.define, host.misuse, host.fail, host.succeeded, host.suggestion
local mail_send = host.mail_send
local type, next, tostring, format, sort = type, next, tostring, string.format, table.sort

local mail = {}

-- An address or a list of them, as a list.
local function addresses(given, option)
  if given == nil then return nil end
  if type(given) == "string" then return { given } end
  if type(given) ~= "table" then
    misuse(format("mail.send: option '%s' must be an address or a list of addresses, not a %s", option, type(given)))
  end
  local list = {}
  for i = 1, #given do
    if type(given[i]) ~= "string" then misuse(format("mail.send: option '%s': number %d is no text", option, i)) end
    list[i] = given[i]
  end
  if next(given) ~= nil and #list == 0 then misuse(format("mail.send: option '%s' must be a list of addresses", option)) end
  return list
end

local known = { path = true, name = true, type = true, data = true }

local function attachment(given, i)
  if type(given) == "string" then return { given, false, false, false } end
  if type(given) ~= "table" then misuse(format("mail.send: attachment %d must be a path or a table, not a %s", i, type(given))) end
  for key, value in next, given do
    if not known[key] then misuse(format("mail.send: attachment %d: unknown option '%s'%s", i, tostring(key), suggestion(key, known))) end
    if type(value) ~= "string" then misuse(format("mail.send: attachment %d: option '%s' must be a string", i, key)) end
  end
  if (given.path == nil) == (given.data == nil) then misuse(format("mail.send: attachment %d needs either path or data", i)) end
  if given.data and not given.name then misuse(format("mail.send: attachment %d needs a name", i)) end
  return { given.path or false, given.name or false, given.type or false, given.data or false }
end

mail.send = define{
  name = "mail.send",
  summary = "Sends one message to recipients that `--allow-mail` allows. Without `server` it goes where the settings say (`PAYLINK_MAIL_SERVER`). Over SMTP it is protected by TLS "
    .. "unless the server is this machine. A line break or another control character in an address, the subject or a header is refused. "
    .. "`err.code` says what became of it: `mail_failed` (surely not sent, may be tried again: `err.retryable`), `mail_refused` (not sent, "
    .. "and again would be the same), `mail_in_doubt` (all of it had left, no answer came), `invalid_mail`, `not_configured`, `not_allowed`.",
  options = {
    { "from", "string", "the sender: `a@b` or `Name <a@b>`; the settings may have it" },
    { "to", "any", "an address, or a list" },
    { "cc", "any", "an address, or a list" },
    { "bcc", "any", "an address, or a list: they get it, and nobody sees that" },
    { "reply_to", "any", "an address, or a list" },
    { "subject", "string", "the subject", required = true },
    { "text", "string", "the message as plain text" },
    { "html", "string", "the message as HTML; with `text`, readers choose" },
    { "attachments", "table", "a list of paths, `{ path =, name =, type = }` or `{ name =, data =, type = }`; 25 MB in all" },
    { "headers", "table", "further headers by name" },
    { "token", "string", "becomes the Message-ID: with an effect's token, a receiver can tell a repetition" },
    { "server", "string", "`smtps://user@host:465`, `smtp://host:587` (needs `--allow-net`), or `sendmail` (needs `--allow-run`)" },
    { "password", "text", "the password: a secret; a plain text works, but then it stands in the script" },
    { "timeout", "duration", "how long it may take; `2m` if absent" },
  },
  returns = "`{ id =, accepted = {…}, refused = {…} }`, where each refused has `address`, `message`, `retryable`; or `nil, err`",
  example = 'paylink.once("mail:order-1001", function(token)\n  return mail.send{\n    from = "Shop <shop@shop.example>", to = "anna@mail.example", token = token,\n'
    .. '    subject = "Order 1001 is paid", text = "Thank you!",\n    attachments = { { name = "order.csv", data = "order,amount\\n1001,12.50\\n" } },\n  }\nend)',
  fn = function(given)
    local files, headers
    if given.attachments then
      files = {}
      for i = 1, #given.attachments do files[i] = attachment(given.attachments[i], i) end
    end
    if given.headers then
      headers = {}
      for name, value in next, given.headers do
        if type(name) ~= "string" or type(value) ~= "string" then misuse("mail.send: option 'headers' must have names and values that are text") end
        headers[#headers + 1] = { name, value }
      end
      sort(headers, function(a, b) return a[1] < b[1] end)
    end
    local id, accepted, refused, retryable = mail_send(given.from, addresses(given.reply_to, "reply_to"), addresses(given.to, "to"),
      addresses(given.cc, "cc"), addresses(given.bcc, "bcc"), given.subject, given.text, given.html, files, headers, given.token,
      given.server, given.password, given.timeout)
    if not id then return fail("mail.send", { code = accepted, message = refused, retryable = retryable }) end
    succeeded()
    return { id = id, accepted = accepted, refused = refused }
  end,
}

host.module_table("mail", mail)
