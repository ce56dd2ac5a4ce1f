// An amount of money on the command line, and what kind of file a path leads to.

import ArgumentParser
import Files
import Glibc
import OneShotPay
import Scripting

/// USD with at most 6 decimals.
struct AmountArgument: ExpressibleByArgument {
    let amount: Money?
    private let problem: String

    init(argument: String) {
        do throws(MoneyError) {
            amount = try Money(parsing: argument)
            problem = ""
        } catch {
            amount = nil
            problem = error.message
        }
    }

    /// Refuses what is no amount, or below zero, for the option `name`.
    func validate(_ name: String) throws {
        guard let amount else { throw ValidationError("\(name): \(problem)") }
        guard amount >= .zero else { throw ValidationError("\(name): \(amount) is below zero") }
    }
}

enum FileKind {
    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    static func isFile(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// Whether two paths lead to the same file, which need not exist yet.
    static func isSame(_ one: String, _ other: String) -> Bool {
        let file = FileIdentity(one), otherFile = FileIdentity(other)
        guard file == nil, otherFile == nil else { return file == otherFile }
        let (folder, name) = split(one), (otherFolder, otherName) = split(other)
        return name.utf8.elementsEqual(otherName.utf8)
            && (folder.utf8.elementsEqual(otherFolder.utf8) || isFolder(folder) && isSame(folder, otherFolder))
    }

    private static func split(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return (".", path) }
        return (slash == path.startIndex ? "/" : String(path[..<slash]), String(path[path.utf8.index(after: slash)...]))
    }

    /// Whether `--allow-write` can mean it: a folder, a file, or a script or settings that are to be made.
    static func mayBeAllowed(_ path: String) -> Bool {
        var status = stat()
        if stat(path, &status) == 0 { return [S_IFDIR, S_IFREG].contains(status.st_mode & S_IFMT) }
        let (folder, name) = split(path)
        return RunnableName.matches(name) && isFolder(folder)
    }
}
