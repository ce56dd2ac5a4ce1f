-- Rows added to a table file, safely beside other processes that do the same.
local host, csv, shared = ...

local define, misuse, succeeded, suggestion = host.define, host.misuse, host.succeeded, host.suggestion
local csv_append, refuse, check_delimiter, check_cell = host.csv_append, shared.refuse, shared.check_delimiter, shared.check_cell
local type, next, tostring, rawget, format = type, next, tostring, rawget, string.format

csv.append = define{
  name = "csv.append",
  summary = "Adds one row or several to a CSV file, safely beside other processes that do the same: the file is locked, all rows are "
    .. "written in one piece, and they are on the disk when this returns. A file that is new or empty gets its header first; one that has a "
    .. "header must have these columns, in whatever order; rows get its line ends. A last row without a line end, which a crash may leave, is ended with a warning. "
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
        if type(name) ~= "string" then misuse(format("csv.append: row %d has the key %s, which is no column's name", i, tostring(name))) end
        if columns and not known[name] then
          misuse(format("csv.append: there is no column '%s'%s", name, suggestion(name, known)))
        end
        check_cell("csv.append", name, cell)
        cells[#cells + 1] = { name, cell }
      end
      list[i] = cells
    end
    if #list == 0 then return true end
    local ok, code, message = csv_append(path, columns, list, options.delimiter, options.formulas or false)
    if ok then
      succeeded()
      return true
    end
    return refuse("csv.append", code, message)
  end,
}
