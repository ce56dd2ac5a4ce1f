// A grammar of scripts, weighted towards what a host finds hard: every function that a script can reach, called with
// anything; metatables, coroutines, tasks and handlers within each other; sizes near the limits.
// Whatever it finds, it finds by chance: no script and no fragment that is known to do harm stands here.

import Chance

/// Makes the text of one script.
struct ScriptGrammar {
    var random: SplitMix
    /// How much the script may use, in bytes: sizes are chosen around it.
    let memory: Int
    /// How many more pieces the script may have.
    private var budget: Int
    private var functionDepth = 0
    private var loopDepth = 0

    init(_ random: SplitMix, memory: Int) {
        self.random = random
        self.memory = memory
        budget = 0
        budget = self.random.pick([20, 60, 150, 400])
    }

    /// Collects what can be reached, so that no list of functions grows old; os.exit would end what is to go on.
    private static let prologue = """
        local v, F = {}, {}
        do
          for _, name in ipairs{ "paylink", "task", "json", "csv", "log", "mail", "http", "program", "secret", "run" } do
            pcall(function() return _G[name] end)
          end
          local seen, names, found = {}, {}, {}
          local function walk(module, prefix, depth)
            if seen[module] or depth > 3 then return end
            seen[module] = true
            for key, value in next, module do
              local name = prefix .. tostring(key)
              if type(value) == "function" and name ~= "os.exit" then
                names[#names + 1], found[name] = name, value
              elseif type(value) == "table" then
                walk(value, name .. ".", depth + 1)
              end
            end
          end
          walk(_G, "", 0)
          table.sort(names)
          for i, name in ipairs(names) do F[i] = found[name] end
        end
        local pcall, xpcall, error, setmetatable, select, load = pcall, xpcall, error, setmetatable, select, load
        local function any(n, ...) return F[n % #F + 1](...) end

        """

    mutating func script() -> String {
        var text = Self.prologue
        for slot in 1...6 { text += guarded("v[\(slot)] = \(value(depth: 2))\n") }
        while budget > 0 { text += random.oneIn(100) ? statement(depth: 0) : guarded(statement(depth: 0)) }
        return text + last()
    }

    /// How the script ends by itself.
    private mutating func last() -> String {
        switch random.below(6) {
        case 0: "return \(value(depth: 1))\n"
        case 1: "error(\(table(depth: 0)))\n"
        case 2:
            "local t = {} for i = 1, \(random.below(50)) do t['k' .. i] = ('x\u{e9}'):rep(i * 3) end error(t, \(random.below(3)))\n"
        case 3: "os.exit(\(random.pick(["true", "false", "0", "1", "nil"])), \(leaf()))\n"
        default: statement(depth: 0)
        }
    }

    private func guarded(_ text: String) -> String { "pcall(function(...)\n\(text)end, v[1], v[2])\n" }

    // MARK: Blocks and functions

    mutating func block(depth: Int) -> String {
        var text = ""
        for _ in 0...random.below(3) { text += statement(depth: depth + 1) }
        return text
    }

    mutating func function(depth: Int) -> String {
        functionDepth += 1
        let loops = loopDepth
        loopDepth = 0
        defer { (functionDepth, loopDepth) = (functionDepth - 1, loops) }
        let parameters = random.pick(["", "a", "a, b", "a, b, ...", "..."])
        let given = parameters.hasSuffix("...") ? "" : "local _ = nil "
        return "(function(\(parameters)) \(given)\n\(block(depth: depth))\(ending(depth: depth))end)"
    }

    /// The end of a function: what it gives, raises, waits for or calls.
    private mutating func ending(depth: Int) -> String {
        switch random.below(8) {
        case 0: "error(\(value(depth: depth + 1)), \(random.below(4)))\n"
        case 1: "return coroutine.yield(\(values(depth: depth + 1)))\n"
        case 2: "return \(call(depth: depth + 1))\n"
        case 3: ""
        default: "return \(values(depth: depth + 1))\n"
        }
    }

    // MARK: Statements

    mutating func statement(depth: Int) -> String {
        budget -= 1
        guard depth < 5, budget > -200 else { return "v[\(slot)] = \(leaf())\n" }
        switch random.below(31) {
        case 0...2: return "v[\(slot)] = \(value(depth: depth))\n"
        case 3: return "local a, b <const> = \(values(depth: depth)), \(leaf()) v[\(slot)] = a\n"
        case 4: return closing(depth: depth)
        case 5: return numericLoop(depth: depth)
        case 6: return genericLoop(depth: depth)
        case 7: return countedLoop(depth: depth)
        case 8:
            return "if \(value(depth: depth + 1)) then\n\(block(depth: depth))else\n\(block(depth: depth))end\n"
        case 9: return "pcall(\(callee(depth: depth)), \(values(depth: depth)))\n"
        case 10: return "v[\(slot)] = select(2, pcall(\(callee(depth: depth)), \(values(depth: depth))))\n"
        case 11: return "xpcall(\(function(depth: depth)), \(callee(depth: depth)), \(values(depth: depth)))\n"
        case 12: return coroutines(depth: depth)
        case 13: return tasks(depth: depth)
        case 14: return "pcall(setmetatable, v[\(slot)], \(metatable(depth: depth)))\n"
        case 15: return "pcall(function() v[\(slot)][\(value(depth: depth + 1))] = \(value(depth: depth + 1)) end)\n"
        case 16: return loading(depth: depth)
        case 17: return recursion(depth: depth)
        case 18: return "pcall(collectgarbage, \(random.pick(Self.collections)))\n"
        case 19: return sizes(depth: depth)
        case 20: return patterns(depth: depth)
        case 22...29:
            return (0...random.below(4)).map { _ in
                "v[\(slot)] = select(2, pcall(function(...) return \(library(depth: depth)) end))\n"
            }.joined()
        case 21: return "pcall(table.\(random.pick(Self.tableFunctions)), v[\(slot)], \(values(depth: depth)))\n"
        default:
            guard loopDepth > 0, random.oneIn(2) else {
                return
                    "pcall(\(random.pick(["print", "log.error", "log.warn", "io.write"])), \(values(depth: depth)))\n"
            }
            return random.pick(["if v[1] then break end\n", "do break end\n"])
        }
    }

    private static let collections = [
        "nil", "'collect'", "'step', 1", "'step', 0", "'count'", "'stop'", "'restart'", "'generational'",
        "'incremental', 1, 1",
        "'isrunning'", "v[1]",
    ]
    private static let tableFunctions = ["sort", "concat", "insert", "remove", "move", "unpack", "pack"]

    private mutating func closing(depth: Int) -> String {
        let handler = random.oneIn(4) ? leaf() : function(depth: depth + 1)
        return "do local c <close> = setmetatable({}, { __close = \(handler) })\n\(block(depth: depth))end\n"
    }

    private mutating func numericLoop(depth: Int) -> String {
        let (from, to, step) = random.oneIn(5) ? (leaf(), leaf(), leaf()) : ("1", "\(random.below(40))", "1")
        return "for i = \(from), \(to), \(step) do\n\(loop(depth: depth))if i == 99 then break end\nend\n"
    }

    private mutating func genericLoop(depth: Int) -> String {
        let iterator = random.pick([
            "pairs(v[\(slot)])", "ipairs(v[\(slot)])", "string.gmatch(\(text()), \(pattern()))", "next, v[\(slot)]",
            "\(callee(depth: depth + 1)), v[\(slot)], v[\(slot)], v[\(slot)]", call(depth: depth + 1),
            "coroutine.wrap(\(function(depth: depth + 1)))", "utf8.codes(\(text()))",
        ])
        return
            "do local n = 0 for a, b in \(iterator) do n = n + 1 if n > 50 then break end\n\(loop(depth: depth))end end\n"
    }

    private mutating func countedLoop(depth: Int) -> String {
        let most = random.oneIn(40) ? 1_000_000_000 : random.pick([3, 10, 100, 1_000])
        return "do local n = 0 repeat n = n + 1\n\(loop(depth: depth))until n >= \(most) end\n"
    }

    private mutating func loop(depth: Int) -> String {
        loopDepth += 1
        defer { loopDepth -= 1 }
        return block(depth: depth)
    }

    private mutating func coroutines(depth: Int) -> String {
        switch random.below(6) {
        case 0: "v[\(slot)] = coroutine.\(random.pick(["create", "wrap"]))(\(function(depth: depth)))\n"
        case 1, 2: "pcall(coroutine.resume, v[\(slot)], \(values(depth: depth)))\n"
        case 3: "pcall(coroutine.close, v[\(slot)])\n"
        case 4: "pcall(v[\(slot)], \(values(depth: depth)))\n"
        default: "pcall(coroutine.yield, \(values(depth: depth)))\n"
        }
    }

    private mutating func tasks(depth: Int) -> String {
        switch random.below(6) {
        case 0, 1: "v[\(slot)] = select(2, pcall(task.spawn, \(function(depth: depth)), \(values(depth: depth))))\n"
        case 2: "pcall(task.map, v[\(slot)], { concurrency = \(random.below(5)) }, \(function(depth: depth)))\n"
        case 3: "pcall(sleep, \(random.pick(["0", "0.001", "'1ms'", leaf()])))\n"
        case 4:
            "pcall(function() v[\(slot)]:\(random.pick(["join", "cancel", "close", "wait", "refresh"]))(\(leaf())) end)\n"
        default: "pcall(paylink.create, { amount = \(leaf()), description = \(text()), key = \(text()) })\n"
        }
    }

    private mutating func loading(depth: Int) -> String {
        var source = random.oneIn(2) ? "return \(value(depth: depth + 2))" : block(depth: depth + 1)
        if random.oneIn(3) { source = String(source.prefix(random.below(source.count + 1))) + noise() }
        let mode = random.pick(["'t'", "'bt'", "'b'", "nil"])
        let given = random.oneIn(3) ? "(function() return \(text()) end)" : Self.quoted(Array(source.utf8))
        return
            "do local f = select(2, pcall(load, \(given), \(text()), \(mode), \(random.pick(["_ENV", "v", "nil, nil"]))))\n"
            + "pcall(f, \(values(depth: depth))) end\n"
    }

    private mutating func recursion(depth: Int) -> String {
        let again = random.pick([
            "return r(n + 1, ...)", "return (r(n + 1, ...))", "return pcall(r, n + 1, ...)",
            "return select(2, xpcall(r, r, n + 1))",
            "return setmetatable({}, { __index = r, __call = r })(n + 1)",
            "return tostring(setmetatable({}, { __tostring = r }))",
            "return coroutine.wrap(r)(n + 1, ...)",
            "local c <close> = setmetatable({}, { __close = r }) return r(n + 1)",
            "return string.gsub('x', '.', r)", "table.sort({ 1, 2, 3 }, r)",
        ])
        let most = random.pick(["50", "190", "210", "5000", "1e9"])
        return
            "do local function r(n, ...) if type(n) == 'number' and n > \(most) then \(statement(depth: depth + 2)) return n end\n"
            + "\(again) end pcall(r, 1, \(leaf())) end\n"
    }

    /// Sizes around what the script may have.
    private mutating func sizes(depth: Int) -> String {
        let size = memory / random.pick([1, 2, 3, 4, 8, 64, 1_000]) + random.below(64) - 32
        switch random.below(6) {
        case 0: return "v[\(slot)] = select(2, pcall(string.rep, \(text()), \(size)))\n"
        case 1: return "v[\(slot)] = select(2, pcall(string.rep, 'x', \(size), \(text())))\n"
        case 2: return "pcall(function() v[\(slot)] = v[\(slot)] .. v[\(slot)] .. \(text()) end)\n"
        case 3: return "pcall(function() local t = {} for i = 1, \(size / 16) do t[i] = i end v[\(slot)] = t end)\n"
        case 4:
            return
                "v[\(slot)] = select(2, pcall(string.format, '%\(random.below(120)).\(random.below(120))\(random.pick(["s", "d", "f", "g", "q", "x", "a"]))', v[\(slot)]))\n"
        default: return "v[\(slot)] = select(2, pcall(table.concat, v[\(slot)], \(text())))\n"
        }
    }

    private mutating func patterns(depth: Int) -> String {
        let subject = random.oneIn(3) ? "v[\(slot)]" : "(\(text())):rep(\(random.below(2_000)))"
        switch random.below(3) {
        case 0:
            return "pcall(string.\(random.pick(["find", "match", "gmatch"])), \(subject), \(pattern()), \(leaf()))\n"
        case 1:
            return
                "pcall(string.gsub, \(subject), \(pattern()), \(random.pick([text(), "v", function(depth: depth)])))\n"
        default: return "pcall(function() for a, b in (\(text())):gmatch(\(pattern())) do v[\(slot)] = a end end)\n"
        }
    }
}
