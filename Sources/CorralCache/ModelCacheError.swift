public import CorralMemory

/// Why a model could not be leased, with what a program and a person need to act.
///
/// Match on the code: `catch let error where error.code == .queueFull`, or
/// `catch ModelCacheError.queueFull`.
public struct ModelCacheError: Error, Hashable, Sendable {
    /// The kind of failure.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The code as programs read it, in snake case.
        public let description: String

        private init(_ description: String) { self.description = description }

        /// Matches an error of this kind in a `catch` clause.
        public static func ~= (code: Code, error: any Error) -> Bool {
            (error as? ModelCacheError)?.code == code
        }

        /// The caller's task was cancelled while it waited.
        public static let cancelled = Code("cancelled")
        /// The model exceeds the whole budget: it can never fit as planned.
        public static let tooLarge = Code("too_large")
        /// The model fits the budget, but not beside what is pinned or what
        /// other programs hold now.
        public static let insufficientMemory = Code("insufficient_memory")
        /// Too many requests wait already.
        public static let queueFull = Code("queue_full")
        /// The request waited as long as it was allowed to.
        public static let waitTimedOut = Code("wait_timed_out")
        /// The request would wait longer than it may: too many models are wanted for the memory
        /// there is.
        public static let overloaded = Code("overloaded")
        /// The model cannot be planned: no such file, not GGUF, bad options.
        public static let unusableModel = Code("unusable_model")
        /// The engine failed to load the model, or the model is cooling down
        /// after it did.
        public static let loadFailed = Code("load_failed")
        /// The model ended while it was in use.
        public static let modelExited = Code("model_exited")
        /// The cache is shutting down.
        public static let shuttingDown = Code("shutting_down")
    }

    /// The kind of failure.
    public var code: Code

    /// The model that was asked for, if the failure concerns one.
    public var model: ModelID?

    /// One sentence or two: what was wrong, what was expected, what to do.
    public var message: String

    /// What the model needs, where memory was the matter.
    public var needed: DomainBytes?

    /// The most that could be made free for it, where memory was the matter.
    public var available: DomainBytes?

    /// When trying again may succeed, where it may.
    public var retryAfter: Duration?

    /// Creates an error.
    public init(
        _ code: Code,
        model: ModelID? = nil,
        message: String,
        needed: DomainBytes? = nil,
        available: DomainBytes? = nil,
        retryAfter: Duration? = nil
    ) {
        self.code = code
        self.model = model
        self.message = message
        self.needed = needed
        self.available = available
        self.retryAfter = retryAfter
    }

    /// See ``Code/cancelled``.
    public static var cancelled: Code { .cancelled }
    /// See ``Code/tooLarge``.
    public static var tooLarge: Code { .tooLarge }
    /// See ``Code/insufficientMemory``.
    public static var insufficientMemory: Code { .insufficientMemory }
    /// See ``Code/queueFull``.
    public static var queueFull: Code { .queueFull }
    /// See ``Code/waitTimedOut``.
    public static var waitTimedOut: Code { .waitTimedOut }
    /// See ``Code/overloaded``.
    public static var overloaded: Code { .overloaded }
    /// See ``Code/unusableModel``.
    public static var unusableModel: Code { .unusableModel }
    /// See ``Code/loadFailed``.
    public static var loadFailed: Code { .loadFailed }
    /// See ``Code/modelExited``.
    public static var modelExited: Code { .modelExited }
    /// See ``Code/shuttingDown``.
    public static var shuttingDown: Code { .shuttingDown }
}

extension ModelCacheError: CustomStringConvertible {
    /// The message.
    public var description: String { message }
}
