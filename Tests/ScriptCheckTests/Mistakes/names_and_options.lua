-- Thirty mistakes in names of the API and in options. A line `-- case:` begins a script of its own; `--> code` marks the
-- line on which the mistake is told, and nothing else may be told. `--> code?` is a warning.

-- case: an option with two letters swapped, in a branch that runs once a year
if os.date("%m-%d") == "12-31" then
  assert(paylink.create{ amout = "12.50", amount = "12.50", description = "Order" }) --> unknown_option
end
-- case: the amount is missing
assert(paylink.create{ --> missing_option
  description = "Order 1001",
  expires_in = "15m",
})
-- case: the description is missing, and the call has no parentheses
local link = assert(paylink.create{ amount = 5 }) --> missing_option
print(link.url)
-- case: a text where a boolean belongs
assert(paylink.create{ amount = 5, description = "Tea", reusable = "yes" }) --> wrong_type
-- case: a number where a text belongs
assert(paylink.create{ amount = 5, description = 1001 }) --> wrong_type
-- case: a boolean as the amount
assert(paylink.create{ amount = true, description = "Tea" }) --> wrong_type
-- case: a float where Unix seconds belong
assert(paylink.create{ amount = 5, description = "Tea", expires_at = 1.5 }) --> wrong_type
-- case: both kinds of expiry
assert(paylink.create{ amount = 5, description = "Tea", expires_in = "15m", expires_at = 1893456000 }) --> conflicting_options
-- case: a duration in words
local link, err = paylink.create{ amount = 5, description = "Tea", expires_in = "2 hours" } --> malformed_duration?
print(link, err)
-- case: an amount with a decimal comma
local link, err = paylink.create{ amount = "12,50", description = "Tea" } --> malformed_amount?
print(link, err)
-- case: money that no float holds
print(paylink.usd(0.1234567)) --> malformed_amount
-- case: a sleep in words
sleep("five seconds") --> malformed_duration
-- case: a function of paylink with two letters swapped
paylink.crate{ amount = 5, description = "Tea" } --> unknown_member
-- case: a function of task with two letters swapped
task.spwan(print, "tea") --> unknown_member
-- case: an alias of a module keeps its names
local p = paylink
p.fnid("order-1") --> unknown_member
-- case: an alias of a function keeps its options
local create = paylink.create
assert(create{ amount = 5, descripton = "Tea", description = "Tea" }) --> unknown_option
-- case: a method of a link with two letters swapped
local link = assert(paylink.create{ amount = 5, description = "Tea" })
assert(link:wiat()) --> unknown_field
-- case: a field of a link that is called otherwise
local link = assert(paylink.create{ amount = 5, description = "Tea" })
print(link.adress, link.key) --> unknown_field
-- case: a field of an error with a letter missing
local link, err = paylink.get("123e4567-e89b-12d3-a456-426614174000")
if not link then print(err.mesage) end --> unknown_field
-- case: a method called with a dot
local link = assert(paylink.create{ amount = 5, description = "Tea" })
print(link.refresh()) --> dot_or_colon
-- case: a function called with a colon
log:info("started") --> dot_or_colon
-- case: an option of a method
local link = assert(paylink.create{ amount = 5, description = "Tea" })
assert(link:wait{ timeuot = "5s" }) --> unknown_option
-- case: an option among positional arguments
task.map({ 1, 2 }, { concurency = 2 }, print) --> unknown_option
-- case: a value out of its range
task.map({ 1, 2 }, { concurrency = 0 }, print) --> wrong_value
-- case: a mode that there is not
paylink.once("ship:1", function() return true end, { mode = "atleast" }) --> wrong_value
-- case: an event that there is not
paylink.on("payed", function(link) print(link.key) end) --> wrong_value
-- case: a field inside of an option
assert(http.post("https://shop.example/ship", { json = {}, sign = { secrt = "x", id = "1" } })) --> unknown_option
-- case: two bodies
assert(http.post("https://shop.example/ship", { json = {}, body = "tea" })) --> conflicting_options
-- case: arguments in the wrong order
paylink.once(function() return true end, "ship:1") --> wrong_type wrong_type
-- case: a mail without a subject
assert(mail.send{ to = "anna@mail.example", text = "Thank you!" }) --> missing_option
