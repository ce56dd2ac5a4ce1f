-- The test's answers for the rest of the world: other hosts, programs, mail servers, customers.
local host = ...

local define, misuse, spawn = host.define, host.misuse, host.spawn
local next, type, tostring, pcall, format, find = next, type, tostring, pcall, string.format, string.find
local getmetatable, math_type = getmetatable, math.type
local json = host.use("json")

local customers, routes, programs = {}, {}, {}
local mail_server -- what it says; nil: it takes everything

-- A function, or a spy of one.
local function is_callable(value)
  local known = getmetatable(value)
  return type(value) == "function" or type(value) == "table" and type(known) == "table" and known.__call ~= nil
end

-- A handler that fails has no answer, and the test hears of it.
local function called(handler, ...)
  local ok, value = pcall(handler, ...)
  if ok then return value end
  return nil, tostring(value)
end

local response_keys = { status = true, headers = true, body = true }
local program_keys = { status = true, output = true, errors = true }
local mail_keys = { code = true, message = true, refused = true }
local mail_codes = { mail_refused = true, mail_failed = true, mail_in_doubt = true }

local function none(number, why, ...) host.world_answer(number, "none", format(why, ...)) end

-- The first key of a reply that means nothing, with its closing quote and what may have been meant.
local function unknown_key(reply, known)
  for key in next, reply do
    if not known[key] then return tostring(key) .. "'" .. host.suggestion(key, known) end
  end
end

local function route(method, url)
  for i = #routes, 1, -1 do
    local known = routes[i]
    local matches = known.url == url or known.url == url:match("^[^?]*")
      or known.url:sub(-1) == "*" and url:sub(1, #known.url - 1) == known.url:sub(1, -2)
    if (known.method == "*" or known.method == method) and matches then return known end
  end
end

-- What is wrong with the headers of a reply.
local function wrong_header(fields)
  if type(fields) ~= "table" then return format("its reply's headers are a %s: give a table", type(fields)) end
  for name, value in next, fields do
    if type(name) ~= "string" or not find(name, "^[%w!#$%%&'*+.^_`|~-]+$") then
      return format("its reply has a header named '%s', which is no name", tostring(name))
    elseif type(value) ~= "string" or find(value, "[\r\n\0]") then
      return format("its reply's header '%s' is no text on one line", name)
    end
  end
end

local function answer_request(number, method, url, headers, body)
  local known = route(method, url)
  if not known then return host.world_answer(number, "none", "the test has no handler for it") end
  local reply, problem = known.handler, nil
  if is_callable(reply) then
    reply, problem = called(reply, { method = method, url = url, headers = headers, body = body })
  end
  if reply == nil then
    return host.world_answer(number, "none", problem and "its handler failed: " .. problem or "its handler gave no answer")
  end
  if type(reply) == "number" then reply = { status = reply } elseif type(reply) == "string" then reply = { body = reply } end
  if type(reply) ~= "table" then return host.world_answer(number, "none", "its reply is a " .. type(reply)) end
  local unknown = unknown_key(reply, response_keys)
  if unknown then return host.world_answer(number, "none", "its reply has an unknown field '" .. unknown) end
  body = reply.body
  local fields = reply.headers or {}
  if type(body) == "table" then
    body = json.encode(body)
    fields["content-type"] = fields["content-type"] or "application/json"
  end
  local status, why = reply.status or 200, wrong_header(fields)
  if math_type(status) ~= "integer" or status < 200 or status > 599 then
    return none(number, "its reply's status is %s: give 200 to 599", tostring(status))
  elseif why then return none(number, "%s", why)
  elseif body ~= nil and type(body) ~= "string" then
    return none(number, "its reply's body is a %s: give text, or a table, which is sent as JSON", type(body))
  end
  host.world_answer(number, "response", status, fields, body or "")
end

local function answer_program(number, words, input)
  local handler, problem = programs[words[1]], nil
  if handler == nil then return host.world_answer(number, "none", "the test has no handler for it") end
  local reply = handler
  if is_callable(reply) then reply, problem = called(reply, words, input) end
  if reply == nil then
    return host.world_answer(number, "none", problem and "its handler failed: " .. problem or "its handler gave no answer")
  end
  if type(reply) == "string" then reply = { output = reply } elseif type(reply) == "number" then reply = { status = reply } end
  if type(reply) ~= "table" then return host.world_answer(number, "none", "its reply is a " .. type(reply)) end
  local unknown = unknown_key(reply, program_keys)
  if unknown then return host.world_answer(number, "none", "its reply has an unknown field '" .. unknown) end
  host.world_answer(number, "program", reply.status or 0, reply.output or "", reply.errors or "")
end

local function answer_mail(number, mail)
  local reply, problem = mail_server, nil
  if is_callable(reply) then reply, problem = called(reply, mail) end
  if problem then return none(number, "its handler failed: %s", problem) end
  if reply == nil or reply == true then reply = {} elseif type(reply) == "string" then reply = { code = reply } end
  if type(reply) ~= "table" then return none(number, "its reply is a %s", type(reply)) end
  local unknown = unknown_key(reply, mail_keys)
  if unknown then return none(number, "its reply has an unknown field '%s", unknown) end
  if reply.code ~= nil and not mail_codes[reply.code] then
    return none(number, "its reply's code is '%s': give mail_refused, mail_failed or mail_in_doubt", tostring(reply.code))
  end
  for _, address in next, type(reply.refused) == "table" and reply.refused or { reply.refused } do
    if type(reply.refused) ~= "table" or type(address) ~= "string" then
      return none(number, "%s", "its reply's refused must be a list of addresses")
    end
  end
  host.world_answer(number, "mail", reply.refused or {}, reply.code, reply.message or "the test's mail server says so")
end

local function answer(number, kind, ...)
  if kind == "request" then return answer_request(number, ...) end
  if kind == "program" then return answer_program(number, ...) end
  if kind == "mail" then return answer_mail(number, ...) end
  local link = host.use("paylink").get((...))
  for i = 1, #customers do
    local customer = customers[i]
    spawn(type(customer) == "function" and customer or function(...) return customer(...) end, link)
  end
  host.world_answer(number, "none", "")
end

-- Takes questions until the test is over; each is answered by a task of its own, for handlers may wait.
local function listen(kind)
  host.world_listen(kind)
  if host.is_listening then return end
  host.is_listening = true
  spawn(function()
    local function take(number, ...)
      if number == nil then return false end
      spawn(answer, number, ...)
      return true
    end
    while take(host.world_question()) do end
  end)
end

function host.define_handlers(world)

world.customer = define{
  name = "world.customer",
  summary = "Calls a function for each link that is made from now on, in a task of its own: it may `sleep` and then pay.",
  parameters = { { "fn", "any", "a function that gets the link" } },
  returns = "nothing",
  example = 'world.customer(function(link)\n  sleep("3d")\n  world.pay(link)\nend)',
  fn = function(fn)
    if not is_callable(fn) then misuse(format("world.customer: give a function, not a %s", type(fn))) end
    customers[#customers + 1] = fn
    listen("customer")
  end,
}

world.http = define{
  name = "world.http",
  summary = "Answers the requests of scripts to another host. A request that nobody answers fails the test.",
  parameters = {
    { "method", "string", "`GET`, `POST`, …, or `*`" },
    { "url", "string", "the address without its query, or the beginning of one and `*`" },
    { "reply", "any", "a function of the request (`method`, `url`, `headers`, `body`) that gives the reply, or the reply itself: "
      .. "a table of `status`, `headers` and `body` (a table is sent as JSON), a status, or a body" },
  },
  returns = "nothing",
  example = 'world.http("POST", "https://erp.shop.example/paid", { status = 204 })',
  fn = function(method, url, reply)
    if not find(url, "^https?://") then misuse(format("world.http: '%s' does not begin with http:// or https://", url)) end
    if reply == nil then misuse("world.http: the reply is missing") end
    routes[#routes + 1] = { method = method:upper(), url = url, handler = reply }
    listen()
  end,
}

world.mail = define{
  name = "world.mail",
  summary = "What mail servers say from now on. What they take is in `world.outbox`; without it they take everything.",
  parameters = {
    { "reply", "any", "a function of the mail (as in `world.outbox`) that gives the reply, or the reply itself: nil or true takes it; "
      .. "`\"mail_refused\"`, `\"mail_failed\"` or `\"mail_in_doubt\"` is the error that `mail.send` gives; a table of `code`, "
      .. "`message` and `refused` (addresses that are not taken, while others are)" },
  },
  returns = "nothing",
  example = 'world.mail("mail_failed")',
  fn = function(reply)
    mail_server = reply
    listen("mail")
  end,
}

world.program = define{
  name = "world.program",
  summary = "Answers `program.run`. A program that nobody answers for fails the test; none is ever started.",
  parameters = {
    { "name", "string", "its name or path, as the script gives it" },
    { "reply", "any", "a function of the words and the input that gives the reply, or the reply itself: a table of `status`, "
      .. "`output` and `errors`, a status, or an output" },
  },
  returns = "nothing",
  example = 'world.program("lpr", { status = 0 })',
  fn = function(name, reply)
    if reply == nil then misuse("world.program: the reply is missing") end
    programs[name] = reply
    listen()
  end,
}

end
