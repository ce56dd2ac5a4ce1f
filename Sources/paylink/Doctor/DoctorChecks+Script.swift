// What doctor says of a script that it is given, and of what only scripts use.

import Mail
import ScriptCheck
import Scripting

extension DoctorChecks {
    /// The mistakes that `paylink check` finds.
    mutating func scriptItself() throws {
        guard let script else { return }
        let source: ScriptSource
        do throws(ScriptFile.Problem) { source = try ScriptFile.load(script) } catch {
            return report.fail("script", error.message, error.status)
        }
        let findings = try ScriptChecker()(source).findings
        for finding in findings {
            let line = CheckCommand.line(finding)
            if finding.diagnostic.severity == .error {
                report.fail("script", line, .badInput)
            } else {
                report.add(.warning, "script", line)
            }
        }
        if findings.isEmpty { report.add(.well, "script", "\(source.name): no mistakes found") }
    }

    /// What is wrong with the address that mail comes from.
    static func problem(withSender text: String) -> String? {
        do throws(MailFailure) {
            _ = try MailAddress(parsing: text, field: "from")
            return nil
        } catch {
            return error.message
        }
    }
}
