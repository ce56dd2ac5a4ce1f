// paylink-attack: runs hostile scripts, made by chance from a grammar, and holds the host to what it promises.
// See scripts/attack --help.

import Glibc
import Seeded

@main
struct Attack {
    static func main() {
        do {
            let options = try AttackOptions(CommandLine.arguments.dropFirst())
            if options.showsHelp { return Output.say(AttackOptions.usage) }
            if let (seed, index) = options.show {
                let plan = AttackPlan(seed: seed, index: index, options)
                Output.say("-- paylink \(plan.words("this-file").joined(separator: " "))\n" + plan.script)
                return
            }
            exit(try Campaign(options: options).run() ? 0 : 1)
        } catch let refusal as AttackOptions.Refusal {
            Output.complain("\(refusal.message)\n\(AttackOptions.usage)")
            exit(64)
        } catch {
            Output.complain("\(error)")
            exit(70)
        }
    }
}
