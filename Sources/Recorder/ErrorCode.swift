// What kind of failure it is, as one typed value for every layer above: the names are what scripts and --json see.

package import Ledger
package import OneShotPay

/// The code of a failure: of the recording itself, of the ledger, of the service, or of a file.
package enum ErrorCode: Sendable, Hashable, CustomStringConvertible {
    case recording(LinkFailure.Code)
    case ledger(LedgerError.Code)
    case service(OneShotPayError.Code)
    /// A file could not be read or written.
    case file

    /// A code by its name, as a script's error table has it; `nil` for one that is the script's own.
    package init?(name: String) {
        if name == Self.fileName {
            self = .file
        } else if let code = LinkFailure.Code(rawValue: name) {
            self = .recording(code)
        } else if let code = LedgerError.Code(rawValue: name) {
            self = .ledger(code)
        } else if let code = OneShotPayError.Code(rawValue: name) {
            self = .service(code)
        } else {
            return nil
        }
    }

    /// Stable. A few names are both the recording's and the service's, and mean the same.
    package var name: String {
        switch self {
        case .recording(let code): code.rawValue
        case .ledger(let code): code.rawValue
        case .service(let code): code.rawValue
        case .file: Self.fileName
        }
    }

    package var description: String { name }

    /// Whether nobody knows what came of a request, whoever says so.
    package var isDoubt: Bool { self == .recording(.inDoubt) || self == .service(.inDoubt) }

    private static let fileName = "file_failed"
}
