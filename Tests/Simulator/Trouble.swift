// What can go wrong in a simulated world, each a value of its own: the shrinker takes away those that do not matter.

import Chance
import Ledger

/// One thing that goes wrong. Times are seconds since the beginning.
struct Trouble: CustomStringConvertible {
    /// What happens to requests in a spell of bad weather.
    enum Weather: String, CaseIterable {
        case unreachable, lost, replyLost = "reply lost", cut, spoilt, slow
        case serverError = "500", overruled = "made, and 502", badRequest = "400", limited = "429", tooEarly = "425"
        case unavailable = "503 with Retry-After", unauthorized = "401", forbidden = "403", timeout408 = "408"
    }

    enum Kind {
        /// A process ends before this step of the life it is in at that moment, counted from then on.
        case kill(process: Int, at: Double, steps: Int)
        /// This share of the requests.
        case weather(Weather, from: Double, to: Double, share: Double)
        /// Every access token is revoked.
        case tokens(at: Double)
        /// A process's wall clock is set.
        case clock(process: Int, at: Double, by: Double)
        /// This share of a process's commits fails; `applied`: although it is there afterwards.
        case ledger(process: Int, LedgerError.Code, applied: Bool, from: Double, to: Double, share: Double)
        /// A process is out of touch with the ledger's server, and goes on: others take its run for dead.
        case takenForDead(process: Int, at: Double)
        case slowDisk(process: Int, from: Double, to: Double, by: Double)
        /// A person settles what is in doubt at that moment, some of it.
        case decision(at: Double)
        /// A link is archived.
        case archive(at: Double)
    }

    let number: Int
    let kind: Kind

    /// One word, for the figures.
    var name: String {
        switch kind {
        case .kill: "kill"
        case .weather(let weather, _, _, _): weather.rawValue
        case .tokens: "tokens revoked"
        case .clock: "clock set"
        case .ledger(_, let code, let applied, _, _, _): "\(code.rawValue)\(applied ? ", and there" : "")"
        case .takenForDead: "taken for dead"
        case .slowDisk: "slow disk"
        case .decision: "decision"
        case .archive: "archived"
        }
    }

    var description: String {
        func span(_ from: Double, _ to: Double) -> String { "from \(seconds(from)) to \(seconds(to))" }
        let what =
            switch kind {
            case .kill(let process, let at, let steps):
                "process \(process) is killed \(steps) steps after \(seconds(at))"
            case .weather(_, let from, let to, let share):
                "\(name) \(span(from, to)), \(percent(share)) of the requests"
            case .takenForDead(let process, let at): "process \(process) is taken for dead at \(seconds(at))"
            case .tokens(let at), .decision(let at), .archive(let at): "\(name) at \(seconds(at))"
            case .clock(let process, let at, let by): "clock of \(process) set by \(seconds(by)) at \(seconds(at))"
            case .ledger(let process, _, _, let from, let to, let share):
                "\(name) in process \(process) \(span(from, to)), \(percent(share)) of the commits"
            case .slowDisk(let process, let from, let to, let by):
                "disk of process \(process) slower by \(seconds(by)) \(span(from, to))"
            }
        return "\(number): \(what)"
    }

    private func seconds(_ value: Double) -> String { "\((value * 1_000).rounded() / 1_000) s" }
    private func percent(_ value: Double) -> String { "\(Int((value * 100).rounded())) %" }
}

extension Trouble {
    /// What only a ledger on a server meets: its hosts may be out of touch with it, and go on all the same.
    static func ofServer(
        after number: Int, processes: Int, length: Double, _ random: inout SplitMix
    ) -> [Trouble] {
        (0..<(1 + random.below(8))).map { index in
            let at = random.chance(0.6) ? random.spread(0.01, length) : random.between(0, length)
            return Trouble(
                number: number + index, kind: .takenForDead(process: random.below(processes), at: at))
        }
    }

    /// - Parameter length: how long things go wrong.
    static func drawn(_ number: Int, processes: Int, length: Double, _ random: inout SplitMix) -> Trouble {
        let at = random.chance(0.4) ? random.spread(0.01, length) : random.between(0, length)
        let to = min(length, at + random.spread(0.05, length))
        let share = random.chance(0.4) ? 1 : random.between(0.05, 1)
        let process = random.below(processes)
        let kind: Kind
        switch random.below(20) {
        case 0...5: kind = .kill(process: process, at: at, steps: 1 + Int(random.spread(1, 200)))
        case 6...12: kind = .weather(random.pick(Weather.allCases), from: at, to: to, share: share)
        case 13: kind = .tokens(at: at)
        case 14: kind = .clock(process: process, at: at, by: random.between(-1, 1) * random.spread(1, 7_200))
        case 15, 16:
            let code = random.pick([LedgerError.Code.busy, .full, .failed])
            let applied = code != .busy && random.chance(0.4)
            kind = .ledger(
                process: process, code, applied: applied, from: at, to: min(to, at + 120), share: share)
        case 17: kind = .slowDisk(process: process, from: at, to: to, by: random.spread(0.01, 20))
        case 18: kind = random.chance(0.7) ? .decision(at: at) : .archive(at: at)
        default: kind = .decision(at: at)
        }
        return Trouble(number: number, kind: kind)
    }
}
