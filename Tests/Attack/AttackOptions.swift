// The command line of paylink-attack.

internal import Seeded

/// What is asked for.
struct AttackOptions {
    static let usage = """
        usage: scripts/attack [--asan|--release|--coverage] [--seed N] [--minutes M | --runs N] [--jobs N] [--isolation process|half|none]
               scripts/attack --show SEED:INDEX

          --seed N         what the scripts follow from (default 1); the same seed makes the same scripts
          --minutes M      stop after so many minutes (default 10)
          --runs N         stop after so many scripts
          --jobs N         scripts that run at once (default: one for each processor)
          --isolation W    passed on to `paylink run`
          --program FILE   the paylink to attack (default: the one beside this program)
          --only S:I       run script I of seed S alone
          --show S:I       print script I of seed S, and the options that it runs with
          --sanitized      the build has a sanitizer (--asan sets this): there is no system call filter, and memory and
                           time are its own as much as the script's
        """

    typealias Refusal = CommandWords.Refusal
    typealias Place = CommandWords.Place

    var seed: UInt64 = 1
    var minutes: UInt64?
    var runs: UInt64?
    var jobs: Int?
    var isolation: String?
    var program: String?
    var only: Place?
    var show: Place?
    /// A sanitizer lives behind no system call filter, and its memory and time are counted with the script's.
    var isSanitized = false
    var showsHelp = false

    init(_ arguments: some Sequence<String>) throws(Refusal) {
        var words = CommandWords(arguments)
        while let name = try words.name() {
            switch name {
            case "-h", "--help": showsHelp = true
            case "--sanitized": isSanitized = true
            case "--seed": seed = try words.number(of: name)
            case "--minutes": minutes = try words.number(of: name)
            case "--runs": runs = try words.number(of: name)
            case "--jobs": jobs = Int(clamping: try words.number(of: name))
            case "--isolation": isolation = try words.value(of: name)
            case "--program": program = try words.value(of: name)
            case "--only": only = try words.place(of: name)
            case "--show": show = try words.place(of: name)
            default: throw Refusal("unknown option \(name)")
            }
        }
    }
}
