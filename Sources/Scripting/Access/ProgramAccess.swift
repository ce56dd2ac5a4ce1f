// Which programs a script may run: none, unless the person who runs it names them.

import Glibc

/// The programs that `program.run` may start.
public struct ProgramAccess: Sendable, Hashable {
    /// What was allowed, as written: a name that is looked up in PATH, or a path.
    private(set) var allowed: [String] = []

    /// No programs at all.
    public init() {}

    /// - Parameter programs: names such as `pdftotext`, or absolute paths.
    public init(_ programs: [String]) { allowed = programs }

    /// Adds a program by name or path.
    public mutating func allow(_ program: String) { allowed.append(program) }
}
