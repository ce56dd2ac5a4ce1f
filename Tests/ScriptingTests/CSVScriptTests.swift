// csv.rows and csv.writer, as scripts use them, and what a script may not touch.

import Foundation
import Glibc
import LuaRuntime
import Scripting
import TestSupport
import Testing

@Suite struct CSVScriptTests {
    private func run(_ script: String, in folder: TemporaryFolder) async throws -> ScriptRun {
        try await ScriptHarness.run(script.replacing("DIR", with: folder.path)) { runner in
            runner.options.files = FileAccess(readable: [], writable: [folder.path])
        }
    }

    @Test func rowsAreTablesWithTheirLines() async throws {
        let folder = try TemporaryFolder()
        try folder.write("orders.csv", "order;amount;note\r\n1;12.50;\"two\r\nlines\"\r\n\r\n2;3;\r\n")
        let run = try await run(
            """
            local rows = {}
            for row, err in assert(csv.rows("DIR/orders.csv")) do rows[#rows + 1] = assert(row, err) end
            assert(#rows == 2)
            assert(rows[1].order == "1" and rows[1].amount == "12.50" and rows[1].note == "two\\r\\nlines" and rows[1]:line() == 2)
            assert(rows[2].note == "" and rows[2]:line() == 5)
            local names = {}
            for name in pairs(rows[1]) do names[#names + 1] = name end
            table.sort(names)
            assert(table.concat(names, " ") == "amount note order")
            assert(json.encode(rows[2]) == '{"amount":"3","note":"","order":"2"}')
            """, in: folder)
        #expect(run.result == .finished(status: 0))
    }

    @Test func aBadRowIsAValueAndTheRestGoesOn() async throws {
        let folder = try TemporaryFolder()
        try folder.write("orders.csv", "order,amount\n1,2\n2\n3,\"x\"y\n4,5,6\n5,6\n")
        let run = try await run(
            """
            local seen = {}
            for row, err in csv.rows("DIR/orders.csv") do
              if row then seen[#seen + 1] = row.order else
                assert(err.code == "invalid_row" and err.message:find("orders.csv: line " .. err.line, 1, true))
                seen[#seen + 1] = err.line .. ":" .. err.column
              end
            end
            assert(table.concat(seen, " ") == "1 3:2 4:6 5:5 5", table.concat(seen, " "))
            """, in: folder)
        #expect(run.result == .finished(status: 0))
    }

    @Test func manyRowsKeepTheirOrderAndLines() async throws {
        let folder = try TemporaryFolder()
        try folder.write("n.csv", "n,square\n" + (1...2000).map { "\($0),\($0 * $0)\n" }.joined())
        let run = try await run(
            """
            local kept, n = {}, 0
            for row in csv.rows("DIR/n.csv") do
              n = n + 1
              assert(row.n == tostring(n) and tonumber(row.square) == n * n)
              if n % 300 == 0 then kept[#kept + 1] = row end
            end
            assert(n == 2000)
            for i, row in ipairs(kept) do assert(row:line() == i * 300 + 1) end
            """, in: folder)
        #expect(run.result == .finished(status: 0))
    }

    @Test func onlyNamedColumnsAreBuiltWhenAskedFor() async throws {
        let folder = try TemporaryFolder()
        try folder.write("a.csv", "id,note,amount\n1,x,2\n2\n3,\"a,b\",4\n")
        let run = try await run(
            """
            local seen = {}
            for row, err in csv.rows("DIR/a.csv", { columns = { "amount", "id" } }) do
              seen[#seen + 1] = row and row.id .. "=" .. row.amount .. "@" .. row:line() or "bad " .. err.line
              assert(not row or not pcall(function() return row.note end))
            end
            assert(table.concat(seen, " ") == "1=2@2 bad 3 3=4@4", table.concat(seen, " "))
            for _, columns in ipairs{ {}, { "id", "id" }, { "amuont" } } do
              assert(not pcall(csv.rows, "DIR/a.csv", { columns = columns }))
            end
            """, in: folder)
        #expect(run.result == .finished(status: 0))
    }

    @Test func whatCannotBeOpenedIsAValue() async throws {
        let folder = try TemporaryFolder()
        try folder.write("twice.csv", "a,a,\n")
        let run = try await run(
            """
            local function fails(path, code, text)
              local rows, err = csv.rows(path)
              assert(rows == nil and err.code == code and err.message:find(text, 1, true), tostring(err))
            end
            fails("DIR/none.csv", "not_found", "No such file")
            fails("/etc/hostname", "not_allowed", "the right to read ")
            fails("DIR/../../etc/hostname", "not_allowed", "the right to read")
            fails("DIR", "file_failed", "no regular file")
            fails("DIR/twice.csv", "invalid_csv", 'column 2 is called "a" like column 1')
            local w, err = csv.writer("/etc/paylink-test.csv", { "a" })
            assert(w == nil and err.code == "not_allowed" and err.message:find("the right to write ", 1, true))
            """.replacing("DIR/../../etc", with: "DIR/../../../../../../etc"), in: folder)
        #expect(run.result == .finished(status: 0))
    }

    @Test func aLinkOutOfTheFolderLeadsNowhere() async throws {
        let folder = try TemporaryFolder()
        symlink("/etc", folder.path + "/etc")
        symlink("/etc/hostname", folder.path + "/host.csv")
        let run = try await run(
            """
            assert(select(2, csv.rows("DIR/etc/hostname")).code == "not_allowed")
            assert(select(2, csv.rows("DIR/host.csv")).code == "not_allowed")
            assert(select(2, csv.writer("DIR/etc/paylink-test.csv", { "a" })).code == "not_allowed")
            """, in: folder)
        #expect(run.result == .finished(status: 0))
    }

    @Test func aWrittenFileIsCompleteAndGuarded() async throws {
        let folder = try TemporaryFolder()
        let run = try await run(
            """
            do
              local out <close> = assert(csv.writer("DIR/o.csv", { "order", "amount", "note" }))
              assert(out:write{ order = 1, amount = paylink.usd("2.5"), note = "=1+1" })
              assert(out:write{ order = "a,b", note = 'say "hi"', amount = -5 })
              assert(not csv.rows("DIR/o.csv"))  -- not there yet
            end
            local rows = {}
            for row in assert(csv.rows("DIR/o.csv")) do rows[#rows + 1] = row end
            assert(rows[1].amount == "2.50" and rows[1].note == "=1+1" and rows[2].note == 'say "hi"')
            for row in assert(csv.rows("DIR/o.csv", { formulas = true })) do assert(row.note == "'=1+1") break end
            for row in assert(csv.rows("DIR/o.csv", { columns = { "note" } })) do assert(row.note == "=1+1") break end
            local raw = assert(csv.writer("DIR/raw.csv", { "f" }, { formulas = true, delimiter = ";" }))
            raw:write{ f = "=1;2" }
            assert(raw:close() and raw:close())
            """, in: folder)
        #expect(run.result == .finished(status: 0))
        #expect(try folder.read("o.csv") == "order,amount,note\n1,2.50,'=1+1\n\"a,b\",-5,\"say \"\"hi\"\"\"\n")
        #expect(try folder.read("raw.csv") == "f\n\"=1;2\"\n")
        #expect(folder.names == ["o.csv", "raw.csv"])
    }

    @Test func writesInTheFormThatIsAskedFor() async throws {
        let folder = try TemporaryFolder()
        let run = try await run(
            """
            local out = assert(csv.writer("DIR/o.csv", { "order", "amount", "rate" },
              { delimiter = ";", bom = true, crlf = true, decimal = "," }))
            out:write{ order = "1.5", amount = paylink.usd("1234.5"), rate = 0.25 }
            assert(out:close())
            for row in assert(csv.rows("DIR/o.csv", { decimal = "," })) do
              assert(row.order == "1.5" and csv.amount(row, "amount") == paylink.usd("1234.50"))
            end
            local ok, err = pcall(csv.writer, "DIR/x.csv", { "a" }, { decimal = ";" })
            assert(not ok and err:find("option 'decimal' must be", 1, true), err)
            """, in: folder)
        #expect(run.result == .finished(status: 0))
        let bytes = try #require(FileManager.default.contents(atPath: folder.path + "/o.csv"))
        #expect(Array(bytes) == Array("\u{FEFF}order;amount;rate\r\n1.5;1234,50;0,25\r\n".utf8))
    }

    @Test func amountsWithTwoReadingsAreRefusedWithBoth() async throws {
        let folder = try TemporaryFolder()
        try folder.write("in.csv", "order;amount;amount2\na;1.234;12,500\nb;12.50;x\nc;1\u{A0}234,50;\n")
        let run = try await run(
            """
            local rows = {}
            for row in assert(csv.rows("DIR/in.csv")) do rows[#rows + 1] = row end
            local money, err = csv.amount(rows[1], "amount")
            assert(money == nil and err.code == "invalid_amount" and err.line == 2 and err.field == "amount", err)
            assert(err.message:find('in.csv: line 2, column "amount": "1.234" may mean 1234 USD or 1.234 USD', 1, true), err)
            assert(err.message:find('say decimal = "."', 1, true), err)
            money, err = csv.amount(rows[1], "amount2")
            assert(not money and err.message:find("12500 USD or 12.500 USD", 1, true) and err.message:find('say decimal = ","', 1, true), err)
            assert(csv.amount(rows[1], "amount", { decimal = "." }) == paylink.usd("1.234"))
            assert(csv.amount(rows[1], "amount2", { decimal = "," }) == paylink.usd("12.5"))
            assert(not csv.amount(rows[1], "amount", { decimal = "," }))
            assert(csv.amount(rows[2], "amount") == paylink.usd("12.50"))
            money, err = csv.amount(rows[2], "amount2")
            assert(err.message:find('line 3, column "amount2": "x" is not an amount', 1, true), err)
            money, err = csv.amount(rows[3], "amount", { decimal = "," })
            assert(err.message:find("has U+00A0 (no-break space) in it; leave it out and write 1234,50", 1, true), err)
            assert(select(2, csv.amount(rows[3], "amount2")).message:find("is empty", 1, true))
            for row in assert(csv.rows("DIR/in.csv", { decimal = "," })) do
              assert((csv.amount(row, "amount2") or csv.amount(row, "amount")) == (row.order == "a" and paylink.usd("12.5") or nil))
            end
            for _, call in ipairs{
              function() csv.amount({ amount = "1" }, "amount") end, function() csv.amount(rows[1], "amunt") end,
              function() csv.amount(rows[1], "amount", { decimal = "x" }) end, function() csv.rows("DIR/in.csv", { decimal = "" }) end,
            } do assert(not pcall(call)) end
            local ok, err = pcall(csv.amount, rows[1], "amunt")
            assert(err:find("did you mean 'amount'", 1, true), err)
            """, in: folder)
        #expect(run.result == .finished(status: 0))
    }

    @Test(arguments: [
        ("local out = csv.writer('DIR/o.csv', { 'a' }) out:write{ a = 1 }", "a\n1\n"),
        ("local out = csv.writer('DIR/o.csv', { 'a' }) out:write{ a = 1 } os.exit(0)", "a\n1\n"),
        ("local out = csv.writer('DIR/o.csv', { 'a' }) out:write{ a = 1 } error('no')", "old"),
        ("local out <close> = csv.writer('DIR/o.csv', { 'a' }) out:write{ a = 1 } error('no')", "old"),
        ("local out = csv.writer('DIR/o.csv', { 'a' }) out:write{ a = 1 } os.exit(3)", "old"),
    ])
    func onlyASuccessReplacesTheOldFile(script: String, content: String) async throws {
        let folder = try TemporaryFolder()
        try folder.write("o.csv", "old")
        _ = try await run(script, in: folder)
        #expect(try folder.read("o.csv") == content)
        #expect(folder.names == ["o.csv"])
    }

    @Test(arguments: [
        "task.timeout('20ms', function() local out <close> = csv.writer('DIR/o.csv', { 'a' }) out:write{ a = 1 } sleep('1h') end)",
        """
        local co = coroutine.create(function() local out <close> = csv.writer('DIR/o.csv', { 'a' }) coroutine.yield() end)
        coroutine.resume(co)
        coroutine.close(co)
        """,
        "task.spawn(function() local out <close> = csv.writer('DIR/o.csv', { 'a' }) sleep('1h') end) sleep('1ms') error('no')",
    ])
    func aFileWhoseWriterWasEndedFromOutsideIsNotWritten(script: String) async throws {
        let folder = try TemporaryFolder()
        try folder.write("o.csv", "old")
        _ = try await run(script, in: folder)
        #expect(try folder.read("o.csv") == "old")
        #expect(folder.names == ["o.csv"])
    }

    @Test func theHostsOwnFilesAreOutOfReach() async throws {
        let folder = try TemporaryFolder()
        try folder.write("ledger.db", "x")
        symlink("ledger.db", folder.path + "/other.csv")
        link(folder.path + "/ledger.db", folder.path + "/hard.csv")
        let script = """
            for _, name in ipairs{ "ledger.db", "other.csv", "hard.csv" } do
              local rows, err = csv.rows("DIR/" .. name)
              assert(rows == nil and err.code == "not_allowed" and err.message:find("belongs to paylink"), tostring(err))
            end
            for _, name in ipairs{ "ledger.db", "ledger.db.runs", "hard.csv" } do
              local out, err = csv.writer("DIR/" .. name, { "a" })
              assert(out == nil and err.code == "not_allowed", tostring(err))
            end
            """.replacing("DIR", with: folder.path)
        let run = try await ScriptHarness.run(script) { runner in
            runner.options.files = FileAccess(readable: [], writable: [folder.path])
            runner.options.files.reserved = ReservedFiles(
                ["ledger.db", "ledger.db.runs"].map { folder.path + "/" + $0 })
        }
        #expect(run.result == .finished(status: 0))
    }

    @Test func tooManyOpenTablesAreRefusedNotLeaked() async throws {
        let folder = try TemporaryFolder()
        try folder.write("a.csv", "a\n1\n")
        let run = try await run(
            """
            local open = {}
            for i = 1, 64 do open[i] = assert(csv.rows("DIR/a.csv")) end
            local rows, err = csv.rows("DIR/a.csv")
            assert(rows == nil and err.message:find("64 tables are open"), tostring(err))
            for _, rows in ipairs(open) do while rows() do end end
            assert(csv.rows("DIR/a.csv"))
            """, in: folder)
        #expect(run.result == .finished(status: 0))
    }

    @Test(arguments: [
        ("for row in csv.rows('DIR/a.csv') do print(row.ordr) end", "did you mean 'order'"),
        ("csv.writer('DIR/o.csv', { 'a' }):write{ b = 1 }", "there is no column 'b'"),
        ("csv.writer('DIR/o.csv', {})", "is empty"), ("csv.writer('DIR/o.csv', { 'a', 'a' })", "is there twice"),
        ("csv.rows('DIR/a.csv', { delimiter = 'x' })", "option 'delimiter'"),
        ("csv.rows('DIR/a.csv', { encoding = 'latin' })", "option 'encoding'"), ("csv.row('x')", "did you mean 'rows'"),
        ("csv.writer('DIR/o.csv', { 'a' }):writ{}", "did you mean 'write'"),
        ("setmetatable(csv.rows('DIR/a.csv')(), {})", "metatable"),
    ])
    func mistakesAreRaisedWithASuggestion(script: String, message: String) async throws {
        let folder = try TemporaryFolder()
        try folder.write("a.csv", "order\n1\n")
        let run = try await run(script, in: folder)
        #expect(run.failure?.message.contains(message) == true, "\(run.result)")
    }
}
