-- The program module: programs that the person who runs the script has allowed.
local host = ...

local define, misuse, fail, succeeded, secret_parts = host.define, host.misuse, host.fail, host.succeeded, host.secret_parts
local run_program, unbox = host.run_program, host.unbox
local type, next, rawget, tostring, format, sort, find, sub = type, next, rawget, tostring, string.format, table.sort, string.find, string.sub

local program = {}

local function plain(what, value)
  local kind = type(value)
  if kind == "string" or kind == "number" or kind == "userdata" and unbox(value) then return tostring(value) end
  if secret_parts(value) then
    misuse(format("program.run: %s is a secret, and a program could give it back as text: hand it over in a file of the person who runs this", what))
  end
  misuse(format("program.run: %s must be a string or a number, not a %s", what, kind))
end

program.run = define{
  name = "program.run",
  summary = "Runs a program that `--allow-run` names, with a list of arguments and no shell in between. It gets `PATH`, `HOME` and `LANG` "
    .. "and what `env` adds, nothing else of this process. When its task ends it is ended too, with its children. The program itself may do "
    .. "whatever the account may: its arguments are not checked. A dry run starts nothing: the error is `dry_run`.",
  parameters = { { "command", "table", "a list: the program and its arguments" }, { "options", "table", "see below", optional = true } },
  options = {
    { "input", "string", "what it reads from standard input; nothing if absent" },
    { "timeout", "duration", "how long it may take; 60 seconds if absent" },
    { "env", "table", "more variables, by name" },
    { "directory", "string", "where it starts; the working directory if absent" },
    { "max_output", "integer", "the longest standard output in bytes, at most 16 MiB; 1 MiB if absent" },
    { "any_status", "boolean", "`true` takes every end for a success" },
  },
  returns = "`{ status, signal, output, errors, ok }` if its exit status is 0; or `nil, err`: `err.code` is `program_failed` (with `err.status` "
    .. "and `err.result`), `not_allowed`, `not_found`, `start_failed`, `timeout` or `output_too_large`",
  example = 'local done, err = program.run({ "pdftotext", "in.pdf", "-" }, { timeout = "20s" })\nif done then print(#done.output) else print(err.code) end',
  fn = function(command, options)
    options = options or {}
    if #command == 0 then misuse("program.run: argument 1 (command) is empty: its first element is the program") end
    local list, env = {}, {}
    for i = 1, #command do list[i] = plain(format("element %d of the command", i), rawget(command, i)) end
    for name in next, options.env or {} do
      if type(name) ~= "string" then misuse("program.run: option 'env' must have names as its keys") end
      env[#env + 1] = { name, plain("the variable " .. name, rawget(options.env, name)) }
    end
    sort(env, function(a, b) return a[1] < b[1] end)
    local most = options.max_output or 1 << 20
    if most < 0 or most > 16 << 20 then misuse("program.run: option 'max_output' must be between 0 and 16777216") end
    local result, code, message, printed = run_program(list, options.input, options.timeout, env, options.directory, most)
    if not result then
      return fail("program.run", { code = code, message = format("%s: %s", list[1], message), retryable = code == "timeout",
        result = printed })
    end
    result.ok = result.status == 0
    if result.ok or options.any_status then
      succeeded()
      return result
    end
    local ended = result.signal and format("was ended by signal %d", result.signal) or format("ended with status %d", result.status)
    local said = sub(result.errors, 1, (find(result.errors, "\n", 1, true) or 201) - 1)
    return fail("program.run", { code = "program_failed", retryable = false, status = result.status, result = result,
      message = format("%s %s%s", list[1], ended, said ~= "" and ": " .. sub(said, 1, 200) or "") })
  end,
}

host.module_table("program", program)
