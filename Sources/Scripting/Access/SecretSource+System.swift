// Secrets as systemd and containers give them: files of $CREDENTIALS_DIRECTORY, or variables of the environment.

import Console
import Secrets

extension SecretSource {
    /// `$CREDENTIALS_DIRECTORY/NAME` if there is such a file, else the variable `PAYLINK_SECRET_NAME`.
    ///
    /// A file that others can reach is refused with code `loose_mode`.
    /// - Parameter variable: a variable of the environment; `nil` when it is not set or empty.
    public static func system(_ variable: @escaping @Sendable (_ name: String) -> String?) -> SecretSource {
        let reader = SecretReader(environment: variable)
        return SecretSource { name in
            do throws(SecretFailure) {
                if let text = try reader.credential(name) { return .success(text) }
            } catch {
                return .failure(SecretProblem(code: error.code.rawValue, message: error.message))
            }
            if let value = variable("PAYLINK_SECRET_\(name)"), !value.isEmpty { return .success(value) }
            return .failure(
                SecretProblem(
                    code: "not_found",
                    message:
                        "there is no secret \"\(ShownText.short(name))\": set PAYLINK_SECRET_\(name), or put it into a "
                        + "file of that name in $CREDENTIALS_DIRECTORY"))
        }
    }
}
