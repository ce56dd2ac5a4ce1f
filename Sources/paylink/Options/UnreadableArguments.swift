// Arguments that are no text: Swift would mend them silently, and a mended description would be published.

import Glibc

enum UnreadableArguments {
    /// The first argument, counted from 1, that is not valid UTF-8.
    static var first: Int? {
        (1..<max(1, Int(CommandLine.argc))).first { index in
            guard let argument = CommandLine.unsafeArgv[index] else { return false }
            return String(validatingCString: argument) == nil
        }
    }
}
