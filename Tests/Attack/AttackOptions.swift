// The command line of paylink-attack.

internal import Seeded

/// What is asked for.
struct AttackOptions {
    static let usage = """
        usage: scripts/attack [--asan|--release] [--seed N] [--minutes M | --runs N] [--jobs N] [--isolation process|half|none]
               scripts/attack --show SEED:INDEX

          --seed N         what the scripts follow from (default 1); the same seed makes the same scripts
          --minutes M      stop after so many minutes (default 10)
          --runs N         stop after so many scripts
          --jobs N         scripts that run at once (default: one for each processor)
          --isolation W    passed on to `paylink run`
          --program FILE   the paylink to attack (default: the one beside this program)
          --only S:I       run script I of seed S alone
          --show S:I       print script I of seed S, and the options that it runs with
          --asan           build with AddressSanitizer; its memory is not held against the limit
          --half-wall      where there is no system call filter (a build with a sanitizer): untrusted scripts run without
          --ignore-memory  do not hold resident memory against a script's limit
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
    /// No system call filter can be had.
    var isHalfWalled = false
    /// Memory says nothing about the script: a sanitizer's own is counted with it.
    var ignoresMemory = false
    var showsHelp = false

    init(_ arguments: some Sequence<String>) throws(Refusal) {
        var words = CommandWords(arguments)
        while let name = try words.name() {
            switch name {
            case "-h", "--help": showsHelp = true
            case "--ignore-memory": ignoresMemory = true
            case "--half-wall": isHalfWalled = true
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
