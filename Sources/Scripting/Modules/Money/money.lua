-- Exact money: a box of integer micro-USDC with checked arithmetic. Text is read and printed in C (lh_money.c).
local host = ...

local define, misuse, box, unbox, money_text, host_money =
  host.define, host.misuse, host.box, host.unbox, host.money_text, host.money
local math_type, mininteger, tostring, type, format, sub = math.type, math.mininteger, tostring, type, string.format, string.sub
local Money = host.box_metatable

-- Why a text is no amount. Where `problem` is nil, only the host can tell, which knows the names of all characters.
function host.amount_reason(problem, text, sign) return problem or host.amount_problem(sub(text, 1, 1000), sign) end

-- micro-USDC of anything that is an amount; raises for what is none.
local function micro(value, operation)
  local exact = unbox(value)
  if exact then return exact end
  local kind = type(value)
  if kind ~= "string" and kind ~= "number" then
    misuse(format("%s: a %s is no amount", operation, kind == "userdata" and "value of the host" or kind))
  end
  local made, problem = host_money(value)
  if not made then misuse(format("%s: %s", operation, host.amount_reason(problem, value))) end
  return unbox(made)
end

local function overflow(operation) misuse(operation .. ": the amount is too large") end

local function add(a, b, operation)
  local sum = a + b
  if (a ~ sum) & (b ~ sum) < 0 then overflow(operation) end
  return box(sum)
end

Money.__name = "money"
Money.__tostring = money_text
Money.__add = function(a, b) return add(micro(a, "+"), micro(b, "+"), "+") end
Money.__sub = function(a, b)
  local right = micro(b, "-")
  if right == mininteger then overflow("-") end
  return add(micro(a, "-"), -right, "-")
end
Money.__unm = function(a)
  local exact = unbox(a)
  if exact == mininteger then overflow("-") end
  return box(-exact)
end
Money.__mul = function(a, b)
  local exact, factor = unbox(a), b
  if not exact then exact, factor = unbox(b), a end
  if math_type(factor) ~= "integer" then
    misuse("*: money is multiplied by an integer only; for a share, decide how to round and use micro-USDC")
  end
  local product = exact * factor
  if factor ~= 0 and (product // factor ~= exact or (exact == mininteger and factor == -1)) then overflow("*") end
  return box(product)
end
Money.__div = function() misuse("/: money cannot be divided exactly: decide how to round") end
Money.__eq = function(a, b) return unbox(a) == unbox(b) end
Money.__lt = function(a, b) return micro(a, "<") < micro(b, "<") end
Money.__le = function(a, b) return micro(a, "<=") <= micro(b, "<=") end
Money.__concat = function(a, b) return tostring(a) .. tostring(b) end
Money.__index = function(_, key) misuse(format("money has no field '%s': use tostring(amount)", tostring(key))) end

host.usd = define{
  name = "paylink.usd",
  summary = "An exact amount of USD. `+`, `-`, unary `-`, `* integer`, `==`, `<`, `<=` and `tostring` work on it; "
    .. "the other side of `+`, `-`, `<` may be anything that `paylink.usd` accepts.",
  parameters = { { "amount", "amount", "a decimal string with at most 6 decimals, an integer of dollars, money, or a number that is exact to 6 decimals" } },
  returns = "money; raises for an amount that is malformed or not exact",
  example = 'local total = paylink.usd("12.50") * 3 + "0.01"\nassert(tostring(total) == "37.51")',
  fn = function(amount) return box(micro(amount, "paylink.usd")) end,
}
