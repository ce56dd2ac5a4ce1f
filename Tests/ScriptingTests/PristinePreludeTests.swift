// What a script puts in the place of globals, library functions and the API's own is none of the prelude's business: it
// neither calls it nor hands it anything, whenever a module is loaded.

import Foundation
import LuaRuntime
import NIOCore
import NIOPosix
import OneShotPay
import Recorder
import TestSupport
import Testing

@testable import Scripting

@Suite struct PristinePreludeTests {
    /// Keeps the true functions for the examples, and puts one that records and raises in the place of each.
    private static let traps = """
        local keep, libraries = {}, { "string", "table", "math", "utf8", "os", "io", "coroutine", "debug" }
        for name, value in pairs(_G) do keep[name] = value end
        for _, name in ipairs(libraries) do
          keep[name] = {}
          for key, value in pairs(_G[name]) do keep[name][key] = value end
        end
        local error, rawset, rawget, type, next, load, tostring, format, sort, concat, setmetatable =
          error, rawset, rawget, type, next, load, tostring, string.format, table.sort, table.concat, setmetatable
        local sprung = {}
        local function trap(name) return function() sprung[#sprung + 1] = name error("trap " .. name, 0) end end
        local function lay(where, called)
          local names = {}
          for key, value in next, where do if type(value) == "function" then names[#names + 1] = key end end
          for i = 1, #names do rawset(where, names[i], trap(called .. names[i])) end
        end
        local globals, modules = _G, {}
        for _, name in keep.ipairs(libraries) do lay(globals[name], name .. ".") end
        local env = setmetatable({}, { __index = function(_, name)
          if keep[name] ~= nil then return keep[name] end
          local module = globals[name]
          if type(module) == "table" and not modules[name] then -- the example has the true functions, the global does not
            local copy = {}
            for key, value in next, module do copy[key] = value end
            modules[name] = name == "run" and module or copy
            lay(module, name .. ".")
          end
          return modules[name] or module
        end })
        lay(globals, "")
        local function try(example)
          local ok, problem = keep.pcall(keep.load(example, "=example", "t", env))
          if not ok then error(example .. "\\n" .. tostring(problem), 0) end
          if #sprung > 0 then error(example .. "\\ncalled " .. concat(sprung, ", "), 0) end
        end
        """

    @Test func nothingOfTheScriptsIsCalledByTheFirstUseOfAnything() async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let markdown = try await loop.submit { try APIReference.markdown(on: loop) }.get()
        let examples = markdown.components(separatedBy: "```lua\n").dropFirst().compactMap {
            $0.components(separatedBy: "\n```").first
        }
        #expect(examples.count >= 40, "every function of the API has one")
        let folder = try TemporaryFolder()
        try await ScriptHarness.withSandbox(payAfter: .milliseconds(10)) { sandbox in
            for example in examples {
                let text = example.replacing(/"([a-z]+\.csv)"/) { "\"\(folder.path)/\($0.output.1)\"" }
                let script = Self.traps + "\nlocal example = [==[\n\(text)\n]==]\ntry(example)"
                let run = try await ScriptHarness.run(script, sandbox: sandbox) { runner in
                    runner.options.files = FileAccess(readable: [folder.path], writable: [folder.path])
                    runner.options.mail.server = "/bin/true"
                    try? runner.options.recipients.allow("*")
                }
                #expect(run.result == .finished(status: 0), "\(example)")
            }
        }
    }

    @Test(arguments: [
        "assert(load('return 1')() == 1)", "assert(require('lib').n == 1)", "assert(not io.open('/nowhere/at/all'))",
        "for line in io.lines('DIR/lines.txt') do assert(line == 'one') end", "assert(io.write('') == io.stdout)",
        "assert(os.getenv('HOME') == nil)",
        "assert(not os.remove('DIR/none')) assert(not os.rename('DIR/none', 'DIR/other'))",
        "assert(not pcall(function() return undeclared end))",
        "assert(not pcall(dofile, 'x'))", "assert(tostring(json.null) == 'null')",
        "assert(not pcall(paylink.usd, '1 000')) assert(not pcall(paylink.usd, '1\u{A0}000'))",
        "local ok, err = pcall(paylink.create, { amuont = 1 }) assert(not ok)",
    ])
    func nothingOfTheScriptsIsCalledByTheBase(script: String) async throws {
        let folder = try TemporaryFolder()
        try folder.write("lib.lua", "return { n = 1 }")
        try folder.write("lines.txt", "one\n")
        let text = script.replacing("DIR", with: folder.path)
        let run = try await ScriptHarness.run(
            Self.traps + "\ntry([==[\(text)]==])", directory: folder.path
        ) { runner in
            runner.options.files = FileAccess(own: [folder.path], readable: [], writable: [])
        }
        #expect(run.result == .finished(status: 0), "\(script)")
    }

    @Test func followUpsRunOnTheTrueFunctions() async throws {
        let script = """
            local link = assert(paylink.create{ key = "k", amount = 1, description = "x" })
            assert(link:wait())
            paylink.on("paid", function(paid) log.info("followed up " .. paid.key) end)
            local found = {}
            for name in pairs(task) do found[#found + 1] = name end
            for _, name in ipairs(found) do task[name] = function() error("the script's own " .. name) end end
            """
        let folder = try TemporaryFolder()
        try await ScriptHarness.withSandbox(payAfter: .milliseconds(5)) { sandbox in
            let run = try await ScriptHarness.run(script, sandbox: sandbox) { runner in
                runner.ledger = .file(folder.path + "/ledger.db")
                runner.options.watch = WatchOptions(name: "test")
                runner.options.watch?.isSweep = true
                runner.options.watch?.reachesBack = .seconds(3600)
            }
            #expect(run.result == .finished(status: 0))
            #expect(run.texts.contains("followed up k"))
        }
    }

    /// A metatable within reach could be given a finalizer, which runs where no limit holds.
    @Test(arguments: [
        "''", "json.null", "json.array()", "json.decode('[]')", "paylink.usd(1)", "task.spawn(sleep, 0)", "io.stdout",
        "select(2, json.decode('x'))", "json", "paylink", "io", "os", "csv", "run", "_G", "http", "mail", "log",
        "program",
    ])
    func noMetatableOfTheHostIsWithinReach(value: String) async throws {
        let run = try await ScriptHarness.run("assert(getmetatable(\(value)) == false)")
        #expect(run.result == .finished(status: 0), "\(value)")
    }
}
