// `paylink completions`: a shell's script that completes commands, options and values.

import ArgumentParser

struct CompletionsCommand: ParsableCommand {
    enum Shell: String, CaseIterable, ExpressibleByArgument {
        case bash, zsh, fish
    }

    static let configuration = CommandConfiguration(
        commandName: "completions",
        abstract: "Print a script that completes commands, options, files, jobs and keys.",
        discussion: """
            Examples:
              paylink completions bash > ~/.local/share/bash-completion/completions/paylink
              paylink completions zsh > ~/.zfunc/_paylink
              paylink completions fish > ~/.config/fish/completions/paylink.fish

            The Debian package brings them. bash needs the package bash-completion; zsh needs ~/.zfunc in fpath before \
            compinit.
            """)

    @Argument(help: "The shell.")
    var shell: Shell

    func run() throws {
        let kind: CompletionShell =
            switch shell {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        guard Terminal.output(Paylink.completionScript(for: kind)) else { throw Terminal.lostOutput().code }
    }
}
