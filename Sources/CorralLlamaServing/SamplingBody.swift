import CorralLlama

/// The fields of a request that decide how an answer is made.
struct SamplingBody: Decodable {
    /// One text or several.
    enum Stops: Decodable {
        case one(String)
        case several([String])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                self = .one(text)
            } else {
                self = .several(try container.decode([String].self))
            }
        }
    }

    private struct Format: Decodable {
        var type: String
    }

    private struct AnyKey: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    private enum Key: String, CodingKey {
        case maxTokens, maxCompletionTokens, temperature, topP, topK, minP, repeatPenalty
        case frequencyPenalty, presencePenalty, seed, stop, grammar, n, responseFormat
        case logprobs
    }

    private var result = ReplyOptions()
    private var failure: InProcessFailure?

    /// Fields that change an answer in ways this engine cannot: better refused than ignored.
    private static let unsupported = [
        "tools", "functions", "logitBias", "topLogprobs", "jsonSchema", "audio", "suffix",
        "echo", "bestOf", "mirostat", "lora", "samplers",
    ]

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        func number(_ key: Key) throws -> Float? {
            try container.decodeIfPresent(Float.self, forKey: key)
        }
        var sampling = Sampling()
        sampling.temperature = try number(.temperature) ?? sampling.temperature
        sampling.topP = try number(.topP) ?? sampling.topP
        sampling.minP = try number(.minP) ?? sampling.minP
        sampling.topK = try container.decodeIfPresent(Int.self, forKey: .topK) ?? sampling.topK
        sampling.repeatPenalty = try number(.repeatPenalty) ?? 1
        sampling.frequencyPenalty = try number(.frequencyPenalty) ?? 0
        sampling.presencePenalty = try number(.presencePenalty) ?? 0
        sampling.grammar = try container.decodeIfPresent(String.self, forKey: .grammar)
        if let seed = try container.decodeIfPresent(Int64.self, forKey: .seed), seed >= 0 {
            sampling.seed = UInt32(truncatingIfNeeded: seed)
        }
        result.sampling = sampling
        let most =
            try container.decodeIfPresent(Int.self, forKey: .maxCompletionTokens)
            ?? container.decodeIfPresent(Int.self, forKey: .maxTokens)
        result.maximumTokens = most.flatMap { $0 < 0 ? nil : $0 }
        switch try container.decodeIfPresent(Stops.self, forKey: .stop) {
        case .one(let text): result.stops = [text]
        case .several(let texts): result.stops = texts
        case nil: break
        }
        try checkUnsupported(decoder, container)
    }

    private mutating func checkUnsupported(
        _ decoder: any Decoder,
        _ container: KeyedDecodingContainer<Key>
    ) throws {
        if let count = try container.decodeIfPresent(Int.self, forKey: .n), count != 1 {
            failure = .unsupported("n")
        }
        let format = try container.decodeIfPresent(Format.self, forKey: .responseFormat)
        if let format, format.type != "text" { failure = .unsupported("response_format") }
        if container.contains(.logprobs),
            (try? container.decode(Bool.self, forKey: .logprobs)) != false,
            !((try? container.decodeNil(forKey: .logprobs)) ?? false)
        {
            failure = .unsupported("logprobs")
        }
        let all = try decoder.container(keyedBy: AnyKey.self)
        for name in Self.unsupported {
            let key = AnyKey(name)
            guard all.contains(key), !(try all.decodeNil(forKey: key)) else { continue }
            // An empty list asks for nothing.
            if let list = try? all.nestedUnkeyedContainer(forKey: key), list.count == 0 { continue }
            failure = .unsupported(Self.snake(name))
        }
    }

    private static func snake(_ name: String) -> String {
        name.reduce(into: "") { $0 += $1.isUppercase ? "_\($1.lowercased())" : String($1) }
    }

    /// The options asked for.
    ///
    /// - Throws: ``InProcessFailure`` where something is asked for that is not supported.
    func options() throws -> ReplyOptions {
        if let failure { throw failure }
        return result
    }
}
