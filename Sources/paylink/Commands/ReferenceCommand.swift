// `paylink reference`: the Lua API's reference in Markdown, from the table that the runtime uses.

import ArgumentParser
import NIOCore
import NIOPosix
import Scripting
import TestWorld

struct ReferenceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reference", abstract: "Print the reference of the Lua API, of tests or of errors (Markdown).")

    @Flag(help: "The words that files of tests have besides: see paylink test.")
    var tests = false

    @Flag(help: "The codes of errors: see paylink explain.")
    var errors = false

    func validate() throws {
        if tests, errors { throw ValidationError("--tests or --errors, not both") }
    }

    mutating func run() throws {
        guard Terminal.output(try text()) else { throw Terminal.lostOutput().code }
    }

    private func text() throws -> String {
        if tests { return try TestReference.markdown() }
        if errors { return ErrorCatalog.markdown }
        let loop = MultiThreadedEventLoopGroup(numberOfThreads: 1).next()
        return try loop.submit { try APIReference.markdown(on: loop) }.wait()
    }
}
