package import CorralJSON

/// What a request says where its `options` do not, because of the name its model is called by.
package struct OllamaDefaults: Hashable, Sendable {
    /// The system message of a conversation that has none.
    package var system: String?
    /// The tokens of context that are wanted.
    package var contextTokens: Int?
    /// The texts at which an answer stops.
    package var stops: [String]

    package init(system: String? = nil, contextTokens: Int? = nil, stops: [String] = []) {
        self.system = system
        self.contextTokens = contextTokens
        self.stops = stops
    }
}

/// The `options` of a request, as far as they concern an answer and not how a model
/// is loaded.
package struct OllamaOptions: Sendable {
    /// The options under the names that llama-server has for them.
    private(set) var members: [(name: String, value: JSONValue)] = []

    /// The tokens of context the request asks for.
    package private(set) var contextTokens: Int?

    /// Options that Ollama and llama-server call the same.
    private static let numbers = [
        "temperature", "top_k", "top_p", "min_p", "typical_p", "seed", "repeat_penalty",
        "presence_penalty", "frequency_penalty", "mirostat", "mirostat_tau", "mirostat_eta",
    ]

    /// Reads options; what Ollama itself does not know is passed over, as it does.
    ///
    /// - Parameters:
    ///   - options: The object that was sent.
    ///   - trainedContext: The tokens of context the model was trained for.
    ///   - defaults: What counts where the options do not say.
    /// - Throws: ``RequestError`` that names the option at fault.
    package init(
        _ options: JSONNode?,
        trainedContext: Int?,
        defaults: OllamaDefaults = OllamaDefaults()
    ) throws(RequestError) {
        try self.init(given: options, trainedContext)
        if contextTokens == nil, let tokens = defaults.contextTokens {
            contextTokens = Self.bounded(tokens, by: trainedContext)
        }
        if !defaults.stops.isEmpty, !members.contains(where: { $0.name == "stop" }) {
            members.append(("stop", .array(defaults.stops.map(JSONValue.string))))
        }
    }

    /// The context, but no more than the model was trained for.
    private static func bounded(_ tokens: Int, by trained: Int?) -> Int {
        trained.map { min($0, tokens) } ?? tokens
    }

    private init(given options: JSONNode?, _ trainedContext: Int?) throws(RequestError) {
        guard let options, !options.isNull else { return }
        guard options.kind == .object else {
            throw RequestError(.malformed, "'options' must be an object.", parameter: "options")
        }
        let given = options.members.filter { !$0.value.isNull }
        if let tokens = try Self.integer("num_ctx", given), tokens > 0 {
            contextTokens = Self.bounded(tokens, by: trainedContext)
        }
        for name in Self.numbers {
            guard let node = given[name] else { continue }
            guard node.number != nil else { throw Self.error(name, "a number") }
            members.append((name, JSONValue(node)))
        }
        // -1 is without end, and -2 until the context is full, which is where it ends.
        if let tokens = try Self.integer("num_predict", given) {
            members.append(("max_tokens", JSONValue(max(tokens, -1))))
        }
        if let tokens = try Self.integer("num_keep", given) {
            members.append(("n_keep", JSONValue(max(tokens, -1))))
        }
        if let tokens = try Self.integer("repeat_last_n", given) {
            let all = contextTokens ?? trainedContext ?? 2048
            members.append(("repeat_last_n", JSONValue(tokens < 0 ? all : min(tokens, all))))
        }
        try readStops(given["stop"])
    }

    private mutating func readStops(_ node: JSONNode?) throws(RequestError) {
        guard let node else { return }
        switch node.kind {
        case .string: members.append(("stop", .array([JSONValue(node)])))
        case .array where node.elements.allSatisfy({ $0.kind == .string }):
            members.append(("stop", JSONValue(node)))
        default: throw Self.error("stop", "a text or a list of texts")
        }
    }

    private static func integer(
        _ name: String,
        _ given: [String: JSONNode]
    ) throws(RequestError) -> Int? {
        guard let node = given[name] else { return nil }
        guard let value = node.integer, Int32(exactly: value) != nil else {
            throw error(name, "a whole number")
        }
        return value
    }

    private static func error(_ name: String, _ expected: String) -> RequestError {
        RequestError(
            .malformed,
            "The option '\(name)' must be \(expected).",
            parameter: "options.\(name)"
        )
    }
}
