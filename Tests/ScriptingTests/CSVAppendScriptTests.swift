// csv.append as scripts use it: headers, torn files, and several writers at once.

import CSV
import Foundation
import Glibc
import LuaRuntime
import TestSupport
import Testing

@testable import Scripting

@Suite struct CSVAppendScriptTests {
    @Test func rowsAreAddedUnderOneHeader() async throws {
        let folder = try TemporaryFolder()
        let run = try await ScriptHarness.run(
            """
            local columns = { "a", "b" }
            assert(csv.append("DIR/x.csv", { a = 1, b = "x,y" }, { columns = columns }))
            assert(csv.append("DIR/x.csv", { { b = true }, { a = "=1+1", b = paylink.usd("1.50") } }, { columns = { "b", "a" } }))
            assert(csv.append("DIR/x.csv", { a = "=2" }, { formulas = true }))
            assert(csv.append("DIR/x.csv", {}))
            """, in: folder)
        #expect(run.result == .finished(status: 0), "\(run.result)")
        let text = try folder.read("x.csv")
        #expect(text.hasPrefix("a,b\n1,\"x,y\"\n,true\n'=1+1,1.5") && text.hasSuffix("\n=2,\n"), "\(text)")
    }

    /// What writer and append put into a file, csv.rows gives back: names and cells that look like formulas or guards.
    @Test(arguments: [false, true]) func whatLooksLikeAFormulaComesBack(formulas: Bool) async throws {
        let folder = try TemporaryFolder()
        let run = try await ScriptHarness.run(
            """
            local options = { formulas = \(formulas) }
            local names = { "@tag", "=x", "'-y", "''@z", "-", "'", "a;b" }
            local pieces = { "'", "=", "@", "-", "+", "1", "a", ",", ";", "\\n", " " }
            local function cell()
              local text = ""
              for _ = 1, math.random(0, 4) do text = text .. pieces[math.random(#pieces)] end
              return text .. "z"
            end
            local rows = {}
            for i = 1, 120 do
              rows[i] = {}
              for _, name in ipairs(names) do rows[i][name] = cell() end
            end
            local function check(path, count)
              local n = 0
              for row, err in assert(csv.rows(path, { formulas = options.formulas })) do
                assert(row, err)
                n = n + 1
                for _, name in ipairs(names) do
                  assert(row[name] == rows[n][name], ("%q is %q"):format(rows[n][name], row[name]))
                end
              end
              assert(n == count, n)
            end
            local out <close> = assert(csv.writer("DIR/w.csv", names, options))
            for i = 1, 100 do assert(out:write(rows[i])) end
            assert(out:close())
            check("DIR/w.csv", 100)
            for i = 101, 110 do assert(csv.append("DIR/w.csv", rows[i], { columns = names, formulas = options.formulas })) end
            check("DIR/w.csv", 110)
            for i = 1, 5 do assert(csv.append("DIR/a.csv", rows[i], { columns = names, formulas = options.formulas })) end
            check("DIR/a.csv", 5)
            """, in: folder)
        #expect(run.result == .finished(status: 0), "\(run.result)")
    }

    @Test func namesThatWouldNotComeBackAreTold() async throws {
        let folder = try TemporaryFolder()
        let run = try await ScriptHarness.run(
            """
            for _, name in ipairs{ " x", "x\\t", "\\tx", "sep=;", "\u{FEFF}x" } do
              local ok, err = csv.append("DIR/x.csv", { [name] = 1 }, { columns = { name } })
              assert(not ok and err.code == "invalid_csv", name)
              ok, err = csv.writer("DIR/y.csv", { name })
              assert(not ok and err.code == "invalid_csv", name)
            end
            """, in: folder)
        #expect(run.result == .finished(status: 0), "\(run.result)")
        #expect(try folder.read("x.csv").isEmpty && !folder.names.contains("y.csv"))
    }

    @Test func rowsHaveTheFormOfTheFile() async throws {
        let folder = try TemporaryFolder()
        try folder.write("x.csv", "\u{FEFF}sep=;\r\n@a;b;\r\n1;2;\r\n")
        let run = try await ScriptHarness.run(
            """
            assert(csv.append("DIR/x.csv", { ["@a"] = 3, b = "=4" }, { columns = { "b", "@a" }, delimiter = ";" }))
            """, in: folder)
        #expect(run.result == .finished(status: 0), "\(run.result)")
        let text = try folder.read("x.csv")
        #expect(text.hasSuffix("sep=;\r\n@a;b;\r\n1;2;\r\n3;'=4\r\n"), "\(text.debugDescription)")
    }

    @Test func whatDoesNotFitIsAValueAndAddsNothing() async throws {
        let folder = try TemporaryFolder()
        try folder.write("x.csv", "a,b\n1,2\n")
        try folder.write("bad.csv", "a,a\n")
        symlink(folder.path + "/x.csv", folder.path + "/link.csv")
        mkfifo(folder.path + "/pipe.csv", 0o600)
        let run = try await ScriptHarness.run(
            """
            local function code(...) local ok, err = csv.append(...) return not ok and err.code or nil end
            assert(code("DIR/new.csv", { a = 1 }) == "invalid_csv")
            assert(code("DIR/x.csv", { a = 1 }, { columns = { "a", "c" } }) == "invalid_csv")
            assert(code("DIR/x.csv", { c = 1 }) == "invalid_csv")
            assert(code("DIR/bad.csv", { a = 1 }) == "invalid_csv")
            assert(code("DIR/link.csv", { a = 1 }) == "file_failed")
            assert(code("DIR/pipe.csv", { a = 1 }) == "file_failed")
            assert(code("DIR/a\0b.csv", { a = 1 }, { columns = { "a" } }) == "not_allowed")
            assert(select(2, csv.writer("DIR/a\0b.csv", { "a" })).code == "not_allowed")
            assert(code("DIR/none/x.csv", { a = 1 }, { columns = { "a" } }) == "not_found")
            assert(code("/usr/x.csv", { a = 1 }, { columns = { "a" } }) == "not_allowed")
            local ok, problem = pcall(csv.append, "DIR/x.csv", { oder = 1 }, { columns = { "order" } })
            assert(not ok and problem:find("did you mean 'order'", 1, true), problem)
            """, in: folder)
        #expect(run.result == .finished(status: 0), "\(run.result)")
        #expect(try folder.read("x.csv") == "a,b\n1,2\n")
    }

    @Test func aTornRowIsEndedWithAWarning() async throws {
        let folder = try TemporaryFolder()
        try folder.write("x.csv", "a,b\n1,2\n3")
        try folder.write("quoted.csv", "a,b\n1,\"begun")
        let run = try await ScriptHarness.run(
            """
            assert(csv.append("DIR/x.csv", { a = 4, b = 5 }))
            local ok, err = csv.append("DIR/quoted.csv", { a = 4 })
            assert(not ok and err.code == "torn_file" and err.message:find("line 2", 1, true), err)
            """, in: folder)
        #expect(run.result == .finished(status: 0), "\(run.result)")
        #expect(try folder.read("x.csv") == "a,b\n1,2\n3\n4,5\n" && run.texts.first?.contains("line 3") == true)
        #expect(try folder.read("quoted.csv") == "a,b\n1,\"begun")
    }

    @Test func aDryRunAddsNothing() async throws {
        let folder = try TemporaryFolder()
        let run = try await ScriptHarness.run(
            #"assert(csv.append("DIR/x.csv", { a = 1 }, { columns = { "a" } }))"#, in: folder
        ) {
            $0.options.isDryRun = true
        }
        #expect(run.result == .finished(status: 0) && folder.names.isEmpty)
    }

    @Test func eightProcessesAddWholeRows() throws {
        let folder = try TemporaryFolder()
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let program = root.appendingPathComponent(".build/debug/paylink").path
        try #require(access(program, X_OK) == 0, "build the executable first: swift build")
        try folder.write(
            "add.lua",
            """
            for i = 1, 25 do
              assert(csv.append("shared.csv", { who = arg[1], n = i, text = ("long, "):rep(300) .. "\\nend" }, { columns = { "who", "n", "text" } }))
            end
            """)
        let processes = try (1...8).map { number in
            let process = Process()
            process.executableURL = URL(fileURLWithPath: program)
            process.arguments = ["run", "add.lua", "\(number)"]
            process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
            try process.run()
            return process
        }
        for process in processes {
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
        }
        let file = open(folder.path + "/shared.csv", O_RDONLY)
        defer { close(file) }
        let reader = CSVReader(fileDescriptor: file)
        let records = CSVRecords()
        var seen: [String: Int] = [:]
        while try reader.next(into: records, limit: 64) > 0 {
            #expect(records.problems.isEmpty)
            for row in 0..<records.count {
                let who = String(decoding: records.field(row, 0), as: UTF8.self)
                let n = String(decoding: records.field(row, 1), as: UTF8.self)
                // Each process's rows are in its own order: none was lost or written over.
                #expect(n == "\((seen[who] ?? 0) + 1)")
                seen[who, default: 0] += 1
            }
        }
        #expect(seen.count == 8 && seen.values.allSatisfy { $0 == 25 }, "\(seen)")
    }
}
