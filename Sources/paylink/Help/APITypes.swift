// The annotations of the Lua API and of the words of tests, as files.

import NIOCore
import NIOPosix
import Scripting
import TestWorld

enum APITypes {
    static func files() throws -> [NewFiles.File] {
        let codes = ErrorCatalog.all.map { "\($0.code)\t\($0.happened)" }.joined(separator: "\n")
        let loop = MultiThreadedEventLoopGroup(numberOfThreads: 1).next()
        let api = try loop.submit { try APIReference.types(codes: codes, on: loop) }.wait()
        return split(api) + split(try TestReference.types())
    }

    /// A line of a form feed and a name begins each file.
    private static func split(_ text: String) -> [NewFiles.File] {
        text.split(separator: "\u{0C}").compactMap { part in
            guard let end = part.firstIndex(of: "\n") else { return nil }
            let name = part[..<end] + ".lua"
            return NewFiles.File(name: String(name), bytes: Array(part[part.index(after: end)...].utf8) + [0x0A])
        }
    }
}
