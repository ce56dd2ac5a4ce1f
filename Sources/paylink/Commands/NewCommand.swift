// `paylink new`: a project to begin with.

import ArgumentParser
import Console

struct NewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Make a project: a checkout script, its test, settings, and what an editor needs.",
        discussion: """
            Example:
              paylink new shop && cd shop && paylink test && paylink run --sandbox checkout.lua order-1 12.50
            """)

    @Argument(help: "The folder. It must not be there yet, or be empty.")
    var name: String

    func run() throws {
        guard NewFiles.isFree(name) else {
            Terminal.message("\(ShownText.path(name)) is there already, and is not empty; nothing was written")
            throw ExitStatus.usage.code
        }
        let files = try Self.files()
        do throws(NewFiles.Problem) { try NewFiles.write(files, below: name) } catch {
            Terminal.message(error.message)
            throw ExitStatus.inputOutput.code
        }
        Terminal.output(
            """
            \(ShownText.path(name)): a checkout, its test, settings. Next:
              cd \(ShellWord.quoted(name))
              paylink test
              paylink run --sandbox checkout.lua order-1 12.50
            """)
    }

    private static func files() throws -> [NewFiles.File] {
        let own: [(String, [UInt8])] = [
            ("checkout.lua", PackageResources.checkout_lua), ("checkout_test.lua", PackageResources.checkout_test_lua),
            ("paylink.toml", PackageResources.project_paylink_toml), ("README.md", PackageResources.project_README_md),
            (".luarc.json", PackageResources.project_luarc_json), (".gitignore", PackageResources.project_gitignore),
        ]
        return own.map { NewFiles.File(name: $0.0, bytes: $0.1) }
            + (try APITypes.files().map { NewFiles.File(name: ".paylink/types/" + $0.name, bytes: $0.bytes) })
    }
}
