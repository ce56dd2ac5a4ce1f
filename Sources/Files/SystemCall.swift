// Calls of the system as the files here use them: interrupted ones repeated, short writes continued, refusals thrown.

import Glibc

enum SystemCall {
    /// Makes a call until it is not interrupted.
    @discardableResult
    static func repeated<Result: SignedInteger>(_ call: () -> Result) throws(SystemError) -> Result {
        while true {
            let result = call()
            if result >= 0 { return result }
            let error = SystemError.last
            guard error.number == EINTR else { throw error }
        }
    }

    /// Writes everything.
    static func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) throws(SystemError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = UnsafeRawBufferPointer(rebasing: rest)
            rest = rest.dropFirst(try repeated { write(descriptor, piece.baseAddress, piece.count) })
        }
    }

    /// Makes a file under a name that nobody else has: `prefix` and six characters.
    /// - Parameters:
    ///   - directory: where `prefix` begins, AT_FDCWD for a path.
    ///   - access: O_WRONLY or O_RDWR.
    static func makeFile(
        _ prefix: String, in directory: Int32, _ access: Int32, mode: mode_t
    ) throws(SystemError) -> (descriptor: Int32, name: String) {
        let flags = access | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
        var attempts = 0
        while true {
            let name = prefix + randomSuffix()
            do throws(SystemError) { return (try repeated { openat(directory, name, flags, mode) }, name) } catch {
                attempts += 1
                guard error.number == EEXIST, attempts < 100 else { throw error }
            }
        }
    }

    private static func randomSuffix() -> String {
        let letters = Array("0123456789abcdefghijklmnopqrstuvwxyz")
        return String((0..<6).map { _ in letters[Int.random(in: 0..<letters.count)] })
    }
}
