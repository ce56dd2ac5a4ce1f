// What the driver asks of a target: make an input, run it, say what is wrong.

import Chance

/// One thing that reads bytes from outside. A value lives for a batch of executions.
protocol FuzzTarget {
    static var name: String { get }
    init()
    /// Makes an input from chance alone, so that it can be made again.
    func input(_ random: inout SplitMix) -> [UInt8]
    /// Runs one input.
    /// - Throws: ``FuzzFailure`` if a promise was broken. A fault in memory ends the process instead.
    mutating func run(_ input: [UInt8], _ tally: inout Tally) throws
}

/// A promise that was broken, without a crash.
struct FuzzFailure: Error, CustomStringConvertible {
    let description: String
}

/// Ends an execution unless the promise holds.
func expect(_ holds: Bool, _ promise: @autoclosure () -> String) throws {
    if !holds { throw FuzzFailure(description: promise()) }
}

/// How inputs fared, which shows how deep they came.
struct Tally {
    private(set) var executions = 0
    private(set) var accepted = 0
    private(set) var refused: [String: Int] = [:]
    /// What else was exercised, such as values read back.
    private(set) var checked: [String: Int] = [:]

    mutating func execute() { executions += 1 }
    mutating func accept() { accepted += 1 }
    mutating func refuse(_ reason: String) { refused[reason, default: 0] += 1 }
    mutating func check(_ what: String) { checked[what, default: 0] += 1 }
}

extension Tally: CustomStringConvertible {
    var description: String {
        let refusals = refused.values.reduce(0, +)
        var lines = ["accepted \(accepted), refused \(refusals)"]
        if !refused.isEmpty { lines.append("refused: " + Self.list(refused)) }
        if !checked.isEmpty { lines.append("checked: " + Self.list(checked)) }
        return lines.map { "  \($0)" }.joined(separator: "\n")
    }

    private static func list(_ counts: [String: Int]) -> String {
        counts.sorted { ($0.value, $1.key) > ($1.value, $0.key) }.map { "\($0.key) \($0.value)" }
            .joined(separator: ", ")
    }
}
