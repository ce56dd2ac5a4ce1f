-- The program module: programs that the person who runs the script has allowed.
local host = ...
local program = {}
host.module_table("program", program)
