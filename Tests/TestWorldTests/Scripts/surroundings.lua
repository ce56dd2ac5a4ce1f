-- Says what it finds around it.
if run.job then print("job", run.job, run.slot) end
io.write("job ", tostring(run.job), " ", tostring(run.slot), "\n")
print(os.getenv("SHOP"))
local line
for text in io.lines() do line = text end
print("standard input: " .. tostring(line))
if arg[1] then
  local file = assert(io.open(arg[1], "w"))
  file:write("written")
  file:close()
end
