// A file that bytes are added to, through its descriptor, so that a failed write is noticed.
// Used for the record, and for the temporary file of a saved state.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// An open file that only grows. Closed when let go.
final class AppendOnlyFile: Sendable {
    private let descriptor: Int32
    private let path: String

    /// Opens the file, creating it with mode 0600.
    /// - Throws: ``SandboxError`` (`file_unwritable`).
    init(_ path: String, truncating: Bool = false) throws(SandboxError) {
        let flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (truncating ? O_TRUNC : 0)
        descriptor = open(path, flags, 0o600)
        self.path = path
        guard descriptor >= 0 else {
            throw SandboxError(.fileUnwritable, "\(path): \(String(cString: strerror(errno)))")
        }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Writes the bytes, however many calls it takes, and takes away from `rest` what was written.
    func write(_ rest: inout ArraySlice<UInt8>) throws(SandboxError) {
        while !rest.isEmpty {
            #if canImport(Darwin)
                let count = rest.withUnsafeBytes { Darwin.write(descriptor, $0.baseAddress, $0.count) }
            #elseif canImport(Musl)
                let count = rest.withUnsafeBytes { Musl.write(descriptor, $0.baseAddress, $0.count) }
            #else
                let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            #endif
            if count < 0 {
                if errno == EINTR { continue }
                throw SandboxError(.fileUnwritable, "\(path): \(String(cString: strerror(errno)))")
            }
            rest = rest.dropFirst(count)
        }
    }

    /// Waits until the bytes are on the disk.
    func sync() throws(SandboxError) {
        guard fsync(descriptor) == 0 else {
            throw SandboxError(.fileUnwritable, "\(path): \(String(cString: strerror(errno)))")
        }
    }
}
