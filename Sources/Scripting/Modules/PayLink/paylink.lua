-- The paylink module: pay links as tables with methods, failures as values.
local host = ...
host.load_module("money")

local define, misuse, fail, succeeded, suggestion = host.define, host.misuse, host.fail, host.succeeded, host.suggestion
local host_create, host_get, host_wait, host_find, host_list = host.create, host.get, host.wait, host.find, host.list
local group_add, group_next, group_close, keep, let_go = host.group_add, host.group_next, host.group_close, host.keep, host.let_go
local type, tostring, setmetatable, rawget, format, min = type, tostring, setmetatable, rawget, string.format, math.min
local unpack, time, ceil, tointeger, maxinteger = table.unpack, os.time, math.ceil, math.tointeger, math.maxinteger

local Link, methods = {}, {}

-- Every field that a link may have; one that is absent reads as nil.
local fields = {}
for _, name in ipairs{ "id", "url", "agent_url", "status", "amount", "description", "media_url", "expires_at", "reusable",
  "payer_defined_amount", "payer", "archived", "ignored_by_payer", "payment_count", "unseen_payments", "deletable", "payment", "user_id",
  "username", "account_address", "profile_image_url", "created_at", "updated_at", "close_on_complete", "possible_orphans", "key",
  "missing", "overpaid", "late", "paid_at", "received_in_all" } do
  fields[name] = true
end

host.fields.link = fields
Link.__name = "pay link"
Link.__metatable = false
Link.__index = function(_, key)
  local method = methods[key]
  if method then return method end
  if fields[key] then return nil end
  local names = {}
  for name in next, fields do names[name] = true end
  for name in next, methods do names[name] = true end
  misuse(format("a pay link has no field '%s'%s", tostring(key), suggestion(key, names)))
end
Link.__tostring = function(link)
  return format("pay link %s (%s, %s USD)", tostring(rawget(link, "id")), tostring(rawget(link, "status")), tostring(rawget(link, "amount")))
end

-- A table of a link's fields, as the host gives it, with its methods.
function host.as_link(fields_of) return setmetatable(fields_of, Link) end

-- What a host call gave: a link, or nil and an error.
local function deliver(call, link, err)
  if link then
    succeeded()
    return setmetatable(link, Link)
  end
  if err.link then setmetatable(err.link, Link) end
  return fail(call, err)
end

local function id_of(link)
  if type(link) == "string" then return link end
  return rawget(link, "id")
end

local paylink = { usd = host.usd }

-- The options of create are the terms of a link, in the order in which the host takes them, and the key.
local terms = host.terms()
local create_options = {
  { "key", "string", "what you know the link by: the same key with the same terms gives the link that is recorded, with no request unless its time has passed (then `link.status` tells whether it was paid or has expired); with other terms it is refused (`key_reused`)" },
}
for i = 1, #terms do
  local term = terms[i]
  create_options[i + 1] = { term[1], term[2], term[3], required = term[4] or nil }
end

paylink.create = define{
  name = "paylink.create",
  summary = "Creates a pay link. Malformed values, refusals and failures of the network are given as `nil, err`; an unknown option, a "
    .. "missing amount or a value of the wrong type is an error in the script and raised.",
  options = create_options,
  returns = "the link; or `nil, err`",
  example = 'local link = assert(paylink.create{ amount = "12.50", description = "Order 1001", expires_in = "15m" })\nprint(link.url)',
  fn = function(o)
    if o.expires_in ~= nil and o.expires_at ~= nil then misuse("paylink.create: give expires_in or expires_at, not both") end
    local given = {}
    for i = 1, #terms do given[i] = o[terms[i][1]] end
    given[#terms + 1] = o.key
    return deliver("paylink.create", host_create(unpack(given, 1, #terms + 1)))
  end,
}

paylink.get = define{
  name = "paylink.get",
  summary = "The present state of a link.",
  parameters = { { "link", "link", "a link or its id" } },
  returns = "the link; or `nil, err`",
  example = 'local link = assert(paylink.create{ amount = 1, description = "Tea" })\nassert(paylink.get(link.id).amount == link.amount)',
  fn = function(link)
    return deliver("paylink.get", host_get(id_of(link), type(link) == "table" and rawget(link, "close_on_complete") or false))
  end,
}

local wait_options = {
  { "timeout", "duration", "how long to wait; without it, until the link is paid or can no longer be" },
  { "settled", "boolean", "wait for the transaction's hash, too" },
}
for i = 1, #wait_options do wait_options[wait_options[i][1]] = wait_options[i] end

local function wait_arguments(link, options)
  local timeout, settled = options and options.timeout, options and options.settled
  if type(link) == "string" then return link, false, nil, nil, timeout, settled, false, nil end
  local before, before_at
  if rawget(link, "reusable") then
    local payment = rawget(link, "payment")
    if type(payment) == "table" then before, before_at = payment.id, payment.created_at end
  end
  local id, closes, expires_at = rawget(link, "id"), rawget(link, "close_on_complete") or false, rawget(link, "expires_at")
  return id, closes, before, before_at, timeout, settled, true, expires_at
end

-- The host is called with little on the stack: Lua doubles a task's stack of 40 values as soon as there are 20 left, and keeps it
-- while the task waits.
local function wait(call, link, options)
  local paid, err = host_wait(wait_arguments(link, options))
  return deliver(call, paid, err)
end

paylink.wait = define{
  name = "paylink.wait",
  summary = "Waits until the link is paid in full: the service says paid, and at least the amount was received (or the payer was to "
    .. "define it). It gives a link only then; for a reusable link, when there is a payment newer than in the state passed in, or than the "
    .. "last one that a wait for its id has given, in this run or before.",
  parameters = { { "link", "link", "a link or its id" }, { "options", "table", "see below", optional = true } },
  options = wait_options,
  returns = "the paid link; or `nil, err` with `err.code` `\"underpaid\"`, `\"expired\"`, `\"timeout\"`, `\"unreachable\"` (the service was never seen), `\"archived\"`, `\"ignored\"`, …; `err.link` is the last state seen, `err.payable` whether it can still be paid, `err.late_until` (Unix seconds) until when `paylink watch` would notice that a link of the ledger which has ended is paid late",
  example = 'local link = assert(paylink.create{ amount = 1, description = "Tea" })\nlocal paid = assert(paylink.wait(link))\nassert(paid.status == "paid")',
  fn = function(link, options) return wait("paylink.wait", link, options) end,
}

paylink.wait_each = define{
  name = "paylink.wait_each",
  summary = "Waits for many links at once and gives each as it is paid, or as it is certain that it will not be.",
  parameters = { { "links", "table", "a list of links or ids" }, { "options", "table", "see below", optional = true } },
  options = wait_options,
  returns = "an iterator of `link, err`: the paid link; or `false` and an error whose `err.link` is the last state seen",
  example = 'local links = {}\nfor i = 1, 3 do links[i] = assert(paylink.create{ amount = i, description = "Seat " .. i }) end\n'
    .. 'local count = 0\nfor link, err in paylink.wait_each(links) do\n  if link then count = count + 1 end\nend\nassert(count == 3)',
  fn = function(links, options)
    local group, held
    for i = 1, #links do
      local link = links[i]
      if type(link) ~= "string" and type(link) ~= "table" then
        misuse(format("paylink.wait_each: item %d is a %s, not a link or an id", i, type(link)))
      end
      local added, problem = group_add(group, wait_arguments(link, options))
      if not added then
        if held then let_go(held) end
        misuse("paylink.wait_each: " .. problem)
      end
      group, held = added, held or keep(group_close, added) -- from here on the waits end with the iterator
    end
    return function()
      if not group then return nil end
      local index, link, err = group_next(group)
      if not index then
        if group then let_go(held) end
        group = nil
        if link then misuse("paylink.wait_each: " .. link) end
        return nil
      end
      if link then return setmetatable(link, Link) end
      if err.link then setmetatable(err.link, Link) end
      return false, setmetatable(err, host.error_metatable)
    end
  end,
}

paylink.find = define{
  name = "paylink.find",
  summary = "The link that is recorded under a key, as it was last seen. Asks the ledger; no request is made.",
  parameters = { { "key", "string", "the key that it was created with" } },
  returns = "the link; or `nil, err` with `err.code` `\"not_found\"`, or `\"in_doubt\"` when nobody knows whether it was made",
  example = 'assert(paylink.create{ key = "tea", amount = 1, description = "Tea" })\nassert(paylink.find("tea").key == "tea")\n'
    .. 'assert(not paylink.find("coffee"))',
  fn = function(key) return deliver("paylink.find", host_find(key)) end,
}

-- A time among options, in Unix seconds: given so, or as how long ago.
local function instant(options, name)
  local value = options[name]
  if type(value) == "string" then
    local ago = host.duration(value)
    if not ago then misuse(format("paylink.links: option '%s' is no duration: \"%s\"", name, value)) end
    return time() - ago // 1 | 0
  end
  -- The first whole second that is not before it: both bounds come out right.
  return value and (tointeger(ceil(value)) or misuse(format("paylink.links: option '%s' is no time", name)))
end

paylink.links = define{
  name = "paylink.links",
  summary = "The links that are recorded, in the order in which they were made, as they were last seen. Asks the ledger; no request is made: "
    .. "`paylink ledger sync`, `link:refresh` and `paylink watch` bring it up to date.",
  parameters = { { "options", "table", "see below", optional = true } },
  options = {
    { "status", "string", "only those last seen as `active`, `paid` (in full), `underpaid` or `expired`" },
    { "key_prefix", "string", "only those whose key begins so" },
    { "created_since", "duration", "only those first recorded at or after this time: Unix seconds, or how long ago (`\"7d\"`)" },
    { "created_before", "duration", "only those first recorded before this time" },
    { "paid_since", "duration", "only those with a payment, in full or short, made at or after this time, by the service's clock; a reusable link comes once for each such payment that was seen, as `link.payment`" },
    { "paid_before", "duration", "only those with a payment made before this time" },
    { "limit", "integer", "at most so many" },
    { "since", "duration", "another name of `created_since`" },
  },
  returns = "an iterator of links; an error of the ledger is raised",
  example = 'for i = 1, 3 do assert(paylink.create{ key = "seat:" .. i, amount = i, description = "Seat " .. i }) end\n'
    .. 'local total = paylink.usd(0)\nfor link in paylink.links{ key_prefix = "seat:" } do total = total + link.amount end\nassert(total == paylink.usd(6))',
  fn = function(options)
    options = options or {}
    local status, left = options.status, options.limit or maxinteger
    if status and status ~= "active" and status ~= "paid" and status ~= "underpaid" and status ~= "expired" then
      misuse(format("paylink.links: option 'status' must be \"active\", \"paid\", \"underpaid\" or \"expired\", not \"%s\"", status))
    end
    if left < 0 then misuse("paylink.links: option 'limit' must not be below zero") end
    if options.since and options.created_since then misuse("paylink.links: give since or created_since, not both") end
    local created_since = instant(options, "created_since") or instant(options, "since")
    local created_before = instant(options, "created_before")
    local paid_since, paid_before = instant(options, "paid_since"), instant(options, "paid_before")
    local page, last, at, ended = nil, nil, 0, left == 0
    return function()
      if ended then return nil end
      at = at + 1
      if not page or at > #page then
        local err
        local wanted = min(left, 200)
        page, last = host_list(status, options.key_prefix, created_since, created_before, paid_since, paid_before, last, wanted)
        if not page then err = last error(setmetatable(err, host.error_metatable), 0) end
        at = 1
      end
      local link = page[at]
      if not link then
        ended = true
        return nil
      end
      left = left - 1
      ended = left == 0
      return setmetatable(link, Link)
    end
  end,
}

methods.wait = define{
  name = "link:wait",
  summary = "As `paylink.wait`.",
  parameters = { { "link", "link", "the link" }, { "options", "table", "see `paylink.wait`", optional = true } },
  options = wait_options,
  returns = "the paid link; or `nil, err`",
  example = 'local link = assert(paylink.create{ amount = 1, description = "Tea" })\nassert(link:wait())',
  fn = function(link, options) return wait("link:wait", link, options) end,
}

methods.refresh = define{
  name = "link:refresh",
  summary = "The link's present state, as a new table.",
  parameters = { { "link", "link", "the link" } },
  returns = "the link; or `nil, err`",
  example = 'local link = assert(paylink.create{ amount = 1, description = "Tea" })\nlink = assert(link:refresh())',
  fn = function(link)
    return deliver("link:refresh", host_get(rawget(link, "id"), rawget(link, "close_on_complete") or false))
  end,
}

methods.qr = define{
  name = "link:qr",
  summary = "The link's address as a QR code of text. Where standard output is a terminal it is black on white by escape sequences; elsewhere, and "
    .. "with `NO_COLOR`, it is there twice, for a dark background and for a light one, as readers take no other than dark on light.",
  parameters = { { "link", "link", "the link" } },
  returns = "lines of text",
  example = 'local link = assert(paylink.create{ amount = 1, description = "Tea" })\nprint(link:qr())',
  fn = function(link)
    local text = rawget(link, "url")
    if type(text) ~= "string" then misuse("link:qr: the link has no url") end
    return host.qr(text)
  end,
}

host.run_part("once", paylink)
host.run_part("on", paylink)
host.module_table("paylink", paylink)
