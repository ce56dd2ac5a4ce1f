// No message names a line of the prelude: what a script gave to it and what it called in turn fails at the script's own
// line, or at none.

import LuaRuntime
import TestSupport
import Testing

@testable import Scripting

@Suite struct OwnLinesTests {
    /// Every function within a script's reach, with arguments of many wrong kinds.
    @Test func noMessageOfAnyFunctionNamesALineOfThePrelude() async throws {
        let folder = try TemporaryFolder()
        let run = try await ScriptHarness.run(
            """
            local skipped = { ["os.exit"] = true, ["coroutine.yield"] = true, ["io.read"] = true, ["io.write"] = true,
              sleep = true, ["task.sleep"] = true, ["task.spawn"] = true, print = true, collectgarbage = true }
            local functions, seen = {}, {}
            local function walk(prefix, values)
              if seen[values] then return end
              seen[values] = true
              for name, value in next, values do
                name = prefix .. tostring(name)
                if type(value) == "function" and not skipped[name] then functions[name] = value end
                if type(value) == "table" then walk(name .. ".", value) end
              end
            end
            for _, name in ipairs{ "paylink", "csv", "http", "mail", "program", "task", "json", "log" } do walk(name .. ".", _G[name]) end
            walk("", _G)
            local raising = setmetatable({}, { __index = string.rep, __len = function() return 1 end, __tostring = string.rep,
              __call = string.rep, __close = string.rep, __pairs = string.rep })
            local wrong = { {}, { 1 }, { "x" }, { {} }, { string.rep }, { true }, { "x", {} }, { {}, "x" }, { raising },
              { raising, raising }, { "x", raising }, { { raising } }, { "x", { raising }, raising }, { { "x" }, {}, string.rep },
              { { {} }, {}, string.rep }, { { string.rep } }, { "1s", string.rep }, { "k", string.rep }, { string.rep, {}, string.rep } }
            local count = 0
            for name, f in next, functions do
              for i, arguments in ipairs(wrong) do
                local results = table.pack(pcall(f, table.unpack(arguments, 1, 4)))
                for n = 2, results.n do
                  local text = results[n]
                  if type(text) == "table" then text = rawget(text, "message") end
                  if type(text) == "string" then
                    count = count + 1
                    if text:find("[paylink ", 1, true) then error(name .. ", " .. i .. ": " .. text) end
                  end
                end
              end
            end
            assert(count > 500, count)
            """, directory: folder.path)
        #expect(run.result == .finished(status: 0))
    }

    /// The ways by which an error is caught.
    @Test(arguments: [
        "pcall(http.request, o)", "xpcall(http.request, function(m) return m end, o)",
        "coroutine.resume(coroutine.create(http.request), o)", "pcall(coroutine.wrap(http.request), o)",
        "task.spawn(http.request, o):join()",
    ])
    func whatCatchesAnErrorSeesNoLineOfThePrelude(_ call: String) async throws {
        let run = try await ScriptHarness.run(
            """
            local o = setmetatable({}, { __index = string.rep })
            local _, err = \(call)
            err = type(err) == "table" and err.message or err
            assert(err:gsub("^test.lua:2: ", "") == "bad argument #1 to 'index' (string expected, got table)", err)
            """)
        #expect(run.result == .finished(status: 0))
    }

    @Test func aScriptThatDiesOfOneIsToldOfItsOwnLine() async throws {
        let run = try await ScriptHarness.run("\nhttp.request(setmetatable({}, { __index = string.rep }))")
        #expect(run.failure?.message.hasPrefix("test.lua:2: bad argument #1 to 'index'") == true, "\(run.result)")
    }
}
