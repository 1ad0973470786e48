import NIOCore

/// A model's answer in Ollama's words: one object, or a line for each piece.
struct OllamaAnswer: AnswerTranslation {
    /// Which route is answered.
    enum Kind: Sendable {
        case chat
        case generate
    }

    static var streamType: String { "application/x-ndjson" }

    let kind: Kind
    /// The model as the client called it.
    let model: String
    /// Whether what the model thinks is passed on.
    let showsThinking: Bool
    /// Runs since the request came.
    let watch: Stopwatch
    /// The time that the model took to be there.
    let loadTime: Duration
    let wallClock: WallClock

    private var calls = ToolCallAssembly()
    private var finish: String?
    private var effort: ModelEffort?

    init(
        _ kind: Kind,
        model: String,
        showsThinking: Bool,
        watch: Stopwatch,
        loadTime: Duration,
        wallClock: WallClock
    ) {
        self.kind = kind
        self.model = model
        self.showsThinking = showsThinking
        self.watch = watch
        self.loadTime = loadTime
        self.wallClock = wallClock
    }

    mutating func whole(_ body: ByteBuffer) throws(RequestError) -> ByteBuffer {
        let piece = try ModelPiece(body)
        take(piece)
        let (calls, unfinished) = calls.take()
        let members =
            head(piece.content + unfinished, piece.thinking, calls, piece.likelihoods)
            + ending(finish ?? "stop")
        return JSONValue.object(members).buffer
    }

    mutating func events(_ events: ByteBuffer) throws(RequestError) -> ByteBuffer {
        var lines = ByteBuffer()
        for data in EventData.lines(events) {
            let piece = try ModelPiece(data)
            take(piece)
            let thinking = showsThinking ? piece.thinking : ""
            guard !piece.content.isEmpty || !thinking.isEmpty || piece.likelihoods != nil else {
                continue
            }
            write(head(piece.content, thinking, [], piece.likelihoods) + [("done", false)], &lines)
        }
        return lines
    }

    mutating func end() throws(RequestError) -> ByteBuffer {
        guard let finish else { throw .unknownAnswer("it broke off") }
        var lines = ByteBuffer()
        let (calls, unfinished) = calls.take()
        if !calls.isEmpty || !unfinished.isEmpty {
            write(head(unfinished, "", calls, nil) + [("done", false)], &lines)
        }
        write(head("", "", [], nil) + ending(finish), &lines)
        return lines
    }

    private mutating func take(_ piece: ModelPiece) {
        for call in piece.calls { calls.add(call) }
        if let reason = piece.finish { finish = reason }
        if let effort = piece.effort { self.effort = effort }
    }

    /// What every object begins with.
    private func head(
        _ content: String,
        _ thinking: String,
        _ calls: [JSONValue],
        _ likelihoods: JSONNode?
    ) -> [(name: String, value: JSONValue)] {
        var members = Self.opening(model, wallClock)
        let isThinking = showsThinking && !thinking.isEmpty
        switch kind {
        case .generate:
            members.append(("response", .string(content)))
            if isThinking { members.append(("thinking", .string(thinking))) }
        case .chat:
            var message: [(name: String, value: JSONValue)] = [
                ("role", "assistant"), ("content", .string(content)),
            ]
            if isThinking { message.append(("thinking", .string(thinking))) }
            if !calls.isEmpty { message.append(("tool_calls", .array(calls))) }
            members.append(("message", .object(message)))
        }
        if let likelihoods { members.append(("logprobs", JSONValue(likelihoods))) }
        return members
    }

    /// What the last object ends with; times are in nanoseconds.
    private func ending(_ reason: String) -> [(name: String, value: JSONValue)] {
        var members: [(name: String, value: JSONValue)] = [
            ("done", true),
            ("done_reason", reason == "length" ? "length" : "stop"),
            ("total_duration", JSONValue(nanoseconds: watch.elapsed)),
            ("load_duration", JSONValue(nanoseconds: loadTime)),
        ]
        if let effort {
            members += [
                ("prompt_eval_count", JSONValue(effort.promptTokens)),
                ("prompt_eval_duration", JSONValue(nanoseconds: effort.promptTime)),
                ("eval_count", JSONValue(effort.answerTokens)),
                ("eval_duration", JSONValue(nanoseconds: effort.answerTime)),
            ]
        }
        return members
    }

    private func write(
        _ members: [(name: String, value: JSONValue)],
        _ lines: inout ByteBuffer
    ) {
        var line = JSONValue.object(members).buffer
        lines.writeBuffer(&line)
        lines.writeStaticString("\n")
    }

    /// The model and the time, with which every answer begins.
    static func opening(
        _ model: String,
        _ clock: WallClock
    ) -> [(name: String, value: JSONValue)] {
        [("model", .string(model)), ("created_at", .string(WallClock.text(clock.now())))]
    }
}

extension JSONValue {
    /// A time in whole nanoseconds.
    init(nanoseconds duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self = .integer(seconds &* 1_000_000_000 &+ attoseconds / 1_000_000_000)
    }
}
