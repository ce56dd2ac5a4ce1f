// Why a script does not get a file, for it and for the person who runs it.

import Advice
import Console
import Files
import Glibc

extension FileAccess {
    /// Why a file is not there for a script.
    struct Refusal: Error {
        var code: String
        var message: String
        /// The `errno` that says the same, as Lua's own functions give it.
        var number: Int32

        init(code: String, message: String, number: Int32) {
            self.code = code
            self.message = message
            self.number = number
        }

        init(_ path: String, _ errno: Int32) {
            number = errno
            code = errno == ENOENT ? "not_found" : "file_failed"
            message = "\(ShownText.path(path)): \(String(cString: strerror(errno)))"
        }

        static var nul: Refusal { Refusal(code: "not_allowed", message: "a path with a NUL byte", number: EINVAL) }

        init(notText what: String) {
            self.init(code: "file_failed", message: "\(what) is not valid UTF-8", number: EINVAL)
        }

        init(reading path: String, _ words: AdviceWords) {
            (code, number) = ("not_allowed", EACCES)
            message =
                "\(ShownText.path(path)) is outside of the script's folder and the working directory; "
                + "\(words(.reading)) allows it"
        }

        init(reserved path: String) {
            (code, number) = ("not_allowed", EACCES)
            message = "\(ShownText.path(path)) belongs to paylink itself: no script reads or writes it"
        }

        init(_ path: String, _ problem: OrdinaryFile.Problem) {
            switch problem {
            case .system(let number): self.init(path, number)
            case .notRegular:
                let message = "\(ShownText.path(path)) \(problem.description)"
                self.init(code: "file_failed", message: message, number: EINVAL)
            case .noStorage:
                let message = "\(ShownText.path(path)) \(problem.description): no script reads or writes it"
                self.init(code: "not_allowed", message: message, number: EACCES)
            }
        }

        init(manyNames path: String, _ words: AdviceWords) {
            (code, number) = ("not_allowed", EACCES)
            let shown = ShownText.path(path)
            message =
                "\(shown) has other names as well (hard links), which may be a script's or lie elsewhere: no script writes "
                + "into it; csv.writer or os.rename puts another file in its place, "
                + "\(words(.writing(shown))) allows it"
        }

        init(linkToFolder path: String) {
            (code, number) = ("file_failed", EINVAL)
            message = "\(ShownText.path(path)) leads to a folder: no script renames or removes it"
        }

        init(runnable path: String, _ words: AdviceWords) {
            (code, number) = ("not_allowed", EACCES)
            let shown = ShownText.path(path)
            message =
                "\(shown) could give a later run more rights: a script writes, renames or removes it only where "
                + "\(words(.writing(shown))) or its folder allows it"
        }

        init(writing path: String, _ words: AdviceWords) {
            (code, number) = ("not_allowed", EACCES)
            message =
                "\(ShownText.path(path)) is outside of the script's folder and the working directory; "
                + "\(words(.writing(nil))) allows it"
        }
    }
}
