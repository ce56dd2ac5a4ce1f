#!/usr/bin/env -S paylink run
-- An offer that ends by itself: a reusable link, paid any number of times until it expires.
--
--   paylink run --sandbox --pay-after 200ms docs/examples/expiring-offer.lua
--
-- Also shown: a wait that gives up is no end of the link, so the script may simply wait again. What happened is
-- in err.code.

local link = assert(paylink.create{
  amount = 5,
  description = "Early-bird ticket",
  expires_in = "3s",
  reusable = true,
})
print("on sale for " .. tostring(link.amount) .. " USD")

local sold, was_quiet, ended = 0, false, nil
repeat
  -- For a reusable link, "paid" means a payment newer than in the state that is passed in: so go on from `paid`.
  local paid, err = link:wait{ timeout = "500ms" }
  if paid then
    sold = sold + 1
    link = paid
    print("sold: " .. sold)
  elseif err.code == "timeout" then
    if not was_quiet then print("nobody for a while, still " .. err.link.status) end
    was_quiet = true
  else
    ended = err
  end
until ended

local answers = {
  expired = "the offer is over",
  archived = "the merchant has withdrawn the offer",
}
print((answers[ended.code] or "stopped: " .. ended.message) .. ", tickets sold: " .. sold)
