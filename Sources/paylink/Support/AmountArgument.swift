// An amount of money on the command line, and what kind of file a path leads to.

import ArgumentParser
import Glibc
import OneShotPay

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
}
