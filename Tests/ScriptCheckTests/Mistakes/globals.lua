-- Fifteen mistakes with globals, told as in names_and_options.lua.

-- case: a variable that is written otherwise than it was declared
local order = arg[1] or "order-1001"
print("waiting for " .. oder) --> undeclared_name
print(order)
-- case: a function that is called otherwise than it is defined
local function collect(name) return name end
print(colect("Ada")) --> undeclared_name
print(collect("Ben"))
-- case: a misspelt function of Lua
pritn("started") --> undeclared_name
-- case: a misspelt module
paylnk.create{ amount = 5, description = "Tea" } --> undeclared_name
-- case: a variable that is out of scope
do
  local total = 5
  print(total)
end
print(total) --> undeclared_name
-- case: a loop's variable after the loop
for count = 1, 3 do print(count) end
print(count) --> undeclared_name
-- case: a name of another language
print(null) --> undeclared_name
-- case: a constructor of another language
local list = new(5) --> undeclared_name
print(list)
-- case: a global that is made inside of a function
local function remember(link) last_link = link end --> undeclared_assignment?
remember(nil)
-- case: a misspelt variable that is assigned inside of a function
local received = 0
local function add(amount) recieved = received + amount end --> undeclared_assignment?
add(5)
-- case: a global that is asked for by its table
print(_G.settings) --> undeclared_name
-- case: a function of an older Lua
print(unpack({ 1, 2 })) --> unavailable_name
-- case: a function that scripts do not have
dofile("lib.lua") --> unavailable_name
-- case: a function of os that scripts do not have
os.execute("date") --> unavailable_name
-- case: a function that a library of Lua does not have
print(string.trim(" tea ")) --> unknown_member
