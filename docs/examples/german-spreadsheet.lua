#!/usr/bin/env -S paylink run
-- A spreadsheet as a German office saves it (semicolons, decimal comma, Windows-1252) becomes one with a link in every row,
-- which the same office opens with a double click.
--
--   cd docs/examples && paylink run --sandbox german-spreadsheet.lua bestellungen.csv
--
-- A row that cannot be used is named with line and reason, and its link stays empty; all others get theirs. Exit status:
-- 65 when rows are to be corrected, 75 when the service failed: run it again, rows that have their link keep it.
-- `paylink batch --decimal-comma --encoding windows-1252` does the same without a script (docs/batch.md).

local input = arg[1] or "bestellungen.csv"
local columns = { "Bestellung", "Kunde", "Artikel", "Betrag", "Link" }
local out <close> = assert(csv.writer(input:gsub("%.csv$", "") .. ".links.csv", columns,
  { delimiter = ";", decimal = ",", bom = true, crlf = true }))

local rows = task.map(assert(csv.rows(input, { encoding = "windows-1252", decimal = "," })), { concurrency = 8 }, function(row, _, err)
  local amount, link
  if row then amount, err = csv.amount(row, "Betrag") end
  if amount then
    link, err = paylink.create{ key = row.Bestellung, amount = amount, expires_in = "14d",
      description = ("Bestellung %s: %s"):format(row.Bestellung, row.Artikel) }
  end
  return { cells = row, amount = amount, link = link, err = err }
end)

local status = 0
for _, row in ipairs(rows) do
  local cells = row.cells
  if row.err then
    print((cells and cells.Bestellung or "?") .. ": " .. row.err.message)
    local is_service = row.err.retryable or row.err.code == "in_doubt"
    status = is_service and 75 or math.max(status, 65)
  end
  if cells then
    assert(out:write{ Bestellung = cells.Bestellung, Kunde = cells.Kunde, Artikel = cells.Artikel,
      Betrag = row.amount or cells.Betrag, Link = row.link and row.link.url })
  end
  if row.link then print(cells.Bestellung .. ": " .. cells.Kunde .. ", " .. tostring(row.amount) .. " USD") end
end
assert(out:close())
os.exit(status)
