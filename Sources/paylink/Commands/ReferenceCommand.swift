// `paylink reference`: the Lua API's reference in Markdown, from the table that the runtime uses.

import ArgumentParser
import NIOCore
import NIOPosix
import Scripting

struct ReferenceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reference", abstract: "Print the reference of the Lua API (Markdown).")

    mutating func run() throws {
        let loop = MultiThreadedEventLoopGroup(numberOfThreads: 1).next()
        let text = try loop.submit { try APIReference.markdown(on: loop) }.wait()
        guard Terminal.output(text) else { throw Terminal.lostOutput().code }
    }
}
