package import CorralJSON
import CorralWire
package import NIOCore

/// A model's chat or completion in Ollama's shape: one object, or a line for each delta.
package struct OllamaTranslation: AnswerTranslation {
    /// Which route is answered.
    package enum Kind: Sendable {
        case chat
        case generate
    }

    package static var streamType: String { "application/x-ndjson" }

    private let kind: Kind
    private let model: String
    private let showsThinking: Bool
    private let elapsed: @Sendable () -> Duration
    private let loadTime: Duration
    private let clock: WallClock

    private var stream = EventStream()
    private var calls = ToolCallAssembly()
    private var finish: String?
    private var usage: TokenUsage?

    /// Creates a translation of one answer.
    ///
    /// - Parameters:
    ///   - kind: Which route is answered.
    ///   - model: The model as the client called it.
    ///   - showsThinking: Whether what the model thinks is passed on.
    ///   - elapsed: Tells the time since the request came.
    ///   - loadTime: How long the request waited for the model.
    ///   - clock: Tells the time of day.
    package init(
        _ kind: Kind,
        model: String,
        showsThinking: Bool,
        elapsed: @escaping @Sendable () -> Duration,
        loadTime: Duration,
        clock: WallClock
    ) {
        self.kind = kind
        self.model = model
        self.showsThinking = showsThinking
        self.elapsed = elapsed
        self.loadTime = loadTime
        self.clock = clock
    }

    package mutating func whole(_ body: ByteBuffer) throws(RequestError) -> ByteBuffer {
        let delta = try AnswerDelta(body)
        take(delta)
        let (calls, unfinished) = calls.take()
        let members =
            head(delta.content + unfinished, delta.thinking, calls, delta.logprobs)
            + ending(finish ?? "stop")
        return JSONValue.object(members).buffer
    }

    package mutating func events(_ events: ByteBuffer) throws(RequestError) -> ByteBuffer {
        try translate(stream.feed(events))
    }

    package mutating func end() throws(RequestError) -> ByteBuffer {
        var lines = try translate(stream.finish().map { [$0] } ?? [])
        guard let finish else { throw .unknownAnswer("it broke off") }
        let (calls, unfinished) = calls.take()
        if !calls.isEmpty || !unfinished.isEmpty {
            write(head(unfinished, "", calls, nil) + [("done", false)], &lines)
        }
        write(head("", "", [], nil) + ending(finish), &lines)
        return lines
    }

    /// A line for each event that adds a text.
    private mutating func translate(_ payloads: [ByteBuffer]) throws(RequestError) -> ByteBuffer {
        var lines = ByteBuffer()
        for payload in payloads where !payload.readableBytesView.elementsEqual("[DONE]".utf8) {
            let delta = try AnswerDelta(payload)
            take(delta)
            let thinking = showsThinking ? delta.thinking : ""
            guard !delta.content.isEmpty || !thinking.isEmpty || delta.logprobs != nil else {
                continue
            }
            write(head(delta.content, thinking, [], delta.logprobs) + [("done", false)], &lines)
        }
        return lines
    }

    private mutating func take(_ delta: AnswerDelta) {
        for call in delta.calls { calls.add(call) }
        if let reason = delta.finish { finish = reason }
        if let usage = delta.usage { self.usage = usage }
    }

    /// The members that every object begins with.
    private func head(
        _ content: String,
        _ thinking: String,
        _ calls: [JSONValue],
        _ logprobs: JSONNode?
    ) -> [(name: String, value: JSONValue)] {
        var members = Self.opening(model, clock)
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
        if let logprobs { members.append(("logprobs", JSONValue(logprobs))) }
        return members
    }

    /// The members that the last object ends with; times are in nanoseconds.
    private func ending(_ reason: String) -> [(name: String, value: JSONValue)] {
        var members: [(name: String, value: JSONValue)] = [
            ("done", true),
            ("done_reason", reason == "length" ? "length" : "stop"),
            ("total_duration", JSONValue(nanoseconds: elapsed())),
            ("load_duration", JSONValue(nanoseconds: loadTime)),
        ]
        if let usage {
            members += [
                ("prompt_eval_count", JSONValue(usage.promptTokens)),
                ("prompt_eval_duration", JSONValue(nanoseconds: usage.promptTime)),
                ("eval_count", JSONValue(usage.answerTokens)),
                ("eval_duration", JSONValue(nanoseconds: usage.answerTime)),
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

    /// The answer to a request that only loads or unloads a model.
    ///
    /// - Parameters:
    ///   - kind: Which route is answered.
    ///   - reason: What was done: `load` or `unload`.
    ///   - model: The model as the client called it.
    ///   - elapsed: The time since the request came.
    ///   - clock: Tells the time of day.
    /// - Returns: The answer.
    package static func empty(
        _ kind: Kind,
        reason: String,
        model: String,
        elapsed: Duration,
        clock: WallClock
    ) -> JSONValue {
        let content: (name: String, value: JSONValue) =
            switch kind {
            case .chat: ("message", ["role": "assistant", "content": ""])
            case .generate: ("response", "")
            }
        return .object(
            opening(model, clock) + [
                content, ("done", true), ("done_reason", .string(reason)),
                ("total_duration", JSONValue(nanoseconds: elapsed)),
            ]
        )
    }

    /// The model and the time, with which every answer begins.
    private static func opening(
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
