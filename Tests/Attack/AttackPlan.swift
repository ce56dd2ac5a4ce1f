// One script and the limits that it runs with: all of it follows from the seed and a number.

import Chance

/// One execution to come.
struct AttackPlan {
    let seed: UInt64
    let index: UInt64
    let script: String
    /// MiB.
    let memory: Int
    /// Milliseconds.
    let busy: Int
    let timeout: Int
    let isUntrusted: Bool
    private let isolation: String?

    init(seed: UInt64, index: UInt64, _ options: AttackOptions) {
        var random = SplitMix(seed: seed, target: "attack", index: index)
        self.seed = seed
        self.index = index
        memory = random.pick([2, 4, 8, 8, 16, 32, 64])
        busy = random.pick([50, 100, 200, 500, 1_000])
        timeout = random.pick([300, 1_000, 2_000, 3_000])
        isUntrusted = random.oneIn(2)
        isolation = Self.isolation(isUntrusted, options)
        var grammar = ScriptGrammar(random, memory: memory << 20)
        script = grammar.script()
    }

    /// What `--show` and `--only` know it by.
    var place: String { "\(seed):\(index)" }

    /// A script that does nothing.
    static func bare(isUntrusted: Bool, _ options: AttackOptions) -> AttackPlan {
        AttackPlan(isUntrusted: isUntrusted, options)
    }

    private init(isUntrusted: Bool, _ options: AttackOptions) {
        (seed, index, script) = (0, 0, "")
        (memory, busy, timeout) = (64, 30_000, 30_000)
        self.isUntrusted = isUntrusted
        isolation = Self.isolation(isUntrusted, options)
    }

    private static func isolation(_ isUntrusted: Bool, _ options: AttackOptions) -> String? {
        options.isolation ?? (isUntrusted && options.isSanitized ? "half" : nil)
    }

    /// The command line behind `paylink`.
    func words(_ path: String) -> [String] {
        var words = [
            "run", "--memory", "\(memory)M", "--max-busy", "\(busy)ms", "--timeout", "\(timeout)ms",
            "--max-links", "20", "--log-level", "error",
        ]
        words += isUntrusted ? ["--untrusted"] : ["--sandbox", "--pay-after", "20ms"]
        if let isolation { words += ["--isolation", isolation] }
        return words + [path, "argument", "-1"]
    }
}
