// `paylink types`: annotations of the Lua API for editors.

import ArgumentParser
import Console

struct TypesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "types",
        abstract: "Write the API's annotations for editors (the Lua language server).",
        discussion: """
            A file for each module, and for the words of tests, made from the table that the runtime checks arguments with. \
            An editor that is told of the folder (workspace.library in .luarc.json) completes names and options, shows \
            the documentation, and marks what is wrong. paylink new makes a project with all of it.

            Example:
              paylink types .paylink/types
            """)

    @Argument(help: "The folder; it is made if it is not there.", completion: .directory)
    var directory = ".paylink/types"

    func run() throws {
        let files = try APITypes.files()
        do throws(NewFiles.Problem) { try NewFiles.write(files, below: directory) } catch {
            Terminal.message(error.message)
            throw ExitStatus.inputOutput.code
        }
        Terminal.output("\(files.count) files in \(ShownText.path(directory))")
    }
}
