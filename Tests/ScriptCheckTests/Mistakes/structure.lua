-- Fifteen mistakes of structure, told as in names_and_options.lua.

-- case: a block without its end
for i = 1, 3 do
  if i == 2 then print(i)
end
--> syntax_error
-- case: an end too many
print("tea")
end --> syntax_error
-- case: an assignment in the place of a comparison
local status = arg[1]
if status = "paid" then print(status) end --> syntax_error
-- case: a comparison of another language
if arg[1] != "paid" then print("not paid") end --> syntax_error
-- case: a string that is not closed on its line
print("Pay here: ) --> syntax_error
-- case: a value alone
local link = paylink.find("tea")
link.url --> syntax_error
-- case: return before the end of its block
local function ship()
  return true
  print("shipped") --> syntax_error
end
ship()
-- case: a constant that is assigned to
local price <const> = 5
price = 6 --> assignment_to_constant
print(price)
-- case: a break without a loop
if arg[1] then break end --> break_outside_loop
-- case: a goto without a label
for i = 1, 3 do
  if i == 2 then goto continue end --> missing_label
  print(i)
end
-- case: a label that is there twice
do
  ::again::
  print("tea")
  ::again:: --> duplicate_label
  goto again
end
-- case: arguments of a function that takes none
local function show() print(...) end --> vararg_outside_function
show()
-- case: a loop over a table
for _, item in { 1, 2, 3 } do print(item) end --> bad_loop
-- case: a number that is called
local count = 3
print(count("links")) --> bad_call
-- case: a table that is compared with a number, and code that nothing comes to
local function check(list)
  error("no list")
  print(list) --> unreachable_code?
end
check(5 < "6") --> bad_operand
