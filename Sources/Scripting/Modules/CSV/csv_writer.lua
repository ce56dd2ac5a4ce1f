-- Table files that are written whole or not at all: csv.writer and its methods.
local host, csv, shared = ...

local define, misuse, succeeded, suggestion = host.define, host.misuse, host.succeeded, host.suggestion
local csv_create, csv_write, csv_finish, csv_discard = host.csv_create, host.csv_write, host.csv_finish, host.csv_discard
local open, refuse, check_cell = shared.open, shared.refuse, shared.check_cell
local check_delimiter, check_decimal = shared.check_delimiter, shared.check_decimal
local type, next, tostring, rawget, setmetatable, getmetatable, format, unpack =
  type, next, tostring, rawget, setmetatable, getmetatable, string.format, table.unpack

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
    local id, code, message = open("csv.writer", csv_create, path, names, options.delimiter, options.formulas or false, options.bom or false,
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
      check_cell("writer:write", names[i], cell)
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
