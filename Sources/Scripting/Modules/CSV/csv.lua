-- The csv module: rows of a table file as tables. Writing has files of its own: csv_writer.lua, csv_append.lua.
local host = ...
host.load_module("money")

local define, misuse, fail, succeeded, suggestion = host.define, host.misuse, host.fail, host.succeeded, host.suggestion
local csv_open, csv_next, csv_close, keep, let_go = host.csv_open, host.csv_next, host.csv_close, host.keep, host.let_go
local csv_choose, csv_amount, amount_reason = host.csv_choose, host.csv_amount, host.amount_reason
local type, tostring, rawget, rawequal, setmetatable, getmetatable, format, collectgarbage =
  type, tostring, rawget, rawequal, setmetatable, getmetatable, string.format, collectgarbage

local CHUNK = 64 -- rows that cross the border at once: few enough that their garbage stays in the cache

local csv = {}

-- What the parts of the module share: refusals and checks.
local function refuse(call, code, message)
  return fail(call, { code = code, message = message, retryable = false })
end

local separators = { [","] = true, [";"] = true, ["\t"] = true, ["|"] = true }
local function check_delimiter(name, delimiter)
  if delimiter ~= nil and not separators[delimiter] then
    misuse(format("%s: option 'delimiter' must be \",\", \";\", \"|\" or \"\\t\", not \"%s\"", name, delimiter))
  end
end

local function check_decimal(name, decimal)
  if decimal ~= nil and decimal ~= "." and decimal ~= "," then
    misuse(format("%s: option 'decimal' must be \".\" or \",\", not \"%s\"", name, decimal))
  end
end

local ORIGIN = {} -- a key that no script has: what a row's file was opened with

-- What the rows of one chunk have in common: `row:line()`, and an error for a column that the file does not have.
local function complete(metatable, rows, columns, path, decimal)
  local lines = rows.lines
  local function line(row)
    for i = 1, #lines do
      if rawequal(rows[i], row) then return lines[i] end
    end
  end
  metatable.__name = "csv row"
  metatable.__metatable = false
  metatable.__index = function(_, key)
    if key == "line" then return line end
    if key == ORIGIN then return { columns = columns, path = path, decimal = decimal, line = line } end
    if type(key) ~= "string" or columns[key] then return nil end
    misuse(format("the file has no column '%s'%s; rawget(row, name) asks without an error", key, suggestion(key, columns)))
  end
end

-- Opens or creates a file. When too many are open, those go first that nobody can read any more.
local function open(call, operation, ...)
  local id, names, message = operation(...)
  if id or names ~= "too_many" and names ~= "no_memory" then return id, names, message end
  collectgarbage()
  id, names, message = operation(...)
  if names == "no_memory" then misuse(format("%s: %s", call, message)) end
  return id, names == "too_many" and "file_failed" or names, message
end

csv.rows = define{
  name = "csv.rows",
  summary = "The rows of a CSV file, one after the other, in constant memory: tables keyed by the names in the first line, all values "
    .. "strings. `row:line()` is the line on which the row begins. A first line `sep=;`, "
    .. "rows whose cells are all blank and empty columns at the right end are passed over. The delimiter (`,` `;` tab) and the encoding (UTF-8, UTF-16 with a "
    .. "mark) are found from the file. The apostrophe that `csv.writer` puts before what looks like a formula is taken away again. A row that cannot be read is given as `false, err` with the line, the column and the reason, "
    .. "and the rows after it follow. Reading a column that the file does not have is an error.",
  parameters = { { "path", "string", "the file, below the script's folder or the working directory" },
    { "options", "table", "see below", optional = true } },
  options = {
    { "delimiter", "string", "what separates fields, when it is not to be found out" },
    { "encoding", "string", "`\"windows-1252\"` for a file that is neither UTF-8 nor has a mark" },
    { "columns", "table", "a list of the columns that the rows are to have: faster, when there are many; one that the file does not have is an error" },
    { "decimal", "string", "`\".\"` or `\",\"`: what stands before the decimals of this file's amounts, for `csv.amount`" },
    { "formulas", "boolean", "`true` leaves the apostrophe before what looks like a formula" },
  },
  returns = "an iterator of `row`, or of `false, err` (`err.code == \"invalid_row\"`); or `nil, err` when the file cannot be opened or its first line is no header",
  example = 'local out <close> = assert(csv.writer("example.csv", { "order", "amount" }))\nout:write{ order = "1001", amount = "12.50" }\n'
    .. 'assert(out:close())\nfor row, err in assert(csv.rows("example.csv")) do\n  assert(row, err)\n  assert(row.order == "1001" and row:line() == 2)\nend',
  fn = function(path, options)
    local encoding = options and options.encoding
    if encoding ~= nil and encoding ~= "windows-1252" and encoding ~= "utf-8" then
      misuse(format("csv.rows: option 'encoding' must be \"utf-8\" or \"windows-1252\", not \"%s\"", encoding))
    end
    check_delimiter("csv.rows", options and options.delimiter)
    local decimal = options and options.decimal
    check_decimal("csv.rows", decimal)
    local id, names, message = open("csv.rows", csv_open, path, options and options.delimiter, encoding, options and options.formulas or false)
    if not id then return refuse("csv.rows", names, message) end
    local held = keep(csv_close, id) -- from here on the file is closed with the iterator
    succeeded()
    local columns = {}
    for i = 1, #names do columns[names[i]] = i end
    local wanted = options and options.columns
    if wanted then
      local chosen = {}
      for i = 1, #wanted do
        local name = wanted[i]
        if not columns[name] then
          let_go(held)
          misuse(format("csv.rows: the file has no column '%s'%s", tostring(name), suggestion(name, columns)))
        end
        chosen[name] = columns[name]
      end
      if not csv_choose(id, wanted) then
        let_go(held)
        misuse("csv.rows: option 'columns' is empty, or names a column twice")
      end
      columns = chosen
    end

    local rows, problems, at, count = nil, nil, 0, 0
    local function finish()
      if id then let_go(held) end
      id, rows, count = nil, nil, -1
    end
    local function refill()
      if not id then return false end
      local reason
      rows, problems, reason = csv_next(id, CHUNK)
      if not rows then
        finish()
        if reason then misuse(format("%s: %s", path, reason)) end
        return false
      end
      complete(rows.metatable, rows, columns, path, decimal)
      at, count = 1, #rows
      return true
    end
    local function bad()
      for i = 1, #problems do
        local problem = problems[i]
        if problem.index == at then
          return false, setmetatable({ code = "invalid_row", retryable = false, line = problem.line, column = problem.column,
            message = format("%s: line %d, column %d: %s", path, problem.line, problem.column, problem.message) }, host.error_metatable)
        end
      end
    end
    return function()
      at = at + 1
      if at > count and not refill() then return nil end
      local row = rows[at]
      if row then return row end
      return bad()
    end
  end,
}

csv.amount = define{
  name = "csv.amount",
  summary = "A cell as exact money. What can be read in two ways is refused with both readings: `1.234` and `12,500` may be thousands or "
    .. "decimals, until `decimal` says which sign stands before the decimals. So is every other text that is not plainly an amount: "
    .. "thousands separators, currency signs, spaces of any kind. In `paylink.create{ amount = row.amount }` a point always is the decimal sign.",
  parameters = { { "row", "table", "a row of `csv.rows`" }, { "column", "string", "the name of the column" },
    { "options", "table", "see below", optional = true } },
  options = {
    { "decimal", "string", "`\".\"` or `\",\"`; that of `csv.rows` if absent" },
  },
  returns = "money; or `nil, err` with the line and the column (`err.code == \"invalid_amount\"`)",
  example = 'local out <close> = assert(csv.writer("prices.csv", { "order", "price" }))\nout:write{ order = "1001", price = "1.234" }\nassert(out:close())\n'
    .. 'for row in assert(csv.rows("prices.csv")) do\n  local amount, err = csv.amount(row, "price")\n  assert(not amount and err.line == 2)\n'
    .. '  assert(csv.amount(row, "price", { decimal = "." }) == paylink.usd("1.234"))\nend',
  fn = function(row, column, options)
    local origin = getmetatable(row) == false and row[ORIGIN]
    if not origin then misuse("csv.amount: argument 1 (row) is no row of csv.rows") end
    local decimal = options and options.decimal
    check_decimal("csv.amount", decimal)
    local cell = rawget(row, column)
    if cell == nil then
      misuse(format("csv.amount: the file has no column '%s'%s", column, suggestion(column, origin.columns)))
    end
    if type(cell) ~= "string" then misuse(format("csv.amount: column '%s' no longer holds the file's text", column)) end
    local amount, problem = csv_amount(cell, decimal or origin.decimal)
    if amount then
      succeeded()
      return amount
    end
    local line = origin.line(row)
    return fail("csv.amount", { code = "invalid_amount", retryable = false, line = line, field = column,
      message = format("%s: line %d, column \"%s\": %s", origin.path, line, column,
        amount_reason(problem, cell, decimal or origin.decimal)) })
  end,
}

-- A value that a table file has a form for.
local function check_cell(call, column, cell)
  local kind = type(cell)
  if kind == "table" or kind == "function" or kind == "thread" or kind == "number" and cell ~= cell then
    misuse(format("%s: column '%s' must be a string, a number, a boolean or money, not %s", call, column,
      kind == "number" and "not-a-number" or "a " .. kind))
  end
end

local shared = { open = open, refuse = refuse, check_delimiter = check_delimiter, check_decimal = check_decimal,
  check_cell = check_cell }
host.run_part("csv_writer", csv, shared)
host.run_part("csv_append", csv, shared)
host.module_table("csv", csv)
