// `..` on values with __concat, which the virtual machine itself does not survive when its stack moves meanwhile.

import LuaRuntime
import Testing

@testable import Scripting

@Suite struct ConcatScriptTests {
    private func expectFine(_ script: String) async throws {
        let run = try await ScriptHarness.run(script) { runner in
            runner.options.secrets = SecretSource { _ in .success("the key of the test") }
        }
        #expect(run.result == .finished(status: 0), "\(run.result)")
    }

    /// Stock Lua 5.4.4 ends by a segmentation fault in three of these.
    @Test(arguments: [
        #"for i = 1, 100 do assert("a" .. "b" .. t .. "c" .. "d" == "abx") end"#,
        #"for i = 1, 300 do assert(t .. "c" == "x") local y = {} assert("q" .. i .. t == "qx") end"#,
        #"for i = 1, 100 do coroutine.wrap(function() local s = "a" .. t .. "b" .. t collectgarbage() end)() end"#,
        #"for i = 1, 30 do assert(pcall(function() return t .. t .. t .. t .. t end)) collectgarbage("step") end"#,
    ])
    func theStackMayMoveWhileAMetamethodRuns(_ use: String) async throws {
        try await expectFine(
            """
            local function deep(n) if n == 0 then return 1 end return 1 + deep(n - 1) end
            local t = setmetatable({}, { __concat = function(a, b) deep(4000) collectgarbage("step") return "x" end })
            \(use)
            """)
    }

    @Test func operandsAndResultsAreThoseOfLua() async throws {
        try await expectFine(
            """
            local mt = {}
            local function value(s) return setmetatable({ s = s }, mt) end
            local function text(v) return type(v) == "table" and v.s or tostring(v) end
            mt.__concat = function(a, b) return value("(" .. text(a) .. "|" .. text(b) .. ")") end
            assert(("a" .. value("v")).s == "(a|v)" and (value("v") .. 1.5).s == "(v|1.5)")
            assert(("a" .. "b" .. value("v") .. "c" .. "d").s == "(a|(b|(v|cd)))")
            assert((value("1") .. value("2") .. value("3")).s == "(1|(2|3))")
            local x = value("x")
            for i = 1, 3 do x = x .. i end
            assert(x.s == "(((x|1)|2)|3)")
            -- Found when it is used, in the left operand first, and anything that can be called.
            local late = setmetatable({}, { n = 1 })
            getmetatable(late).__concat = setmetatable({}, { __call = function(_, a, b) return "late" end })
            assert(late .. "x" == "late" and "x" .. late == "late" and late .. value("v") == "late")
            assert((value("v") .. late).s == "(v|" .. tostring(late) .. ")")
            mt.__concat = nil
            local ok, err = pcall(function() return value("v") .. "x" end)
            assert(not ok and err:find("test.lua:%d+: attempt to concatenate a table value"), err)
            for _, other in ipairs{ {}, print, true } do
              ok, err = pcall(function() return "x" .. other end)
              assert(not ok and err:find("attempt to concatenate a " .. type(other) .. " value"), err)
            end
            ok, err = pcall(function() return value("v") .. nil end)
            assert(not ok and err:find("attempt to concatenate a %a+ value"), err)
            """)
    }

    @Test func metamethodsMayFailWaitAndYield() async throws {
        try await expectFine(
            """
            local fails = setmetatable({}, { __concat = function() error({ code = "mine" }) end })
            local ok, err = pcall(function() return "a" .. fails .. "b" end)
            assert(not ok and err.code == "mine")
            local waits = setmetatable({}, { __concat = function(a, b) sleep(0) return "waited" end })
            assert("a" .. waits == "waited" and task.spawn(function() return waits .. "b" end):join() == "waited")
            local yields = setmetatable({}, { __concat = function(a, b) return coroutine.yield(a) end })
            local co = coroutine.wrap(function() return "1" .. ("a" .. yields) .. "2" end)
            assert(co() == "a" and co("-") == "1-2")
            local two = coroutine.wrap(function() local inner = coroutine.wrap(function() return waits .. "b" end) return inner() .. waits end)
            assert(two() == "waited")
            """)
    }

    @Test func withinFunctionsOfCTheErrorSaysWhatToDo() async throws {
        try await expectFine(
            """
            local t = setmetatable({}, { __concat = function() return "x" end, __tostring = function() return "t" end })
            for _, f in ipairs{
              function() table.sort({ 1, 2 }, function(a, b) return t .. "a" < "b" end) end,
              function() return (("a"):gsub("a", function() return t .. "a" end)) end,
              function() return tostring(setmetatable({}, { __tostring = function() return t .. "a" end })) end,
            } do
              local ok, err = pcall(f)
              assert(not ok and err:find("use tostring before", 1, true), err)
            end
            assert(("a"):gsub("a", function() return tostring(t) .. "a" end) == "ta")
            """)
    }

    /// A suspension that cannot be must not be taken for the next wait of another task.
    @Test func aReportThatJoinsLeavesTheNextWaitAlone() async throws {
        try await ScriptHarness.withSandbox { sandbox in
            let run = try await ScriptHarness.run(
                """
                local v = setmetatable({}, { __concat = function() return "x" end })
                local price = paylink.usd("5")
                for _, text in ipairs{ function() return "e" .. v end, function() return "costs " .. price end,
                    function() sleep("1h") return "x" end, function() return coroutine.wrap(function() sleep("1h") end)() end } do
                  local child = task.spawn(function() error(setmetatable({}, { __tostring = text })) end)
                  local ok = child:join()
                  collectgarbage()
                  assert(not ok)
                  local link = assert(paylink.create{ amount = "1", description = "Mug" })
                  assert(#link.id > 0 and "a" .. v == "x")
                end
                """, sandbox: sandbox)
            #expect(run.result == .finished(status: 0), "\(run.result)")
        }
    }

    @Test func nestingIsBounded() async throws {
        try await expectFine(
            """
            local depth = 0
            local r
            r = setmetatable({}, { __concat = function(a, b)
              depth = depth + 1
              local ok, err = pcall(function() return a .. b end)
              if not ok then error(err, 0) end
            end })
            local ok, err = pcall(function() return "a" .. r end)
            assert(not ok and err:find("stack overflow", 1, true) and depth > 500 and depth < 6000, depth)
            """)
    }

    @Test func whatStandsInForTheMetamethodIsOutOfSight() async throws {
        try await expectFine(
            """
            local mt = { __concat = function() return "x" end, other = 1 }
            local t = setmetatable({}, mt)
            local seen = {}
            for k in pairs(mt) do seen[#seen + 1] = k end
            table.sort(seen)
            assert(table.concat(seen, " ") == "__concat other")
            local plain = setmetatable({}, {})
            assert(next(getmetatable(plain)) == nil)
            for k in next, mt do mt[k] = nil end
            assert(next(mt) == nil and not pcall(function() return t .. "x" end))
            mt["\\1\\1concat"] = function() return "forged" end
            assert(not pcall(function() return t .. "x" end))
            assert(json.encode(getmetatable(plain)) == "{}")
            assert(#json.encode(setmetatable({ a = 1 }, {})) == 7)
            local once = setmetatable({}, { __pairs = function(v) return function(_, k) if not k then return 1, 2 end end, v, nil end })
            for k, v in pairs(once) do assert(k == 1 and v == 2) end
            assert(not pcall(next, 1) and not pcall(next, {}, "none") and not pcall(pairs))
            """)
    }

    @Test func ownValuesJoinAsBefore() async throws {
        try await expectFine(
            """
            local total = paylink.usd("1.50")
            assert("total " .. total .. " USD" == "total 1.50 USD" and total .. total == "1.501.50")
            local key = assert(secret("KEY"))
            for i = 1, 50 do assert(tostring("Bearer " .. key .. i .. key .. "x") == "***") collectgarbage("step") end
            """)
    }
}
