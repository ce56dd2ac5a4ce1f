#!/usr/bin/env -S paylink watch
-- A tip jar: one link that anybody may pay, any number of times, and a sum that restarts and kills do not lose.
--
--   paylink watch --once --sandbox --pay-after 1ms --pay-count 3 docs/examples/tip-jar.lua
--
-- As a service: paylink cron show --systemd --watch tip-jar.lua
--
-- The amount is fixed, as a link whose payer chooses it cannot be asked for; who pays more or less has still tipped.
-- The service shows only the newest payment and counts them all: of tips between two looks only the number is known.

local jar = assert(paylink.create{
  key = "tip-jar:" .. os.date("%Y"), -- a new jar each year
  amount = 2, description = "Tips for the band", reusable = true, expires_in = "366d",
})
log.info("put this on the stage", { url = jar.url })

-- Once for each tip, whether this process saw it or another one; after a kill perhaps once more, which does no harm here.
local function thank(link)
  local all = assert(paylink.find(link.key))
  local unseen = all.unseen_payments > 0 and (", and " .. all.unseen_payments .. " tips that nobody saw") or ""
  print(("a tip of %s USD, %s in the jar%s"):format(tostring((link.payment or link).amount), tostring(all.received_in_all), unseen))
end

paylink.on("paid", thank, { key_prefix = "tip-jar:", mode = "at_least" })
paylink.on("underpaid", thank, { key_prefix = "tip-jar:", mode = "at_least" })
