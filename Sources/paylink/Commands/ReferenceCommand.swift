// `paylink reference`: the Lua API's reference in Markdown, from the table that the runtime uses.

import ArgumentParser
import NIOCore
import NIOPosix
import Scripting
import TestWorld

struct ReferenceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reference", abstract: "Print the reference of the Lua API (Markdown).")

    @Flag(help: "The words that files of tests have besides: see paylink test.")
    var tests = false

    mutating func run() throws {
        if tests {
            guard Terminal.output(try TestReference.markdown()) else { throw Terminal.lostOutput().code }
            return
        }
        let loop = MultiThreadedEventLoopGroup(numberOfThreads: 1).next()
        let text = try loop.submit { try APIReference.markdown(on: loop) }.wait()
        guard Terminal.output(text) else { throw Terminal.lostOutput().code }
    }
}
