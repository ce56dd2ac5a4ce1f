// What happened, in words, for whoever reads a seed that failed.

import NIOCore
import Simulation

/// The events of one world. Unless it is kept, nothing is written and nothing is spent.
final class Trace {
    private let time: SimulatedTime
    let isKept: Bool
    private(set) var lines: [String] = []

    init(_ time: SimulatedTime, isKept: Bool) {
        self.time = time
        self.isKept = isKept
    }

    func note(_ text: @autoclosure () -> String) {
        guard isKept else { return }
        let milliseconds = time.elapsed.nanoseconds / 1_000_000
        let fraction = String(milliseconds % 1_000)
        let padding = String(repeating: "0", count: 3 - fraction.count)
        lines.append("[\(milliseconds / 1_000).\(padding)\(fraction)] \(text())")
    }
}

/// What was run.
struct Figures {
    var worlds = 0
    var steps = 0
    var seconds = 0.0
    var requests = 0
    var links = 0
    var faults: [String: Int] = [:]

    mutating func add(_ other: Figures) {
        worlds += 1
        steps += other.steps
        seconds += other.seconds
        requests += other.requests
        links += other.links
        faults.merge(other.faults, uniquingKeysWith: +)
    }
}
