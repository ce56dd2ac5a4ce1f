// What a script's call may open. Whichever call asks - io.open, csv, require, an attachment -, what it asks for is
// judged here: by the descriptor that stands for the very file, before it is opened for what it holds.

import CPosix
import Files
import Glibc

extension FileAccess {
    /// What a file is opened for.
    enum Use {
        case reading
        /// As a part of the script.
        case loading
        /// What it holds is changed, under every name that it has.
        case writing
    }

    /// Judges what an O_PATH descriptor stands for, and opens that very file.
    /// - Parameter flags: of `open`; none that makes a file.
    func openJudged(_ place: Int32, _ use: Use, _ flags: Int32, shown: String) throws(Refusal) -> Int32 {
        try judge(place, use, shown)
        do throws(OrdinaryFile.Problem) { return try OrdinaryFile.reopen(place, flags) } catch {
            throw Refusal(shown, error)
        }
    }

    private func judge(_ place: Int32, _ use: Use, _ shown: String) throws(Refusal) {
        var status = stat()
        let hasStatus = fstat(place, &status) == 0
        // A file without a name, or with one in another container, has no place that could be allowed.
        let real = RealPath.of(place).flatMap { hasStatus && ReservedFiles.isSame($0, status) ? $0 : nil }
        switch use {
        case .reading: guard let real, isReadable(real) else { throw Refusal(reading: shown, words) }
        case .loading: guard hasStatus else { throw Refusal(shown, ENOENT) }
        case .writing: guard let real, isWritable(real) else { throw Refusal(writing: shown, words) }
        }
        if let problem = OrdinaryFile.problem(of: place, status) { throw Refusal(shown, problem) }
        guard !reserved.contains(real ?? "", status) else { throw Refusal(reserved: shown) }
        guard use == .writing, let real else { return }
        let isScript = RunnableName.matches(RealPath.split(real).name) || isRunning(status)
        guard !isScript || isNamed(real) || isNamed(RealPath.split(real).parent) else {
            throw Refusal(runnable: shown, words)
        }
        // Another name may be a script's or settings', or lie where this script has no say.
        guard status.st_nlink == 1 || isNamed(real) else { throw Refusal(manyNames: shown, words) }
    }

    /// Whether a file of this name may be made, replaced, renamed or removed in an open folder.
    func judge(_ name: String, in directory: Int32, shown: String) throws(Refusal) {
        guard let folder = RealPath.of(directory) else { throw Refusal(writing: shown, words) }
        var status = stat()
        guard fstat(directory, &status) == 0, ReservedFiles.isSame(folder, status) else {
            throw Refusal(writing: shown, words)
        }
        let real = RealPath.join(folder, name)
        guard isWritable(real) else { throw Refusal(writing: shown, words) }
        guard cposix_is_storage(directory) == 1 else { throw Refusal(shown, .noStorage) }
        let isThere = fstatat(directory, name, &status, 0) == 0
        guard !reserved.contains(real, isThere ? status : nil) else { throw Refusal(reserved: shown) }
        guard RunnableName.matches(name) || isThere && isRunning(status) else { return }
        guard isNamed(real) || isNamed(folder) else { throw Refusal(runnable: shown, words) }
    }

    private func isRunning(_ status: stat) -> Bool { running.contains { ReservedFiles.isSame($0, status) } }

    /// Opens what bears a name in an open folder, or makes it.
    /// - Parameter flags: of `open`; with O_CREAT, what is not there is made.
    /// - Returns: `nil` when it is a symbolic link.
    func open(_ name: String, in directory: Int32, _ flags: Int32, shown: String) throws(Refusal) -> Int32? {
        // Somebody else may make and remove it meanwhile, but hardly for ever.
        for _ in 0..<100 {
            let place = openat(directory, name, OrdinaryFile.pathOnly | O_NOFOLLOW | O_CLOEXEC)
            if place >= 0 {
                defer { close(place) }
                var status = stat()
                if fstat(place, &status) == 0, status.st_mode & S_IFMT == S_IFLNK { return nil }
                return try openJudged(place, .writing, flags & ~O_CREAT, shown: shown)
            }
            guard errno == ENOENT, flags & O_CREAT != 0 else { throw Refusal(shown, errno) }
            let file = openat(directory, name, flags | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
            if file >= 0 { return file }
            guard errno == EEXIST else { throw Refusal(shown, errno) }
        }
        throw Refusal(shown, EBUSY)
    }
}
