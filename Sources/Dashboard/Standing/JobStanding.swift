// Batches and jobs, as they are recorded, and the schedules that the crontab has.

import Dispatch
import Ledger

/// How a slot of a job went.
enum JobMark: String, Sendable, Hashable, CaseIterable {
    case ran, failed, missed, skipped, interrupted, running

    init(_ record: JobRecord) {
        self =
            switch record.outcome {
            case .running: .running
            case .ran: record.exitStatus == 0 ? .ran : .failed
            case .skipped: .skipped
            case .interrupted: .interrupted
            }
    }

    /// Told apart by its form as well as by its colour.
    var sign: String {
        switch self {
        case .ran: "●"
        case .failed: "✕"
        case .missed: "○"
        case .skipped: "–"
        case .interrupted: "╱"
        case .running: "▸"
        }
    }
}

struct JobStanding: Sendable {
    struct Job: Sendable {
        var name: String
        var schedule: JobSchedule?
        /// The newest first.
        var runs: [JobRecord]
    }

    var jobs: [Job] = []
    /// The newest first.
    var batches: [RunRecord] = []

    static let mostRuns = 600
    static let mostBatches = 30

    init(_ runs: [JobRecord], _ schedules: [JobSchedule], batches: [RunRecord]) {
        let byName = Dictionary(grouping: runs, by: \.job)
        let names = Set(schedules.map(\.job)).union(byName.keys).sorted()
        jobs = names.map { name in
            Job(name: name, schedule: schedules.first { $0.job == name }, runs: byName[name] ?? [])
        }
        self.batches = batches
    }
}

/// The record of jobs on a thread of its own, opened when it is first asked.
final class JobReader: @unchecked Sendable {
    // Safe because: `book` is used on the queue alone.
    private let open: (@Sendable () throws(LedgerError) -> any JobBook)?
    private let queue = DispatchQueue(label: "dashboard's jobs")
    private var book: (any JobBook)?

    init(_ open: (@Sendable () throws(LedgerError) -> any JobBook)?) { self.open = open }

    deinit { book?.close() }

    /// What may take a while, and has nothing to do with the record itself.
    func perform<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in queue.async { continuation.resume(returning: body()) } }
    }

    /// - Returns: `nil` where there is no record of jobs.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any JobBook) throws -> Value
    ) async throws -> Value? {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { [self] in
                continuation.resume(
                    with: Result {
                        if book == nil { book = try open?() }
                        do { return try book.map(body) } catch {
                            // Another one is opened for the next question.
                            book?.close()
                            book = nil
                            throw error
                        }
                    })
            }
        }
    }
}
