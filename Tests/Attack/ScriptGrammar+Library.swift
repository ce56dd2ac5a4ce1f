// Calls of the libraries with what they take, most of the time: chance alone would seldom get past their first check.

import Chance
import Seeded

extension ScriptGrammar {
    /// What `{x}` stands for: A an amount as text, b text of bytes, c a sign, d a duration, e an amount, f a function, F a file's name, g a format,
    /// i an integer, j JSON, l a list, m money, n a number, p a pattern, q bytes that may be no text, s text, S text that patterns find something in,
    /// t a table, v anything, y an amount with two readings.
    private static let calls = [
        "string.rep({s}, {i})", "string.rep({s}, {i}, {s})", "string.sub({s}, {i}, {i})", "string.byte({s}, {i}, {i})",
        "string.char({i}, {i})", "string.format({g}, {v}, {v}, {v})", "string.format({g}, {n}, {s}, {i})",
        "string.reverse({s})", "string.lower({s})", "string.upper({s})", "string.len({s})",
        "string.pack({k}, {n}, {s}, {i})", "string.unpack({k}, {b}, {i})", "string.packsize({k})",
        "string.find({S}, {p}, {i}, {v})", "string.match({S}, {p}, {i})", "string.gsub({S}, {p}, {r})",
        "string.gsub({S}, {p}, {r}, {i})", "string.find({S}, {s}, {i}, true)", "string.find({s}, {s})",
        "(function() for a, b in string.gmatch({S}, {p}, {i}) do v[1] = b or a end end)()",
        "table.concat({l}, {s}, {i}, {i})", "table.concat({l}, {s})", "table.insert({t}, {i}, {v})",
        "table.insert({t}, {v})", "table.remove({t}, {i})", "table.move({t}, {i}, {i}, {i})",
        "table.move({t}, {i}, {i}, {i}, {t})", "table.unpack({t}, {i}, {i})", "table.sort({l})",
        "table.sort({l}, function(a, b) return a < b end)", "table.sort({l}, {f})", "table.pack({v}, {v}).n",
        "select({i}, {v}, {v})", "select('#', {v}, {v})", "tonumber({s}, {i})", "tonumber({v})", "tostring({v})",
        "rawlen({t})", "rawget({t}, {v})", "rawset({t}, {v}, {v})", "rawequal({v}, {v})", "next({t}, {v})",
        "getmetatable({v})", "math.floor({n})", "math.random({i}, {i})", "math.fmod({n}, {n})", "math.tointeger({v})",
        "utf8.char({i}, {i})", "utf8.codepoint({b}, {i}, {i}, {v})", "utf8.len({b}, {i}, {i}, {v})",
        "utf8.offset({b}, {i}, {i})", "os.date({s}, {i})", "os.time({ year = {i}, month = {i}, day = {i} })",
        "os.getenv({s})", "os.remove({F})", "os.rename({F}, {F})", "os.tmpname()", "os.clock()",
        "json.decode({j})", "json.encode(json.decode({j}))", "json.encode({v})", "json.encode({t})", "json.array({l})",
        "json.encode({ a = {m}, b = {n}, [{i}] = {v}, c = json.null })", "json.encode({ {n}, {n}, {s}, {b} })",
        "paylink.usd({e})", "paylink.usd({n})", "tostring({m})", "{m} .. {s}", "{m} + {m}", "{m} - {m}", "{m} * {n}",
        "{m} / {n}", "{m} < {m}", "{m} == {m}", "{m} <= {v}", "-{m}", "{m} % {n}", "{m} // {n}", "({m}):format({s})",
        "({m}).cents", "paylink.create{ amount = {e}, description = {s}, expires_in = {d}, key = {s} }",
        "paylink.create{ amount = {m}, description = {s}, media_url = {s}, locale = {s}, reusable = true }",
        "paylink.get({s})", "paylink.wait(paylink.create{ amount = 1, description = 'x' }, { timeout = {d} })",
        "paylink.find({s})", "paylink.links{ key_prefix = {s}, limit = {i} }", "paylink.once({s}, {f}, {t})",
        "paylink.on({s}, {f}, {t})", "paylink.create{ amount = 1, description = 'q' }:qr()",
        "(function() for i, link, err in paylink.wait_each({l}, { timeout = {d} }) do v[2] = err end end)()",
        "task.all{ task.spawn({f}, {v}), task.spawn({f}) }", "task.any{ task.spawn({f}), task.spawn(sleep, {d}) }",
        "task.timeout({d}, {f}, {v})", "task.map({t}, { concurrency = {i} }, {f})", "task.spawn({f}, {v}):join()",
        "task.spawn({f}):cancel()", "sleep({d})", "log.info({s}, {t})", "log.warn({v}, { a = {v}, b = {m} })",
        "secret({s})", "secret('x')", "http.post({s}, { json = { a = secret('abc') } })", "tostring(secret('x'))",
        "json.encode{ secret('x') }", "secret('x') .. {v}", "json.encode{ {f}, coroutine.create({f}), {v} }",
        "string.find(({S}):rep({i}), {S})", "string.find(('ab'):rep(3000), ('ab'):rep(100) .. 'x', 1, true)",
        "('x'):rep(5000) < ('x'):rep(5001)", "csv.amount({ a = {e} }, 'a', { decimal = {c} })",
        "http.get({s}, { timeout = {d}, headers = {t}, query = {t} })", "http.post({s}, { json = {t} })",
        "program.run({l}, { timeout = {d}, input = {s} })", "mail.send{ to = {s}, subject = {s}, text = {s} }",
        "csv.append({F}, {l}, {t})", "csv.writer({F}, { 'a', 'b' }):write({ a = {v}, b = {s} })",
        "(function() local w = csv.writer({F}, {l}) w:write({t}) return w:close() end)()",
        "(function() for row in csv.rows({F}, {t}) do v[3] = row.a v[4] = row.line end end)()",
        "(function() for row in csv.rows('a.csv', { delimiter = {c} }) do v[3] = row.a v[4] = #row end end)()",
        "(function() for row in csv.rows('b.csv') do v[3] = csv.amount(row, 'a') break end end)()",
        "(function() for row in csv.rows({F}) do v[3] = csv.amount(row, 'a') end end)()",
        "(function() local f = io.open({F}, {o}) f:setvbuf({s}, {i}) f:write({s}, {n}) f:seek({s}, {i}) return f:read({x}), f:close() end)()",
        "(function() for line in io.lines({F}, {x}) do v[5] = line end end)()", "io.open({F}, {o})", "io.read({x})",
        "io.write({s}, {n})", "io.type({v})", "require({s})", "load({s}, {s}, 't', {t})", "load({f})", "dofile({F})",
        "coroutine.wrap({f})({v})", "coroutine.status(coroutine.create({f}))", "coroutine.isyieldable({v})",
        "coroutine.close(coroutine.create({f}))", "coroutine.resume(coroutine.create({f}), {v}, {v})",
        "coroutine.running()", "debug.traceback({v}, {i})", "debug.traceback(coroutine.create({f}), {s}, {i})",
        "collectgarbage({s}, {i})", "error({t}, {i})", "assert({v}, {v})", "assert(false, {t})", "pcall({f}, {v})",
        "xpcall({f}, {f}, {v})", "xpcall({f}, debug.traceback)", "print({v}, {v})", "warn({s}, {s})",
        "run.facts()", "setmetatable({t}, { __index = {f}, __concat = {f}, __eq = {f} }) .. {v}",
        "({t}):sort()", "#{t}", "{s} .. {n} .. {s}", "{v} .. {s}",
        "json.decode('\"' .. {b} .. '\"')", "json.decode('[' .. {b})", "json.decode('\"a' .. {q} .. '\"')",
        "json.decode({q})",
        "json.decode(('['):rep({i} * 60))", "json.decode('-12345678901234567890123' .. {i})", "json.encode({ {q} })",
        "utf8.len({q}, {i})", "csv.amount({ a = {A} }, 'a')", "csv.amount({ a = {A} }, 'a', { decimal = {c} })",
        "csv.amount({ a = '{y}' }, 'a')", "paylink.usd({A})", "tostring(paylink.usd({A}))", "paylink.usd(nil)",
        "coroutine.wrap(function() sleep(0) coroutine.yield({v}) return {v} end)()", "coroutine.yield({v})",
        "coroutine.wrap(function() return table.unpack({}, 1, {i} * 100000) end)()",
        "(function() for k in pairs(setmetatable({}, { __pairs = {f} })) do v[6] = k end end)()",
        "task.timeout({d}, function() local c <close> = setmetatable({}, { __close = {f} }) sleep({d}) end)",
        "task.spawn(function() os.exit(true, true) end)",
        "(function() local t = {} for i = 1, 140 do t[i] = io.open('c.txt') end return io.open('c.txt') end)()",
        "log.info('x', { t = task.spawn({f}), s = secret('x'), n = json.null, m = {m} })",
        "string.find(('ab'):rep({i} * 9000), 'aba' .. {s}, 1, true)",
        "string.find(('a'):rep(200000) .. 'b', 'ab', 1, true)",
        "string.find(('ab'):rep(40000), ('ab'):rep({i} * 1000) .. 'c', 1, true)",
        "('ba'):rep(50000):find('aa', 1, true)",
        "(function() local co = coroutine.create({f}) coroutine.resume(co) return coroutine.resume(co, {v}) end)()",
        "json.encode({ [{n}] = 1, x = {f} })",
    ]
    private static let amounts = [
        "12.50", "1,234.50", "1.234,50", "12,5", "$12", "12.5 USD", "-3", "1e3", "0.0000001", "", " 5", "1.2.3", ".5",
        "5.", "+5", "92233720368547", "9223372036854.775808", "NaN", "0x10", "12.50 €", "1 000", "000012", "1,2,3",
        "12.345.678", "1'000", "abc", "0", "0.000001", "12.5.", "1.50 -", "--1", "(1.50)", "1,500", "1.500", "12,345",
        "1 000,5", "1'000.50", "1 000 x", " 7 ", "1e", "e5", ".", "1.2.3,4",
    ]
    private static let formats = [
        "%d", "%5.2f", "%s", "%q", "%x", "%c", "%i", "%u", "%a", "%g", "%-20s|", "%+d", "%05d", "%.3s", "%%", "%",
        "%10.4s %s %s", "%p", "%099d", "%.99f", "%#x", "%y", "% d", "%1$s",
    ]
    private static let packings = [
        "i4", ">I8", "z", "s1", "<d", "i16", "!8 b i8", "xXi4", "B", "f", "s", "j", "i0", "r",
    ]
    private static let durations = [
        "'10ms'", "0", "0.001", "'1s'", "'5m'", "'1h30m'", "'-1s'", "'x'", "1e300", "'1m1m'", "'0.5ms'",
    ]
    private static let files = [
        "'a.csv'", "'b.csv'", "'c.txt'", "'none'", "'m.lua'", "'/etc/hostname'", "'/proc/self/maps'", "'.'",
    ]
    private static let reads = ["'a'", "'l'", "'L'", "'n'", "3", "0", "'*a'", "'x'", "'n', 'l'"]
    private static let replacements = [
        "'%0'", "'%1-%2'", "'%%'", "'%'", "'[%1]'", "''", "{ a = 'x', x = 1 }", "v", "string.upper",
    ]
    private static let escapes = [
        "\\n", "\\u00e9", "\\ud83d\\ude00", "\\ud800", "\\/", "\\\"", "\\x", "\\u12", "ä", "\t",
    ]

    /// A call of a library that might well succeed.
    mutating func library(depth: Int) -> String {
        var text = ""
        var rest = Substring(random.pick(Self.calls))
        while let open = rest.firstIndex(of: "{") {
            text += rest[..<open]
            rest = rest[rest.index(after: open)...]
            guard rest.dropFirst().first == "}", let name = rest.first else {
                text += "{"
                continue
            }
            text += random.oneIn(12) ? leaf() : hole(name, depth: depth + 1)
            rest = rest.dropFirst(2)
        }
        return text + rest
    }

    private mutating func hole(_ name: Character, depth: Int) -> String {
        switch name {
        case "A": "\"\(random.pick(Self.amounts))\""
        case "b": random.oneIn(2) ? text() : "'a\\xc3\\xa4\\xe2\\x82\\xac\\xf0\\x9f\\x98\\x80z'"
        case "c": random.pick(["','", "'.'", "';'", "'\\t'", "'comma'"])
        case "d": random.pick(Self.durations)
        case "e": random.oneIn(3) ? number() : "\"\(random.pick(Self.amounts))\""
        case "f": function(depth: depth)
        case "F": random.pick(Self.files)
        case "g": "'\((0...random.below(3)).map { _ in random.pick(Self.formats) }.joined(separator: " "))'"
        case "i":
            random.oneIn(3)
                ? random.pick(["-1", "0", "math.maxinteger", "math.mininteger", "1e15"]) : "\(random.below(12) - 2)"
        case "j": Self.quoted(Array(json(depth: 0).utf8))
        case "k": "'\((0...random.below(3)).map { _ in random.pick(Self.packings) }.joined())'"
        case "l": list()
        case "m": "paylink.usd('\(random.pick(["0", "1.50", "0.000001", "9000000000", "12.34"]))')"
        case "n": number()
        case "o": "'\(random.pick(["r", "w", "a", "r+", "w+", "a+", "rb", "q"]))'"
        case "p":
            random.oneIn(3)
                ? pattern()
                : random.pick([
                    "'%a+'", "'(%w+)%s*=%s*(%w+)'", "'[^,]*'", "'%f[%w]%w+'", "'%b()'", "'.-x'", "'^%s*(.-)%s*$'",
                    "'[%a_-][%w]*'", "'(a*(.)%w(%s*))'", "'%d?%d$'", "'()ab()'", "'(.)%1'", "'[]a]'", "'[^]]+'",
                    "'%u%l%p%c%x%g'",
                ])
        case "q":
            random.pick([
                "'\\x80'", "'\\xC3'", "'\\xED\\xA0\\x80'", "'\\xF4\\x90\\x80\\x80'", "'\\xE2\\x82\\xAC'", "'\\1'",
                "'\\x7F'",
            ])
        case "y":
            random.pick(["1,500", "1.500", "12.345", "123,456", "-1.500", "0.500", "1234.567", "1 000.5", "1 000,5"])
        case "r": random.oneIn(3) ? function(depth: depth) : random.pick(Self.replacements)
        case "s":
            random.oneIn(3)
                ? text()
                : random.pick([
                    "'x'", "'abc'", "'set'", "'no'", "'paid'", "'b'", "'%Y-%m-%d'", "'!*t'", "'m'", "'collect'",
                ])
        case "S":
            random.pick([
                "'hello world = 12, (a(b)c) foo_bar'", "'aabb  x=1'", "('ab '):rep(50)", "'[x]-]^'", "'A1 b2\\0c3\\n'",
                text(),
            ])
        case "t": random.oneIn(2) ? table(depth: depth) : list()
        case "x": random.pick(Self.reads)
        default: value(depth: depth)
        }
    }

    private mutating func number() -> String {
        random.pick([
            "0", "1", "-1", "12.5", "0.1", "1e15", "2^53", "1e308", "-0.0", "0/0", "math.huge", "4294967296.25", "1e-7",
            "255", "1/3", "123456789012345678", "5e-324", "2^63", "1e21", "0.3 - 0.2",
        ])
    }

    private mutating func list() -> String {
        "{ \((0..<random.below(8)).map { _ in random.oneIn(2) ? number() : random.pick(["'a'", "'b'", "'c'", "'=x'", "'@tag'", "''", "'a'"]) }.joined(separator: ", ")) }"
    }

    /// JSON, a few bytes of it spoiled at times.
    private mutating func json(depth: Int) -> String {
        if depth == 0, random.oneIn(30) {
            return String(repeating: random.pick(["[", "{\"a\":"]), count: random.below(400))
        }
        var text: String
        switch random.below(depth > 4 ? 5 : 8) {
        case 0: text = random.pick(["null", "true", "false", "nul", "\u{feff}1"])
        case 1:
            text = random.pick([
                "0", "-0", "12", "1.5", "-1e3", "1E+2", "01", "1.", "-", "9223372036854775807", "9223372036854775808",
                "1e400", "0.1e-400", "123456789.123456789e5", "+1", "1e22", "9007199254740993.0",
                "12345678901234567890.5", "1.2345678901234567890e25", "10000000000000000000000e-2",
                "1e99999999999999999999",
            ])
        case 2...4:
            text =
                "\"" + (0..<random.below(6)).map { _ in random.oneIn(2) ? random.pick(Self.escapes) : "ab" }.joined()
                + "\""
        case 5, 6:
            let space = random.pick(["", " ", "\n  "])
            text = "[" + (0..<random.below(5)).map { _ in space + json(depth: depth + 1) }.joined(separator: ",") + "]"
        default:
            let members = (0..<random.below(5)).map { "\"k\($0 % 3)\" : \(json(depth: depth + 1))" }
            text = "{" + members.joined(separator: ", ") + "}"
        }
        guard random.oneIn(25), !text.isEmpty else { return text }
        text.remove(at: text.index(text.startIndex, offsetBy: random.below(text.count)))
        return text
    }
}
