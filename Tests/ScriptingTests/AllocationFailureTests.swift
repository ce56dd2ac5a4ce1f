// Every allocation of a script that uses every module fails once, and once with all that follow: an error that
// says so is fine, a crash is not. Leaks are looked for by scripts/test-asan, which tries each of them
// (PAYLINK_EVERY_ALLOCATION); without it every eighth one is tried, another eighth each time.

import Glibc
import LuaRuntime
import NIOPosix
import OneShotPay
import Scripting
import TestSupport
import Testing

@Suite struct AllocationFailureTests {
    static let everything = """
        local sum = paylink.usd("1.50") * 2 + "0.01"
        assert(tostring(sum) == "3.01")
        local v = assert(json.decode('{"a":[1,2,{"b":null}],"s":"x"}'))
        assert(json.encode(v) == '{"a":[1,2,{"b":null}],"s":"x"}')
        local link, err = paylink.create{ amount = "abc", description = "x" }
        assert(link == nil and tostring(err))
        local r = task.map({ 1, 2, 3 }, { concurrency = 2 }, function(n) sleep(0) return n end)
        local h = task.spawn(function() local x <close> = setmetatable({}, { __close = function() end }) sleep("1h") end)
        local co = coroutine.wrap(function() sleep(0) coroutine.yield(1) end)
        co()
        h:cancel()
        assert(select(2, h:join()).code == "cancelled")
        assert(task.any{ function() return 1 end } == 1 and task.all{ function() return 2 end }[1] == 2)
        local _, late = task.timeout(0, sleep, "1h")
        local t = { 3, 1, 2 }
        table.sort(t, function(a, b) return a < b end)
        assert(table.concat(t, ",") == "1,2,3" and ("a b"):gsub("%a", string.upper) == "A B")
        for w in ("x y"):gmatch("%a") do local _ = w:rep(3) end
        local ok, trace = xpcall(function() error({}) end, debug.traceback)
        log.info("done", { a = 1, b = { 2 } })
        assert(not pcall(function() return undeclared end))
        for _ in paylink.wait_each({ "nonsense" }) do end
        local key = assert(secret("KEY"))
        assert(tostring("Bearer " .. key .. 1) == "***" and not json.encode({ key }))
        local _, refused = http.post("http://127.0.0.1:1/", { json = { k = key, l = { 1 } }, headers = { a = key },
          auth = { user = "u", password = key }, query = { q = { 1, 2 } }, sign = { secret = key, id = "a" } })
        assert(refused.code == "connect_failed" and refused.sent == false)
        local _, stranger = program.run({ "paylink-no-such-program", 1 }, { env = { A = "b" }, input = "x" })
        assert(stranger.code == "not_allowed")
        local _, outside = csv.append("/usr/paylink-test.csv", { a = 1 }, { columns = { "a" } })
        assert(outside.code == "not_allowed")
        local file = assert(io.open("DIR/file", "w+"))
        assert(file:write("a\\nb\\n") and file:seek("set") and file:read("a") == "a\\nb\\n" and file:close())
        for line in io.lines("DIR/file") do assert(#line == 1) end
        assert(select(3, io.open("/usr/paylink-test", "w")) == 13)
        """

    private let folder: TemporaryFolder
    /// Its scripts compute all the time, and would make the clocks of others late.
    private static let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    init() throws { folder = try TemporaryFolder() }

    /// How the run went: allocations made, and whether it ended in success or in an error about memory.
    private func attempt(_ failing: (index: Int, failsFromThere: Bool)?) async throws -> ScriptResult {
        var limits = LuaLimits(memory: 64 << 20, stretch: .seconds(10))
        limits.failingAllocation = failing
        do {
            return try await ScriptHarness.run(
                Self.everything.replacing("DIR", with: folder.path), limits: limits, on: Self.loops
            ) {
                runner in
                runner.options.files = FileAccess(readable: [], writable: [folder.path])
                runner.options.secrets = SecretSource { _ in .success("the key of the test") }
                try? runner.options.network.allow("127.0.0.1")
            }.result
        } catch let failure as ScriptFailure {
            return .failed(failure)
        }
    }

    @Test func aFailureOfAnyAllocationIsAnErrorNotACrash() async throws {
        #expect(try await attempt(nil) == .finished(status: 0))
        let step = getenv("PAYLINK_EVERY_ALLOCATION") == nil ? 8 : 1
        var succeeded = 0, failed = 0, index = Int.random(in: 1...step)
        // The count differs a little from run to run (hash seeds), so it goes on until nothing fails any more.
        while succeeded < 400 / step, index < 40_000 {
            let single = try await attempt((index, false))
            let lasting = try await attempt((index, true))
            if case .failed(let failure) = lasting {
                #expect(
                    failure.message.contains("memory") || failure.message.contains("assertion"),
                    "allocation \(index): \(failure)")
                failed += 1
            } else {
                succeeded += 1
            }
            if case .stopped = single { Issue.record("allocation \(index): \(single)") }
            index += index < 3000 ? step : 3 * step
        }
        #expect(failed > 1000 / step, "the script should allocate more than \(failed) times")
        #expect(try await attempt(nil) == .finished(status: 0))
    }
}
