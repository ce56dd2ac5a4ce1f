// A script may read and write what lies below its own folder and the working directory. Where that is the home folder,
// it is everything that a person has, keys and profiles included: that is said, since nobody means it.

import Console
import Glibc
import Scripting

enum HomeFolder {
    /// Warns of a script that has the whole home folder. To be called once a run, for scripts that may use files.
    static func warn(_ source: ScriptSource) {
        guard let text = warning(source, home: Environment["HOME"]) else { return }
        Terminal.message(text)
    }

    /// - Parameter home: the home folder; a root is none, and gives a script nothing.
    static func warning(_ source: ScriptSource, home: String?) -> String? {
        guard let home, FileKind.isFolder(home), !FileKind.isSame(home, "/") else { return nil }
        let name = source.isFile ? ShownText.line(source.name) : "the script"
        if let folder = source.directory, folder != ".", FileKind.isSame(folder, home) {
            return
                "\(name) lies in your home folder, so it may read and write all that is below it: move it into a folder "
                + "of its own, or run it with --untrusted"
        }
        guard FileKind.isSame(".", home) else { return nil }
        return
            "the working directory is your home folder, so \(name) may read and write all that is below it: start it "
            + "in a folder of its own, or run it with --untrusted"
    }
}
