// Text goes out whole and at once: workers share a terminal, and a crash takes buffers along.

internal import Glibc

package enum Output {
    /// What complaints begin with.
    private static var program: String {
        CommandLine.arguments.first.map { String($0.split(separator: "/").last ?? "") } ?? ""
    }

    /// Writes lines to standard output.
    package static func say(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }

    /// Writes lines to standard error.
    package static func complain(_ text: String) { write("\(program): \(text)\n", to: STDERR_FILENO) }

    /// The system's words for the last failed call.
    package static var reason: String { String(cString: strerror(errno)) }

    private static func write(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno != EINTR { return }
            rest = rest.dropFirst(max(count, 0))
        }
    }
}
