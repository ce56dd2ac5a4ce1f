// Opens an address that holds a secret in the user's browser. By way of a file that only its owner can read: what a program is
// started with, everybody on the machine can see.

import Files
import Glibc
import Pages
import Programs

struct BrowserPage {
    private let path: String
    private let program: String

    /// `nil`: there is no browser to be opened, such as without a desktop.
    init?(address: String) {
        guard isatty(1) == 1, ["DISPLAY", "WAYLAND_DISPLAY", "BROWSER"].contains(where: { Environment[$0] != nil })
        else { return nil }
        guard let program = ProgramPath.find("xdg-open", in: Environment["PATH"] ?? "/usr/bin:/bin") else { return nil }
        let folder = Environment["XDG_RUNTIME_DIR"] ?? Environment["TMPDIR"] ?? "/tmp"
        path = folder + "/paylink-dashboard-\(getpid()).html"
        self.program = program
        let page: HTML = """
            <!doctype html>
            <meta charset="utf-8">
            <meta name="referrer" content="no-referrer">
            <meta http-equiv="refresh" content="0; url=\(address)">
            <title>paylink</title>
            <p><a href="\(address)">paylink dashboard</a></p>

            """
        // Nobody else's file, and for nobody else.
        let file = Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { return nil }
        defer { close(file) }
        let bytes = Array(page.text.utf8)
        guard write(file, bytes, bytes.count) == bytes.count else {
            unlink(path)
            return nil
        }
    }

    /// Starts the browser, and waits for nothing.
    func open() {
        let call = ProgramCall(
            path: program, arguments: [program, path], environment: nil, timeout: .seconds(30), maximumOutput: 1 << 16)
        Task.detached { _ = try? SpawnedProgram.run(call) }
    }

    func remove() { unlink(path) }
}
