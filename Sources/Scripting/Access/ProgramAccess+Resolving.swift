// From the name that a script uses to the one file that may be run.

import Advice
import Console
import Glibc
import Programs

extension ProgramAccess {
    /// Why a program is not run.
    struct Refusal: Error, Equatable {
        /// `not_allowed`, or `not_found` for one that is allowed and not there.
        let code: String
        let message: String
    }

    /// The absolute path of a program that was allowed by this name or path.
    ///
    /// A name without a slash is looked up in the absolute folders of `searchPath`, never in the working directory.
    func resolve(_ program: String, searchPath: String, words: AdviceWords = .neutral) throws(Refusal) -> String {
        let shown = ShownText.short(program)
        guard !program.isEmpty, !program.utf8.contains(0) else {
            throw Refusal(code: "not_allowed", message: "\"\(shown)\" names no program")
        }
        let isPath = program.utf8.contains(UInt8(ascii: "/"))
        let entry = allowed.first { entry in
            if entry.utf8.elementsEqual(program.utf8) { return true }
            // A path that was allowed may be called by its last part, and a name by the path that it leads to.
            if !isPath { return entry.contains("/") && entry.split(separator: "/").last.map(String.init) == program }
            return !entry.contains("/") && ProgramPath.find(entry, in: searchPath) == program
        }
        guard let entry else {
            throw Refusal(
                code: "not_allowed",
                message: "\(shown) may not be run by this script; \(words(.running(shown))) allows it")
        }
        let path = entry.contains("/") ? Self.absolute(entry) : ProgramPath.find(entry, in: searchPath)
        guard let path, ProgramPath.find(path, in: "") != nil else {
            throw Refusal(code: "not_found", message: "there is no program \(shown): install it, or check PATH")
        }
        return path
    }

    private static func absolute(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }
}
