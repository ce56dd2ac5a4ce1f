// The rules of internationalised domain names, from the system's libidn2: curl, wget and the C library itself use it.
// Loaded when the first name beyond ASCII is met, as the C library does, so that nothing else needs it to be there.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// libidn2, loaded.
struct InternationalNames: Sendable {
    /// The library's word for what is wrong with a name.
    struct Refusal: Error {
        let text: String
    }

    private typealias Lookup =
        @convention(c) (UnsafePointer<UInt8>, UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>, CInt) -> CInt
    private typealias Explain = @convention(c) (CInt) -> UnsafePointer<CChar>?
    private typealias Release = @convention(c) (UnsafeMutableRawPointer?) -> Void

    private static let file = "libidn2.so.0"
    /// `IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL` (idn2.h). Not `IDN2_USE_STD3_ASCII_RULES`: it drops what it dislikes.
    private static let flags: CInt = 1 | 8

    private let lookup: Lookup
    private let explain: Explain
    private let release: Release

    static let shared: Result<InternationalNames, HostName.Problem> = {
        // Safe because: the handle is never closed.
        guard let handle = dlopen(file, RTLD_NOW | RTLD_LOCAL), let lookup = dlsym(handle, "idn2_lookup_u8"),
            let explain = dlsym(handle, "idn2_strerror"), let release = dlsym(handle, "idn2_free")
        else {
            return .failure(
                HostName.Problem(
                    description: "has letters beyond ASCII, and \(file), which knows the rules for them, is not "
                        + "installed (apt-get install libidn2-0); or write the form that begins with xn--"))
        }
        // Safe because: these are the signatures of idn2.h, whose ABI the file's name fixes (.so.0).
        return .success(
            InternationalNames(
                lookup: unsafeBitCast(lookup, to: Lookup.self), explain: unsafeBitCast(explain, to: Explain.self),
                release: unsafeBitCast(release, to: Release.self)))
    }()

    /// The name with A-labels.
    func lookup(_ name: String) -> Result<String, Refusal> {
        guard !name.utf8.contains(0) else { return .failure(Refusal(text: "it contains a zero byte")) }
        var output: UnsafeMutablePointer<UInt8>?
        let bytes = Array(name.utf8) + [0]
        let status = bytes.withUnsafeBufferPointer { buffer -> CInt in
            guard let start = buffer.baseAddress else { return -1 }
            return lookup(start, &output, Self.flags)
        }
        defer { release(output) }
        guard status == 0, let output else {
            return .failure(Refusal(text: explain(status).map { String(cString: $0) } ?? "error \(status)"))
        }
        return .success(String(cString: output))
    }
}
