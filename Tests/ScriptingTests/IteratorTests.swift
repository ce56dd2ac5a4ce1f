// Iterators that nobody runs to their end: what they hold goes when they are collected, or with their task.

import LuaRuntime
import NIOCore
import NIOPosix
import OneShotPay
import Sandbox
import TestSupport
import Testing

@testable import Scripting

@Suite struct IteratorTests {
    private static let table = "order,amount\n" + (1...200).map { "\($0),1.00\n" }.joined()

    /// Many times more often than files may be open. The body makes a closure, which a loop that closes a value would not
    /// survive in every version of Lua.
    @Test(arguments: ["csv.rows('DIR/t.csv')", "assert(csv.rows('DIR/t.csv'))", "io.lines('DIR/t.csv')"])
    func loopsThatBreakLetGoOfTheirFiles(iterator: String) async throws {
        let folder = try TemporaryFolder()
        try folder.write("t.csv", Self.table)
        let script = """
            collectgarbage()
            local before, kept = collectgarbage("count"), 0
            for i = 1, 3000 do
              for item in \(iterator) do
                local function get() return item end
                kept = kept + (get() and 1 or 0)
                break
              end
            end
            assert(kept == 3000)
            collectgarbage()
            local grown = collectgarbage("count") - before
            assert(grown < 256, "grown by " .. grown .. " KB")
            """
        #expect(try await ScriptHarness.run(script, in: folder).result == .finished(status: 0))
    }

    @Test(arguments: ["csv.rows", "csv.writer"])
    func filesThatAreHeldAreRefusedBeyondTheirNumber(call: String) async throws {
        let folder = try TemporaryFolder()
        try folder.write("t.csv", Self.table)
        let open = call == "csv.rows" ? "csv.rows('DIR/t.csv')" : "csv.writer('DIR/' .. i .. '.csv', {'a'})"
        let script = """
            local held, err = {}, nil
            for i = 1, 100 do held[i], err = \(open) if not held[i] then break end end
            assert(#held == 64 and err.code == "file_failed" and err.message:find("64 tables"), tostring(err))
            """
        #expect(try await ScriptHarness.run(script, in: folder).result == .finished(status: 0))
    }

    @Test func aLoopThatRunsToItsEndClosesItsFileAtOnce() async throws {
        let folder = try TemporaryFolder()
        try folder.write("t.csv", Self.table)
        let script = """
            local held = {}
            for i = 1, 500 do
              held[i] = csv.rows('DIR/t.csv')
              for _ in held[i] do end
              assert(held[i]() == nil)
            end
            """
        #expect(try await ScriptHarness.run(script, in: folder).result == .finished(status: 0))
    }

    /// What a task leaves half read is no table that ends there.
    @Test func rowsEndWithTheTaskThatOpenedThem() async throws {
        let folder = try TemporaryFolder()
        try folder.write("t.csv", Self.table)
        let script = """
            local rows = task.spawn(function() local rows = csv.rows('DIR/t.csv') rows() return rows end):join()
            local count = 0
            local ok, err = pcall(function() for _ in rows do count = count + 1 end end)
            assert(not ok and err:find("the task that opened it ended", 1, true) and count < 199, err)
            local held = {}
            for i = 1, 200 do held[i] = task.spawn(function() return csv.rows('DIR/t.csv') end):join() end
            """
        #expect(try await ScriptHarness.run(script, in: folder).result == .finished(status: 0))
    }

    /// Runs a script and tells how many groups of waits are left at its end.
    private static func groupsLeft(_ script: String, _ sandbox: SandboxServer) async throws -> Int {
        let loop = ScriptHarness.group.next()
        return try await withCheckedThrowingContinuation { continuation in
            loop.execute {
                do {
                    var configuration = OneShotPayConfiguration()
                    configuration.baseURL = sandbox.baseURL
                    let credentials = try Credentials(
                        userID: sandbox.options.userID, apiToken: sandbox.options.apiToken)
                    let runner = ScriptRunner(configuration: configuration, credentials: credentials)
                    let source = ScriptSource(text: Array(script.utf8), name: "test.lua")
                    let host = try ScriptHost(
                        source, options: runner.options, eventLoop: loop, configuration: configuration,
                        service: { () throws(OneShotPayError) in try runner.links(on: loop, for: source) },
                        log: { _ in })
                    host.start { result in
                        let groups = host.modules.lazy.compactMap { ($0 as? PayLinkModule)?.groups }.first
                        let left = result == .finished(status: 0) ? groups?.count ?? -2 : -1
                        loop.execute { continuation.resume(returning: left) }
                    }
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        }
    }

    @Test(arguments: [
        ("for _ in paylink.wait_each(links) do break end for i = 1, 5 do collectgarbage() end os.exit(0)", 0),
        ("task.spawn(function() for _ in paylink.wait_each(links) do break end end):join()", 0),
        ("task.spawn(function() held = paylink.wait_each(links) held() end):join()", 0),
        ("held = paylink.wait_each(links) held() collectgarbage() os.exit(0)", 1),
        ("for _ in paylink.wait_each(links) do end", 0),
    ])
    func waitsThatNobodyTakesEnd(script: String, left: Int) async throws {
        try await ScriptHarness.withSandbox(payAfter: .milliseconds(5)) { sandbox in
            let links =
                "held, links = false, {} for i = 1, 3 do links[i] = assert(paylink.create{ amount = i, description = 'x' }) end "
            let found = try await Self.groupsLeft(links + script, sandbox)
            #expect(found == left)
        }
    }

    @Test func waitsOfAnEndedTaskSaySo() async throws {
        try await ScriptHarness.withSandbox { sandbox in
            let script = """
                local link = assert(paylink.create{ amount = 1, description = "x" })
                local each = task.spawn(function() return paylink.wait_each{ link } end):join()
                local ok, err = pcall(each)
                assert(not ok and err:find("ended with the task", 1, true), err)
                """
            let run = try await ScriptHarness.run(script, sandbox: sandbox)
            #expect(run.result == .finished(status: 0))
        }
    }
}
