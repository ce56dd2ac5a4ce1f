-- The csv module: rows of a table file as tables, and files written whole or not at all.
local host = ...

local define, misuse, fail, succeeded, suggestion = host.define, host.misuse, host.fail, host.succeeded, host.suggestion
local csv_open, csv_next, csv_close = host.csv_open, host.csv_next, host.csv_close
local csv_choose, csv_amount = host.csv_choose, host.csv_amount
local csv_create, csv_write, csv_finish, csv_discard = host.csv_create, host.csv_write, host.csv_finish, host.csv_discard
local type, next, tostring, rawget, setmetatable, getmetatable, format, unpack =
  type, next, tostring, rawget, setmetatable, getmetatable, string.format, table.unpack

local CHUNK = 64 -- rows that cross the border at once: few enough that their garbage stays in the cache

local csv = {}

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
      if rows[i] == row then return lines[i] end
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
    local id, names, message = csv_open(path, options and options.delimiter, encoding, options and options.formulas or false)
    if not id then return refuse("csv.rows", names, message) end
    succeeded()
    local columns = {}
    for i = 1, #names do columns[names[i]] = i end
    local wanted = options and options.columns
    if wanted then
      local chosen = {}
      for i = 1, #wanted do
        local name = wanted[i]
        if not columns[name] then
          csv_close(id)
          misuse(format("csv.rows: the file has no column '%s'%s", tostring(name), suggestion(name, columns)))
        end
        chosen[name] = columns[name]
      end
      if not csv_choose(id, wanted) then misuse("csv.rows: option 'columns' is empty, or names a column twice") end
      columns = chosen
    end

    local rows, problems, at, count = nil, nil, 0, 0
    local function finish()
      if id then csv_close(id) end
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
    end, nil, nil, setmetatable({}, { __close = finish })
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
      message = format("%s: line %d, column \"%s\": %s", origin.path, line, column, problem) })
  end,
}

local Writer, methods = {}, {}
Writer.__name = "csv writer"
Writer.__metatable = false
Writer.__index = function(_, key)
  local method = methods[key]
  if method then return method end
  misuse(format("a csv writer has no field '%s'%s", tostring(key), suggestion(key, methods)))
end
-- Leaving the scope of a `<close>` variable by an error, or because the task is ended, means that the file is not complete.
Writer.__close = function(writer, problem)
  local state = rawget(writer, 1)
  if state.id then
    if problem ~= nil or host.is_closing() then csv_discard(state.id) else methods.close(writer) end
    state.id = nil
  end
end

local function state_of(writer, call)
  local state = type(writer) == "table" and rawget(writer, 1)
  if type(state) ~= "table" or not state.names then misuse(call .. ": this is no csv writer") end
  return state
end

csv.writer = define{
  name = "csv.writer",
  summary = "Writes a CSV file that appears complete or not at all: under a temporary name until `writer:close()`. A cell that a "
    .. "spreadsheet would take for a formula gets an apostrophe before it. A script that ends well finishes what it forgot to close; "
    .. "one that fails leaves the old file as it was.",
  parameters = { { "path", "string", "the file, below the script's folder or the working directory" },
    { "columns", "table", "a list of the columns' names" }, { "options", "table", "see below", optional = true } },
  options = {
    { "delimiter", "string", "what separates fields; `,` if absent" },
    { "formulas", "boolean", "`true` keeps cells that begin with `=`, `+`, `-` or `@` as they are" },
    { "bom", "boolean", "`true` begins the file with a byte order mark, by which spreadsheets know UTF-8" },
    { "crlf", "boolean", "`true` ends lines with CRLF, as on Windows" },
    { "decimal", "string", "`\",\"` writes money and other numbers with a decimal comma" },
  },
  returns = "a writer; or `nil, err`",
  example = 'local out <close> = assert(csv.writer("links.csv", { "order", "url" }))\nassert(out:write{ order = "1001", url = "https://example.com" })',
  fn = function(path, columns, options)
    if #columns == 0 then misuse("csv.writer: argument 2 (columns) is empty") end
    local names, known = {}, {}
    for i = 1, #columns do
      local name = columns[i]
      if type(name) ~= "string" or name == "" then misuse(format("csv.writer: column %d has no name", i)) end
      if known[name] then misuse(format("csv.writer: column '%s' is there twice", name)) end
      names[i], known[name] = name, true
    end
    options = options or {}
    check_delimiter("csv.writer", options.delimiter)
    check_decimal("csv.writer", options.decimal)
    local id, code, message = csv_create(path, names, options.delimiter, options.formulas or false, options.bom or false,
      options.crlf or false, options.decimal)
    if not id then return refuse("csv.writer", code, message) end
    succeeded()
    return setmetatable({ { id = id, names = names, known = known, path = path } }, Writer)
  end,
}

methods.write = define{
  name = "writer:write",
  summary = "Adds a row. A column that the row does not have is left empty; a value may be a string, a number, a boolean or money. A key "
    .. "that is no column is an error, except in a row of `csv.rows`, of which the writer takes the columns that it has.",
  parameters = { { "writer", "table", "the writer" }, { "row", "table", "values keyed by column" } },
  returns = "`true`; or `nil, err`, and then the file is not written",
  example = 'local out <close> = assert(csv.writer("totals.csv", { "day", "total" }))\nout:write{ day = "Monday", total = paylink.usd("12.50") * 3 }',
  fn = function(writer, row)
    local state = state_of(writer, "writer:write")
    if getmetatable(row) ~= false then
      for key in next, row do
        if not state.known[key] then
          misuse(format("writer:write: there is no column '%s'%s", tostring(key), suggestion(key, state.known)))
        end
      end
    end
    local names, cells = state.names, {}
    for i = 1, #names do
      local cell = rawget(row, names[i])
      local kind = type(cell)
      if kind == "table" or kind == "function" or kind == "thread" or cell ~= cell then
        misuse(format("writer:write: column '%s' must be a string, a number, a boolean or money, not %s", names[i],
          cell ~= cell and "not-a-number" or "a " .. kind))
      end
      cells[i] = cell
    end
    local ok, code, message = csv_write(state.id or 0, unpack(cells, 1, #names))
    if ok then return true end
    state.id = nil
    return refuse("writer:write", code, format("%s: %s", state.path, message))
  end,
}

methods.close = define{
  name = "writer:close",
  summary = "Finishes the file: it is on the disk, under its name, when this returns. Harmless a second time.",
  parameters = { { "writer", "table", "the writer" } },
  returns = "`true`; or `nil, err`, and then the old file is still there",
  example = 'local out = assert(csv.writer("links.csv", { "url" }))\nout:write{ url = "https://example.com" }\nassert(out:close())',
  fn = function(writer)
    local state = state_of(writer, "writer:close")
    if not state.id then return true end
    local ok, code, message = csv_finish(state.id)
    state.id = nil
    if ok then return true end
    return refuse("writer:close", code, message)
  end,
}

csv.append = define{
  name = "csv.append",
  summary = "Adds one row or several to a CSV file, safely beside other processes that do the same: the file is locked, all rows are "
    .. "written in one piece, and they are on the disk when this returns. A file that is new or empty gets its header first; one that has a "
    .. "header must have these columns, in whatever order. A last row without a line end, which a crash may leave, is ended with a warning. "
    .. "A dry run adds nothing.",
  parameters = { { "path", "string", "the file, below the script's folder or the working directory" },
    { "rows", "table", "values keyed by column, or a list of such tables" }, { "options", "table", "see below", optional = true } },
  options = {
    { "columns", "table", "a list of the columns' names; needed for a new file" },
    { "delimiter", "string", "what separates fields; `,` if absent" },
    { "formulas", "boolean", "`true` keeps cells that begin with `=`, `+`, `-` or `@` as they are" },
  },
  returns = "`true`; or `nil, err` (`err.code` is `not_allowed`, `invalid_csv`, `torn_file`, `busy` or `file_failed`), and then nothing was added",
  example = 'assert(csv.append("paid.csv", { order = "1001", amount = paylink.usd("12.50") }, { columns = { "order", "amount" } }))',
  fn = function(path, rows, options)
    options = options or {}
    check_delimiter("csv.append", options.delimiter)
    local columns, known = options.columns, {}
    for i = 1, #(columns or {}) do
      local name = columns[i]
      if type(name) ~= "string" or name == "" then misuse(format("csv.append: column %d has no name", i)) end
      if known[name] then misuse(format("csv.append: column '%s' is there twice", name)) end
      known[name] = true
    end
    if rawget(rows, 1) == nil then rows = next(rows) ~= nil and { rows } or {} end
    local list = {}
    for i = 1, #rows do
      local row, cells = rows[i], {}
      if type(row) ~= "table" then misuse(format("csv.append: row %d is a %s, not a table", i, type(row))) end
      for name, cell in next, row do
        local kind = type(cell)
        if type(name) ~= "string" then misuse(format("csv.append: row %d has the key %s, which is no column's name", i, tostring(name))) end
        if columns and not known[name] then
          misuse(format("csv.append: there is no column '%s'%s", name, suggestion(name, known)))
        end
        if kind == "table" or kind == "function" or kind == "thread" or cell ~= cell then
          misuse(format("csv.append: column '%s' must be a string, a number, a boolean or money, not %s", name,
            cell ~= cell and "not-a-number" or "a " .. kind))
        end
        cells[#cells + 1] = { name, cell }
      end
      list[i] = cells
    end
    if #list == 0 then return true end
    local ok, code, message = host.csv_append(path, columns, list, options.delimiter, options.formulas or false)
    if ok then
      succeeded()
      return true
    end
    return refuse("csv.append", code, message)
  end,
}

host.module_table("csv", csv)
