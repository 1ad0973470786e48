/// Why the machine's memory could not be read.
public struct HostError: Error, Hashable, Sendable {
    /// What kind of failure it is.
    public struct Code: Hashable, Sendable {
        private let name: String

        /// A file or a system call that every machine of this kind has gave nothing.
        public static let unreadable = Code(name: "unreadable")
        /// A file was read that does not say how much memory there is.
        public static let unrecognized = Code(name: "unrecognized")
        /// There is no process of that number, or it has ended.
        public static let noSuchProcess = Code(name: "noSuchProcess")

        /// Whether `error` is a host error of this code, for `catch` patterns.
        public static func ~= (code: Code, error: any Error) -> Bool {
            (error as? HostError)?.code == code
        }
    }

    /// What kind of failure it is.
    public var code: Code

    /// Where the figure should have come from: a file's path or a system call's name.
    public var source: String

    /// One sentence: what is wrong, and what to do.
    public var message: String {
        switch code {
        case .noSuchProcess:
            "There is no process behind \(source): it has ended, so it holds no memory any more."
        case .unrecognized:
            "\(source) does not say how much memory there is: check that it is the system's own."
        default:
            """
            \(source) cannot be read, so the machine's memory is unknown: \
            make it readable to this process (in a container, mount /proc).
            """
        }
    }

    /// Creates an error.
    public init(code: Code, source: String) {
        self.code = code
        self.source = source
    }
}

extension HostError: CustomStringConvertible {
    /// The message.
    public var description: String { message }
}
