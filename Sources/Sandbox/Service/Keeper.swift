// Keeps the sandbox's files: appends the record a few times a second, saves the state when it changed.
// Both off the request path; a failure to write is reported by /sandbox/health and tried again.

import Files

/// The keeper of the record file and the state file.
actor Keeper {
    private let core: SandboxCore
    private let stateFile: String?
    private let recordFile: AppendedFile?
    private var unwritten: ArraySlice<UInt8> = []
    private var savedRevision = 0
    private var savedOffset: Duration?
    private var nextSave: ContinuousClock.Instant

    static let interval: Duration = .milliseconds(100)

    /// - Throws: ``SandboxError`` (`file_unwritable`) when the record file cannot be opened.
    init(core: SandboxCore) throws(SandboxError) {
        self.core = core
        stateFile = core.options.stateFile
        do throws(SystemError) {
            recordFile = if let path = core.options.recordFile { try AppendedFile(path) } else { nil }
        } catch { throw Self.unwritableRecord(core.options, error) }
        nextSave = ContinuousClock.now
    }

    /// Whether there is anything to keep.
    nonisolated var hasFiles: Bool { core.options.stateFile != nil || core.options.recordFile != nil }

    /// Keeps the files until cancelled.
    func run() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.interval)
            keep(saveNow: false)
        }
    }

    /// Saves the state once at the start.
    /// - Throws: ``SandboxError`` (`file_unwritable`).
    func saveFirst() throws(SandboxError) { try saveState() }

    /// Writes whatever is left to write, now.
    func keep(saveNow: Bool) {
        var problem: String?
        do { try appendRecord() } catch { problem = error.message }
        do {
            if saveNow || ContinuousClock.now >= nextSave { try saveState() }
        } catch {
            problem = error.message
        }
        core.perform { interior, _ in interior.fileProblem = problem }
    }

    private func appendRecord() throws(SandboxError) {
        guard let recordFile else { return }
        unwritten.append(contentsOf: core.perform { interior, _ in interior.record.takeUnwritten() })
        do throws(SystemError) { try recordFile.append(&unwritten) } catch {
            throw Self.unwritableRecord(core.options, error)
        }
    }

    private static func unwritableRecord(_ options: SandboxOptions, _ error: SystemError) -> SandboxError {
        SandboxError(.fileUnwritable, "\(options.recordFile ?? ""): \(error)")
    }

    private func saveState() throws(SandboxError) {
        guard let stateFile else { return }
        let (revision, offset, links) = core.perform { interior, _ in
            let changed = interior.state.revision != savedRevision || interior.clock.offset != savedOffset
            return (interior.state.revision, interior.clock.offset, changed ? interior.state.allLinks() : nil)
        }
        guard let links else { return }
        let started = ContinuousClock.now
        try StateFile(clockOffsetMilliseconds: offset.wholeMilliseconds, links: links).save(stateFile)
        (savedRevision, savedOffset) = (revision, offset)
        // Saving takes at most a tenth of the time, however many links there are.
        let ended = ContinuousClock.now
        nextSave = ended + max(.seconds(1), (ended - started) * 10)
    }
}
