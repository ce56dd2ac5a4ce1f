// Secrets as systemd and containers give them: files of $CREDENTIALS_DIRECTORY, or variables of the environment.

import Console
import Glibc

extension SecretSource {
    /// The longest secret that is read from a file, in bytes.
    private static let maximumBytes = 64 << 10

    /// `$CREDENTIALS_DIRECTORY/NAME` if there is such a file, else the variable `PAYLINK_SECRET_NAME`.
    /// - Parameter variable: a variable of the environment.
    public static func system(_ variable: @escaping @Sendable (_ name: String) -> String?) -> SecretSource {
        SecretSource { name in
            if let folder = variable("CREDENTIALS_DIRECTORY"), folder.hasPrefix("/"),
                let found = file("\(folder)/\(name)", name)
            {
                return found
            }
            if let value = variable("PAYLINK_SECRET_\(name)"), !value.isEmpty { return .success(value) }
            return .failure(
                SecretProblem(
                    code: "not_found",
                    message:
                        "there is no secret \"\(ShownText.short(name))\": set PAYLINK_SECRET_\(name), or put it into a "
                        + "file of that name in $CREDENTIALS_DIRECTORY"))
        }
    }

    /// `nil`: there is no such file.
    private static func file(_ path: String, _ name: String) -> Result<String, SecretProblem>? {
        func unreadable(_ why: String) -> Result<String, SecretProblem> {
            .failure(SecretProblem(code: "unreadable", message: "the secret file \(ShownText.short(path)) \(why)"))
        }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            return errno == ENOENT ? nil : unreadable("cannot be read: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return unreadable("is no regular file")
        }
        guard status.st_size <= maximumBytes else { return unreadable("is larger than 64 KiB") }
        var bytes = [UInt8](repeating: 0, count: maximumBytes + 1)
        var count = 0
        while count < bytes.count {
            let part = bytes.withUnsafeMutableBytes {
                Glibc.read(descriptor, $0.baseAddress! + count, $0.count - count)  // Safe because: not empty.
            }
            if part < 0, errno == EINTR { continue }
            guard part >= 0 else { return unreadable("cannot be read: \(String(cString: strerror(errno)))") }
            if part == 0 { break }
            count += part
        }
        var value = bytes[..<count]
        if value.last == UInt8(ascii: "\n") { value.removeLast() }
        guard !value.isEmpty else { return unreadable("is empty") }
        guard let text = String(validating: value, as: UTF8.self) else { return unreadable("is not UTF-8 text") }
        return .success(text)
    }
}
