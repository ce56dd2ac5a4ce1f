// paylink-simulate: runs worlds by their seeds, tells what did not hold, and shrinks it to what matters.

import Foundation
import Seeded

@main
enum Simulate {
    private struct Options {
        var first: UInt64 = 1
        var count: UInt64 = 1
        var showsTrace = false
        var without: Set<Int> = []
        /// Runs each twice, and compares.
        var verifies = false
        /// Ends at the first violation.
        var stops = false
        var shrinks = true
    }

    private static let usage = """
        usage: paylink-simulate [--first SEED] [--seeds N] [--seed SEED [--trace] [--without N,N…]]
          --first SEED     where to begin (1)
          --seeds N        how many worlds (1)
          --seed SEED      this one alone
          --trace          show what happened in it
          --without N,N…   leave these of its troubles out
          --verify         run each world twice: both must be the same
          --stop           end at the first violation
          --no-shrink      do not look for the troubles that matter
        """

    static func main() {
        // Dictionaries in the same order each time, so that a seed is replayed exactly.
        if getenv("SWIFT_DETERMINISTIC_HASHING") == nil {
            setenv("SWIFT_DETERMINISTIC_HASHING", "1", 1)
            let arguments = CommandLine.arguments.map { strdup($0) } + [nil]
            execv("/proc/self/exe", arguments)
        }
        do throws(CommandWords.Refusal) {
            exit(run(try options()))
        } catch {
            Output.complain("\(error.message)\n\(usage)")
            exit(64)
        }
    }

    private static func options() throws(CommandWords.Refusal) -> Options {
        var options = Options()
        var words = CommandWords(CommandLine.arguments.dropFirst())
        while let name = try words.name() {
            switch name {
            case "--first": options.first = try words.number(of: name)
            case "--seeds": options.count = try words.number(of: name)
            case "--seed":
                options.first = try words.number(of: name)
                options.count = 1
            case "--trace": options.showsTrace = true
            case "--without":
                let numbers = try words.value(of: name).split(separator: ",").map { Int($0) }
                guard !numbers.contains(nil) else { throw CommandWords.Refusal("--without wants numbers, as 1,4") }
                options.without = Set(numbers.compactMap { $0 })
            case "--verify": options.verifies = true
            case "--stop": options.stops = true
            case "--no-shrink": options.shrinks = false
            case "-h", "--help":
                Output.say(usage)
                exit(0)
            default: throw CommandWords.Refusal("there is no option \(name)")
            }
        }
        return options
    }

    private static func run(_ options: Options) -> Int32 {
        var figures = Figures()
        var failed = 0
        for seed in options.first..<(options.first + options.count) {
            let result = world(seed, without: options.without, tracing: options.showsTrace || options.verifies)
            figures.add(result.figures)
            if options.showsTrace { for line in result.trace { Output.say(line) } }
            if options.verifies {
                let again = world(seed, without: options.without, tracing: true)
                if let place = zip(result.trace, again.trace).first(where: { $0 != $1 }) {
                    failed += 1
                    Output.complain("seed \(seed) is not the same twice: \(place.0) / \(place.1)")
                }
            }
            guard let violation = result.violations.first else { continue }
            failed += 1
            tell(seed, violation, options)
            if options.stops { break }
        }
        report(figures, failed)
        return failed == 0 ? 0 : 1
    }

    static func world(_ seed: UInt64, without: Set<Int>, tracing: Bool) -> Outcome {
        do {
            let world = try World(Plan(seed: seed), without: without, tracing: tracing)
            let violations = world.run()
            return Outcome(violations: violations, figures: world.figures, trace: world.trace.lines)
        } catch {
            let violation = Violation(kind: "no world", message: "there is no world: \(error)")
            return Outcome(violations: [violation], figures: Figures(), trace: [])
        }
    }

    struct Outcome {
        var violations: [Violation]
        var figures: Figures
        var trace: [String]
    }

    private static func tell(_ seed: UInt64, _ violation: Violation, _ options: Options) {
        Output.say("seed \(seed): \(violation.message)")
        guard options.shrinks, !options.showsTrace else { return }
        let without = Shrinker(seed: seed, kind: violation.kind).shrink(from: options.without)
        for trouble in Plan(seed: seed).troubles where !without.contains(trouble.number) {
            Output.say("  trouble \(trouble)")
        }
        let list = without.sorted().map(String.init).joined(separator: ",")
        Output.say(
            "  scripts/simulate --seed \(seed) --trace" + (without.isEmpty ? "" : " --without \(list)"))
    }

    private static func report(_ figures: Figures, _ failed: Int) {
        let years = figures.seconds / (365.25 * 86_400)
        Output.say(
            "worlds \(figures.worlds) violated \(failed) steps \(figures.steps) requests \(figures.requests) "
                + "links \(figures.links) years \((years * 1_000).rounded() / 1_000)")
        for (name, count) in figures.faults.sorted(by: { $0.key < $1.key }) { Output.say("fault \(count) \(name)") }
    }
}
