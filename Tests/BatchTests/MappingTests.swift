// A mapping and the table that it makes: in step with the input, and read as the input itself would be.

import Batch
import CSV
import Console
import Foundation
import LuaRuntime
import NIOPosix
import OneShotPay
import Recorder
import Scripting
import Synchronization
import TestSupport
import Testing

@Suite struct MappingTests {
    /// Maps a text's rows, and checks them over an empty ledger.
    private func check(
        _ text: String, _ script: String, options: ScriptOptions = ScriptOptions(), log: Log = Log()
    ) throws -> BatchPlan {
        let fixture = try Fixture(text, isMapped: true)
        let mapping = RowMapping(
            ScriptSource(
                text: Array(script.utf8), name: "map.lua", directory: fixture.folder.path, isFile: true),
            options: options, on: MultiThreadedEventLoopGroup.singleton.next(), log: { log.add($0) })
        let table = try mapping.run(
            fixture.input, delimiter: .comma, folders: [fixture.folder.path], progress: { log.progress($0) })
        #expect(fixture.folder.names == ["in.csv"])
        return try fixture.mapped(table).check()
    }

    private final class Log: Sendable {
        private let state = Mutex<(messages: [String], rows: Int)>(([], 0))
        func add(_ message: LogMessage) { state.withLock { $0.messages.append(message.text) } }
        func progress(_ rows: Int) { state.withLock { $0.rows = rows } }
        var messages: [String] { state.withLock { $0.messages } }
        var rows: Int { state.withLock { $0.rows } }
    }

    private func failure(_ script: String, options: ScriptOptions = ScriptOptions()) throws -> ScriptFailure {
        try #require(throws: MappingFailure.self) { _ = try check("id\na\n", script, options: options) }.failure
    }

    @Test func readsWhatTheFunctionGives() throws {
        let plan = try check(
            "id,n\nx,\"say \"\"hi\"\", \nyou\"\n",
            """
            return function(row)
              return { key = row.id .. "\\u{e9}", amount = paylink.usd("1.5") * 2, description = row.n, expires_in = 90.5,
                media_url = "", payer = "", reusable = true, close_on_complete = false, locale = "es" }
            end
            """)
        let order = try #require(plan.sample.first)
        #expect(order.key == "xé")
        #expect(order.request.amount.description == "3.00")
        #expect(order.request.description == "say \"hi\", \nyou")
        #expect(order.expiry == .after(.milliseconds(90_500)))
        #expect(order.request.mediaURL == nil && order.request.payer == nil)
        #expect(order.request.reusable && !order.request.closeOnComplete)
        #expect(order.request.locale == .spanish)
    }

    static let amounts: [(String, String)] = [
        ("12", "12.00"), ("0.5", "0.50"), ("'0.000001'", "0.000001"), ("paylink.usd(2) - '0.01'", "1.99"),
        ("1e3", "1000.00"), ("1000000000", "1000000000.00"),
    ]

    @Test(arguments: amounts) func takesTheAmountsThatTheAPITakes(_ amount: String, _ text: String) throws {
        let plan = try check(
            "id\na\n", "return function(row) return { key = row.id, amount = \(amount), description = 'x' } end")
        #expect(plan.sample.first?.request.amount.description == text, "\(plan.problems)")
    }

    @Test func keepsStepOverBadRowsChunksAndLeftOutOnes() throws {
        let count = 1500
        let rows = (0..<count).map { $0 % 10 == 3 ? "k\($0)\n" : "k\($0),\($0 % 4)\n" }
        let log = Log()
        let plan = try check(
            "id,n\n" + rows.joined(),
            """
            local seen = 0
            return function(row)
              seen = seen + 1
              if row.n == "0" then return nil end
              if row.n == "1" then return nil, "one at line " .. row:line() end
              return { key = row.id, amount = 1, description = "Mug" }
            end
            """, log: log)
        #expect(plan.rows == count && log.rows == count)
        for row in 0..<count {
            let mark: RowMarks.Mark =
                row % 10 == 3 ? .rejected : row % 4 == 0 ? .skipped : row % 4 == 1 ? .rejected : .toMake
            #expect(plan.marks[row] == mark, "row \(row)")
        }
        #expect(plan.problems.first?.description == "line 3: one at line 3")
    }

    @Test func saysAllThatIsWrongInAnOrderOfItsOwn() throws {
        for _ in 0..<5 {
            let plan = try check(
                "id\na\n",
                "return function() return { zoom = 1, amount = true, payer = 2, [1] = 3, ['a\\31b\\n'] = 4 } end")
            #expect(
                plan.problems.map(\.place) == [
                    "option \"1\"", "option \"a b \"", "option \"amount\"", "option \"payer\"", "option \"zoom\"",
                ])
            #expect(plan.problems[2].message.hasPrefix("must be an amount"), "\(plan.problems)")
        }
    }

    @Test func letsTheScriptLogAndPrint() throws {
        let log = Log()
        let plan = try check(
            "id\na\n", "print('one', 2)\nlog.warn('two')\nio.write('three')\nreturn function() end", log: log)
        #expect(log.messages == ["one\t2", "two", "three"])
        #expect(plan.skipped == 1)
    }

    @Test func hasRoomForManyRowsThatTogetherTakeLongerThanTheLimit() throws {
        var options = ScriptOptions()
        options.limits.stretch = .seconds(1)
        let slow = "return function() local t = os.clock() + 0.002 while os.clock() < t do end end"
        let plan = try check("id\n" + String(repeating: "a\n", count: 600), slow, options: options)
        #expect(plan.skipped == 600)
        options.limits.stretch = .milliseconds(100)
        #expect(try failure("return function() while true do end end", options: options).stop == .stretch)
    }

    @Test func keepsItsLinesBehindAShebang() throws {
        #expect(try failure("#!/usr/bin/env lua\nerror('no')").message == "map.lua:2: no")
        #expect(try failure("\n\nlocal = 5").message.hasPrefix("map.lua:3: "))
    }

    @Test func isNotTheScriptsToEnd() throws {
        #expect(try failure("os.exit(0)").message.contains("os.exit ended the mapping"))
        #expect(try failure("return function() os.exit(0) end").message.contains("os.exit ended the mapping"))
        #expect(try failure("return nil").message.contains("gives nothing, not a function"))
    }

    @Test func endsWhenItIsStopped() throws {
        let fixture = try Fixture("id\na\n", isMapped: true)
        for script in ["sleep(600)", "while true do end"] {
            let mapping = RowMapping(
                ScriptSource(text: Array(script.utf8), name: "map.lua", isFile: true), options: ScriptOptions(),
                on: MultiThreadedEventLoopGroup.singleton.next(), log: { _ in })
            Thread.detachNewThread {
                mapping.stop()
                // One that computes is ended by this alone, once it has begun to.
                for _ in 0..<100 {
                    mapping.interrupt()
                    usleep(20_000)
                }
            }
            let error = try BatchTests.failure {
                _ = try mapping.run(
                    fixture.input, delimiter: .comma, folders: [fixture.folder.path], progress: { _ in })
            }
            #expect(error.code == .interrupted)
        }
    }

    @Test func saysWhereNoTemporaryFileCanBeMade() throws {
        let fixture = try Fixture("id\na\n", isMapped: true)
        let mapping = RowMapping(
            ScriptSource(text: [], name: "map.lua"), options: ScriptOptions(),
            on: MultiThreadedEventLoopGroup.singleton.next(), log: { _ in })
        let error = try BatchTests.failure {
            _ = try mapping.run(fixture.input, delimiter: .comma, folders: ["/nowhere"], progress: { _ in })
        }
        #expect(error.code == .outputFailed)
        #expect(error.message.contains("/nowhere"))
    }
}
