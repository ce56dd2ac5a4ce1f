-- secret(name): a value that goes where a secret is needed, and prints as ***.
local host = ...

local misuse, fail, succeeded = host.misuse, host.fail, host.succeeded
local read_secret, make_secret, secret_parts = host.read_secret, host.make_secret, host.secret_parts
local type, tostring, format = type, tostring, string.format

local Secret = host.secret_metatable
Secret.__name = "secret"
Secret.__tostring = function() return "***" end
Secret.__index = function() misuse("a secret has no fields: pass it on as it is") end
Secret.__newindex = Secret.__index
Secret.__len = function() misuse("the length of a secret is secret") end

local function add_parts(to, value)
  local parts = secret_parts(value)
  if not parts then
    local kind = type(value)
    if kind ~= "string" and kind ~= "number" then
      misuse(format("a secret can be joined to strings, numbers and secrets, not to a %s", kind))
    end
    parts = { tostring(value) }
  end
  for i = 1, #parts do
    local last, part = to[#to], parts[i]
    if type(last) == "string" and type(part) == "string" then to[#to] = last .. part else to[#to + 1] = part end
  end
end

-- What a secret is a part of is a secret.
Secret.__concat = function(left, right)
  local parts = {}
  add_parts(parts, left)
  add_parts(parts, right)
  return make_secret(parts)
end

local known = {} -- the same secret is the same value, so that == means something

local secret = host.define{
  name = "secret",
  summary = "A secret by its name: a value that prints as `***`, that `..` makes part of a longer secret, and that never becomes a "
    .. "string. `http` takes it in headers, `auth`, `query`, `json`, `form`, `body` and `sign`, `mail` as its password. It comes from the file of "
    .. "that name in `$CREDENTIALS_DIRECTORY`, or from the variable `PAYLINK_SECRET_` and the name, unless settings say otherwise. "
    .. "Wherever its value turns up, in messages, errors or replies, `***` is there instead.",
  parameters = { { "name", "string", "letters, digits, `_`, `-` and `.`" } },
  returns = "the secret; or `nil, err` (`err.code` is `not_found`, `unreadable`, `loose_mode` or `command_failed`)",
  example = 'local token, err = secret("SHOP_TOKEN")\nif not token then print(err.code) end\n'
    .. 'if token then assert(tostring("Bearer " .. token) == "***") end',
  fn = function(name)
    if known[name] then return known[name] end
    local number, code, message = read_secret(name)
    if not number then return fail("secret", { code = code, message = message, retryable = false }) end
    succeeded()
    known[name] = known[name] or make_secret{ number }
    return known[name]
  end,
}

host.modules.secret = secret
host.set_global("secret", secret)
