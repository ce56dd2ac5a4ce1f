#!/usr/bin/env -S paylink run
-- After a kill, a crash or a power cut: what became of each order of fulfilment.lua, and what is still to be done.
--
--   paylink run --sandbox --allow-net 127.0.0.1 --allow-env SHOP_URL docs/examples/after-a-kill.lua order-1001 order-1002
--
-- A person asks the same record: `paylink ledger show order-1001` has all that is known of an order, `paylink ledger doubt
-- list` what nobody knows the outcome of, and `paylink ledger doubt resolve KEY` takes the answer (docs/ledger.md).
-- Exit status 75: something is left for a person, or for the next try.

local shop = os.getenv("SHOP_URL") or "https://warehouse.example"
local status = 0

local function tell(order, what, is_left)
  print(order .. ": " .. what)
  if is_left then status = 75 end
end

local function ship(order, link)
  return function(token)
    return http.post(shop .. "/ship", { json = { order = order, paid = tostring((link.payment or link).amount) },
      sign = { secret = assert(secret("WEBHOOK")), id = token } })
  end
end

-- The warehouse knows each parcel by the webhook's id, which is the token: so it is asked before anything is sent again.
local function is_shipped(token)
  local reply, err = http.get(shop .. "/parcels/" .. token)
  if not reply and err.status == 404 then return false end
  return reply and true, err
end

for _, order in ipairs(arg) do
  local link, err = paylink.find(order)
  if link then link, err = link:refresh() end
  if link and link.payment and not link.missing then
    local shipped, problem = paylink.once("ship:" .. order, ship(order, link), { check = is_shipped })
    tell(order, shipped and "paid and shipped" or "paid, not known whether shipped: " .. problem.message, not shipped)
  elseif link then
    tell(order, link.missing and "paid " .. tostring(link.missing) .. " USD short" or link.status)
  elseif err.code == "not_found" then
    tell(order, "no link was made, start it again")
  elseif err.code == "in_doubt" then
    tell(order, "a link may have been made, look into the account: paylink ledger doubt resolve " .. order .. " --link ID, or --retry", true)
  else
    tell(order, "not seen: " .. err.message, true)
  end
end
os.exit(status)
