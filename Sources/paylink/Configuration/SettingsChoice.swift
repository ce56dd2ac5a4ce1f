// Which settings files count, and whether what they say is of the right form.

import Advice
import Console
import Glibc
import OneShotPay
import Recorder
import Scripting
import Settings

/// What flags and the environment say about settings files.
struct SettingsChoice {
    var config: String?
    var profile: String?
    /// What lies beside a script does not count: it may have come with it.
    var skipsBeside = false

    /// The one file that was named, instead of the usual ones.
    var named: String? { config ?? Environment["PAYLINK_CONFIG"] }
    var chosenProfile: String? { profile ?? Environment["PAYLINK_PROFILE"] }

    /// Reads what is there. Where nothing is, two files were looked for and no more was done.
    func read(beside directory: String) -> SettingsStack {
        let profile = chosenProfile
        let places = SettingsStack.places(named: named, directory: directory) { Environment[$0] }
        let files = places.dropFirst(skipsBeside && named == nil ? 1 : 0).compactMap {
            SettingsFile.read($0.path, isNamed: $0.isNamed, profile: profile, words: .commands, judge: Self.judge)
        }
        return files.isEmpty && profile == nil ? SettingsStack() : SettingsStack(files, profile: profile)
    }

    /// Completes "KEY …" where a text is not what its kind asks for.
    static let judge: SettingsFile.Judge = { kind, text in
        let shown = ShownText.line(text)
        switch kind {
        case .duration:
            let duration = DurationText.parse(text) ?? .zero
            return duration > .zero ? nil : "is \"\(shown)\", which is no duration above zero: \(DurationText.advice)"
        case .size: return ByteCount(argument: text) == nil ? "is \"\(shown)\", which is no size such as \"64M\"" : nil
        case .money:
            do throws(MoneyError) {
                return try Money(parsing: text) >= .zero ? nil : "is below zero"
            } catch { return "is no amount: \(error.message)" }
        case .url:
            var configuration = OneShotPayConfiguration()
            configuration.baseURL = text
            do throws(OneShotPayError) {
                _ = try configuration.baseAddress()
                return nil
            } catch { return "is refused: \(error.message)" }
        case .hosts:
            var network = NetworkAccess()
            do throws(NetworkAccess.Problem) {
                try network.allow(text)
                return nil
            } catch { return "has the host \"\(shown)\", which \(error)" }
        case .recipients:
            var recipients = MailAccess()
            do throws(MailAccess.Problem) {
                try recipients.allow(text)
                return nil
            } catch { return "has the recipient \"\(shown)\", which \(error)" }
        case .names:
            return ScriptAccessOptions.isReserved(text)
                ? "names \(shown), which holds credentials or a secret: no script may read it" : nil
        default: return nil
        }
    }
}

extension Terminal {
    /// Tells every problem of the settings files; the status that follows.
    static func problems(_ problems: SettingsProblems) -> ExitStatus {
        for problem in problems.all { message(ShownText.line(problem.description)) }
        return .configuration
    }
}
