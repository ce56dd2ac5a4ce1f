-- The http module: requests to hosts that the person who runs the script has allowed.
local host = ...

local define, misuse, fail, succeeded = host.define, host.misuse, host.fail, host.succeeded
local http_send, secret_parts, unbox = host.http_send, host.secret_parts, host.unbox
local type, next, rawget, rawset, setmetatable, tostring, format, lower, upper, sort, math_type =
  type, next, rawget, rawset, setmetatable, tostring, string.format, string.lower, string.upper, table.sort, math.type
local decode = host.use("json").decode

local http = {}

-- Replies --------------------------------------------------------------------------------------------------

local methods = {}
local fields = { status = true, ok = true, headers = true, body = true, url = true, json = true }
host.fields.response = fields
local Response = {
  __name = "response",
  __metatable = false,
  __index = function(_, key)
    local method = rawget(methods, key)
    if method then return method end
    misuse(format("a response has no field '%s'%s", tostring(key), host.suggestion(key, fields)))
  end,
  __tostring = function(response) return format("response %s", tostring(rawget(response, "status"))) end,
}
local Headers = {
  __name = "headers",
  __metatable = false,
  __index = function(headers, name) return type(name) == "string" and rawget(headers, lower(name)) or nil end,
}

local function response_of(raw)
  local headers = {}
  for i = 1, #raw.headers do
    local name, value = raw.headers[i][1], raw.headers[i][2]
    headers[name] = headers[name] and headers[name] .. ", " .. value or value
  end
  raw.headers = setmetatable(headers, Headers)
  raw.ok = raw.status >= 200 and raw.status < 300
  return setmetatable(raw, Response)
end

methods.json = define{
  name = "response:json",
  summary = "The value of the body, read as by `json.decode`.",
  parameters = { { "response", "table", "a response" } },
  returns = "the value; or `nil, err` (`err.code == \"invalid_json\"`)",
  example = 'local reply = http.get("https://shop.example/stock", { timeout = "5s" })\nif reply then print(reply:json()) end',
  fn = function(response)
    local body = rawget(response, "body")
    if type(body) ~= "string" then misuse("response:json: this is no response") end
    local value, err = decode(body)
    local headers = rawget(response, "headers")
    local encoding = err and type(headers) == "table" and rawget(headers, "content-encoding")
    if type(encoding) == "string" and encoding ~= "" and lower(encoding) ~= "identity" then
      err.message = err.message .. "; the body is encoded (Content-Encoding: " .. encoding .. "), ask for it without"
    end
    return value, err
  end,
}

-- Requests -------------------------------------------------------------------------------------------------

local function is_text(value)
  local kind = type(value)
  return kind == "string" or kind == "number" or kind == "boolean" or kind == "userdata" and (secret_parts(value) or unbox(value)) ~= nil
end

-- A list of names and values, in the order of the names, from a table of values or lists of values.
local function pairs_of(call, option, given)
  if given == nil then return nil end
  local names, list = {}, {}
  for name in next, given do
    if type(name) ~= "string" then misuse(format("%s: option '%s' must have names as its keys, not %s", call, option, tostring(name))) end
    names[#names + 1] = name
  end
  sort(names)
  for i = 1, #names do
    local name = names[i]
    local value = rawget(given, name)
    local values = type(value) == "table" and value or { value }
    for n = 1, #values do
      local one = rawget(values, n)
      if not is_text(one) then
        misuse(format("%s: option '%s': the value of '%s' must be a string, a number, a boolean, a secret or a list of them, not a %s",
          call, option, name, type(one)))
      end
      list[#list + 1] = { name, one }
    end
  end
  return list
end

local function whole(call, options, name, default, least, most)
  local value = options[name]
  if value == nil then return default end
  if value < least or value > most then
    misuse(format("%s: option '%s' must be between %d and %d, not %d", call, name, least, most, value))
  end
  return value
end

local function only(call, option, given, known)
  for key in next, given do
    if not known[key] then misuse(format("%s: option '%s' has no '%s'%s", call, option, tostring(key), host.suggestion(key, known))) end
  end
end

local function text_of(call, what, value)
  if type(value) == "string" or value ~= nil and secret_parts(value) then return value end
  misuse(format("%s: %s must be a string or a secret, not a %s", call, what, type(value)))
end

local auth_fields, sign_fields = { user = true, password = true, bearer = true }, { secret = true, id = true }

local function authorization(call, auth)
  if auth == nil then return nil, nil, nil end
  only(call, "auth", auth, auth_fields)
  if auth.bearer ~= nil then
    if auth.user ~= nil or auth.password ~= nil then misuse(call .. ": option 'auth' must have either bearer, or user and password") end
    return nil, nil, text_of(call, "auth.bearer", auth.bearer)
  end
  return text_of(call, "auth.user", auth.user), text_of(call, "auth.password", auth.password), nil
end

local function signing(call, sign)
  if sign == nil then return nil, nil end
  only(call, "sign", sign, sign_fields)
  if type(sign.id) ~= "string" then
    misuse(call .. ": sign.id must be a string that stays the same when the message is sent again, such as the token of paylink.once")
  end
  return text_of(call, "sign.secret", sign.secret), sign.id
end

local function send(call, method, url, o)
  local kind, body
  for _, name in next, { "json", "form", "body" } do
    if o[name] ~= nil then
      if kind then misuse(format("%s: options '%s' and '%s' are both given: a request has one body", call, kind, name)) end
      kind, body = name, o[name]
    end
  end
  if kind == "form" then body = pairs_of(call, "form", body) end
  if kind == "body" then kind = "text" end
  local user, password, bearer = authorization(call, o.auth)
  local sign_secret, sign_id = signing(call, o.sign)
  local reply, err = http_send(method, url, pairs_of(call, "headers", o.headers), pairs_of(call, "query", o.query), kind, body,
    o.timeout, whole(call, o, "retries", 0, 0, 10), whole(call, o, "max_body", 1 << 20, 0, 16 << 20),
    whole(call, o, "redirects", 0, 0, 10), o.any_status or false, user, password, bearer, sign_secret, sign_id)
  if reply then
    succeeded()
    return response_of(reply)
  end
  if err.response then err.response = response_of(err.response) end
  err.message = call .. ": " .. err.message
  return fail(call, err)
end

local function options(has_body, more)
  local list = more or {}
  local function add(...) list[#list + 1] = { ... } end
  add("headers", "table", "values by name; a value may be a secret, or a list for several headers of one name")
  add("query", "table", "added to the address, percent-encoded; values as for `headers`")
  if has_body then
    add("json", "any", "the body, written as JSON; may hold secrets")
    add("form", "table", "the body, written as a form; values as for `headers`")
    add("body", "text", "the body as it is")
  end
  add("auth", "table", "`{ user = …, password = … }` or `{ bearer = … }`; each may be a secret")
  add("sign", "table", "`{ secret = …, id = … }`: signs it as the Standard Webhooks scheme has it")
  add("timeout", "duration", "how long it may take in all, retries and redirects included; 30 seconds if absent")
  add("retries", "integer", "how often it may be sent again after a failure that cannot have had an effect, 0 to 10; 0 if absent")
  add("redirects", "integer", "how many redirects may be followed, 0 to 10; 0 if absent")
  add("max_body", "integer", "the longest reply in bytes, at most 16 MiB; 1 MiB if absent")
  add("any_status", "boolean", "`true` takes a reply of any status for a success")
  return list
end

local returns = "the response if its status is 2xx; or `nil, err`: `err.code` is `http_status` (with `err.status` and `err.response`), "
  .. "`not_allowed`, `timeout`, `connect_failed`, …, and `err.sent` says whether the server may have received it"

http.request = define{
  name = "http.request",
  summary = "Sends a request to a host that `--allow-net` allows. A response has `status`, `ok`, `headers` (the case of their names does "
    .. "not matter), `body` and `url`. A dry run sends nothing: the error is `dry_run`.",
  options = options(true, {
    { "url", "string", "an `http` or `https` address", required = true },
    { "method", "string", "`GET` if absent" },
  }),
  returns = returns,
  example = 'local reply, err = http.request{ method = "PUT", url = "https://shop.example/orders/1", json = { paid = true }, retries = 3 }\n'
    .. 'if not reply then log.warn("shop not told", { reason = err.code, sent = err.sent }) end',
  fn = function(o)
    local method = o.method or "GET"
    return send("http.request", upper(method), o.url, o)
  end,
}

local examples = {
  get = 'local reply, err = http.get("https://shop.example/stock", { query = { item = "7" }, redirects = 2 })\nif reply then print(reply.body) end',
  post = 'paylink.once("ship:1001", function(token)\n  return http.post("https://shop.example/ship", { json = { order = "1001" }, '
    .. 'sign = { secret = "whsec_c2hvcA==", id = token }, retries = 3 })\nend)',
}

for _, entry in next, { { "get" }, { "head" }, { "post", true }, { "put", true }, { "patch", true }, { "delete", true } } do
  local name, has_body = entry[1], entry[2]
  local call, method = "http." .. name, upper(name)
  http[name] = define{
    name = call,
    summary = format("Sends a %s request, as `http.request` does.", method),
    parameters = { { "url", "string", "an `http` or `https` address" }, { "options", "table", "see below", optional = true } },
    options = options(has_body),
    returns = returns,
    example = examples[name] or format('local reply, err = %s("https://shop.example/orders/1")\nif not reply then print(err.code) end', call),
    fn = function(url, o) return send(call, method, url, o or {}) end,
  }
end

host.module_table("http", http)
