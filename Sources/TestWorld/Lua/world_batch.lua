-- `world.batch`: what `paylink batch` does, in the test's world. Its options are the command's, with underscores.
local host = ...

local define, next = host.define, next

function host.define_batch(world, must, ended)

world.batch = define{
  name = "world.batch",
  summary = "Makes a link for every row of a table, as `paylink batch` would, and waits for its end. Its files go to the "
    .. "test's own folder unless `out` and `rejected` say where.",
  parameters = {
    { "file", "string", "the table: looked for in the test's folder, then in the working directory" },
    { "options", "table", "see below", optional = true },
  },
  options = {
    { "key", "string", "the column that tells each row from all others" },
    { "amount", "string", "the column with amounts" },
    { "description", "string", "what the payer reads, such as `Order {order_id}`" },
    { "expires_in", "duration", "how long links can be paid, for rows that do not say" },
    { "map", "string", "a Lua file that returns a function from a row to a link's options" },
    { "decimal_comma", "boolean", "amounts are written with a comma" },
    { "decimal_point", "boolean", "amounts are written with a point, also those with three decimals" },
    { "delimiter", "string", "what separates fields; found if absent" },
    { "encoding", "string", "`utf-8` or `windows-1252`" },
    { "skip_invalid", "boolean", "go on without the rows that cannot be used" },
    { "dry_run", "boolean", "send and write nothing" },
    { "max_links", "integer", "send nothing if more would be made" },
    { "max_total", "amount", "send nothing if the links would ask for more in all" },
    { "concurrency", "integer", "how many requests at once: 16" },
    { "rate", "string", "how many links are begun in a time, such as `10/s`" },
    { "patience", "duration", "gives up on a service that has not answered once: `60s`" },
    { "force", "boolean", "replace output files that are not of this batch" },
    { "keep_formulas", "boolean", "leave cells as they are that a spreadsheet would take for formulas" },
    { "bom", "boolean", "begin files with a byte order mark" },
    { "out", "string", "where results go" }, { "rejected", "string", "where rejected rows go" },
    { "kill_after", "duration", "kills it then, as SIGKILL would; call it again to resume" },
  },
  returns = "a table of `status` (as `paylink batch` would end), `errors` (what it would say), `result` (`done`, "
    .. "`nothing_sent`, …), `rows` and `rejected_rows` (of the files written, each row a table by its columns), `out` and "
    .. "`rejected_file` (where they are), `total` (money), `killed`, and the numbers `made`, `recorded`, `expired`, `underpaid`, "
    .. "`skipped`, `rejected`, `abandoned`, `unfinished`, `in_doubt`, `possible_orphans` and `to_make`",
  example = 'local path = world.folder() .. "/orders.csv"\nlocal file <close> = assert(io.open(path, "w"))\n'
    .. 'file:write("order_id,amount\\n1001,12.50\\n"):flush()\n'
    .. 'local done = world.batch(path, { description = "Order {order_id}" })\nassert.equal(1, done.made)\n'
    .. 'assert.equal(world.links[1].id, done.rows[1].paylink_id)',
  fn = function(file, options)
    local given = {}
    for name, value in next, options or {} do given[name] = value end
    if given.max_total ~= nil then given.max_total = host.use("paylink").usd(given.max_total) end
    local number = must("world.batch", host.world_batch(file, given))
    local done = ended{ number = number }
    host.load_module("money")
    for name, value in next, host.world_batch_result(number) do done[name] = value end
    done.output = nil
    return done
  end,
}

end
