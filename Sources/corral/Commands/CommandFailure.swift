import CorralCatalogue
import CorralDaemon
import CorralDryRun
import CorralGGUF
import CorralHost
import CorralPlanner

/// The end of a command that did not do what it was asked, with the status it exits with.
///
/// The statuses above 60 are those of BSD's `sysexits.h`.
struct CommandFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The status that the process exits with.
    enum Status: Int32, Sendable {
        /// A failure that no other status names.
        case failure = 1
        /// The command was written wrongly.
        case usage = 64
        /// A file is damaged or no model.
        case data = 65
        /// A file or a model is not there.
        case input = 66
        /// The daemon cannot be reached.
        case unavailable = 69
        /// The configuration makes no sense.
        case configuration = 78
    }

    var status: Status
    /// One sentence: what is wrong, what was expected, what to do.
    var description: String

    init(_ status: Status, _ description: String) {
        self.status = status
        self.description = description
    }

    /// The failure that an error means.
    init(_ error: any Error) {
        let status: Status
        switch error {
        case let failure as CommandFailure:
            self = failure
            return
        case let error as ConfigurationError: status = Self.status(error.code)
        case let error as GGUFError:
            let absent: [GGUFError.Code] = [.unreadable, .notAFile, .missingShard]
            status = absent.contains(error.code) ? .input : .data
        case let error as PlanError: status = error.code == .unsupportedOption ? .usage : .data
        case let error as DryRunError: status = Self.status(error.code)
        case let error as CatalogueError: status = error.code == .unusableFile ? .data : .input
        default: status = .failure
        }
        self.init(status, "\(error)")
    }

    private static func status(_ code: ConfigurationError.Code) -> Status {
        switch code {
        case .missingHelper: .unavailable
        case .unwritable, .addressInUse: .failure
        default: .configuration
        }
    }

    private static func status(_ code: DryRunError.Code) -> Status {
        switch code {
        case .unavailable: .unavailable
        case .modelRefused: .data
        case .contextRefused, .invalidRequest: .usage
        default: .failure
        }
    }
}
