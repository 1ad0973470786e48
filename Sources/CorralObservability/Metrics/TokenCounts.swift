import CorralJSON
package import NIOCore

/// The tokens of one answer, as the model reports them.
package struct TokenCounts: Hashable, Sendable {
    /// Tokens of the prompt, those found in the KV cache included.
    package var prompt = 0
    /// Of those, the ones found in the KV cache.
    package var cached = 0
    /// Tokens generated.
    package var generated = 0
    /// Tokens generated a second; `nil` where it was not told, or too few were.
    package var rate: Double?

    /// How much of the end of an answer is searched, in bytes: twice what the
    /// longest report of llama.cpp b11434 takes.
    static let tailLength = 2048

    /// How much of the beginning is searched, in bytes: an answer with embeddings
    /// reports before them.
    static let headLength = 256

    /// Finds the report in an answer, without reading the answer: llama-server writes
    /// `"timings":{…}` near the end of what it generates; everything else has OpenAI's
    /// or Anthropic's `"usage":{…}` near its end or its beginning.
    ///
    /// - Returns: `nil` where there is none.
    package init?(in answer: ByteBuffer) {
        let bytes = answer.readableBytesUInt8Span
        let tail = bytes.extracting(max(0, bytes.count - Self.tailLength)..<bytes.count)
        let head = bytes.extracting(0..<min(bytes.count, Self.headLength))
        if let report = Self.report("\"timings\":", in: tail) {
            self.init(timings: tail.extracting(report))
        } else if let report = Self.report("\"usage\":", in: tail) {
            self.init(usage: tail.extracting(report))
        } else if let report = Self.report("\"usage\":", in: head) {
            self.init(usage: head.extracting(report))
        } else {
            return nil
        }
    }

    private init(timings bytes: Span<UInt8>) {
        let names: Set = ["prompt_n", "cache_n", "predicted_n", "predicted_per_second"]
        guard let fields = try? JSONScanner.fields(named: names, of: bytes) else { return }
        cached = Self.count(fields["cache_n"], bytes)
        prompt = Self.count(fields["prompt_n"], bytes) + cached
        generated = Self.count(fields["predicted_n"], bytes)
        // The first token comes with the prompt: one alone says nothing about the rate.
        if generated > 1 { rate = fields["predicted_per_second"]?.number(in: bytes) }
    }

    private init(usage bytes: Span<UInt8>) {
        let names: Set = ["prompt_tokens", "input_tokens", "completion_tokens", "output_tokens"]
        guard let fields = try? JSONScanner.fields(named: names, of: bytes) else { return }
        prompt = Self.count(fields["prompt_tokens"] ?? fields["input_tokens"], bytes)
        generated = Self.count(fields["completion_tokens"] ?? fields["output_tokens"], bytes)
    }

    private static func count(_ field: JSONField?, _ bytes: Span<UInt8>) -> Int {
        let number = field?.number(in: bytes) ?? 0
        return number >= 0 && number < 1e12 ? Int(number) : 0
    }

    /// Where the object after the last `key` is.
    private static func report(_ key: StaticString, in bytes: Span<UInt8>) -> Range<Int>? {
        let key = Array("\(key)".utf8)
        var start = bytes.count - key.count - 2
        search: while start >= 0 {
            for index in key.indices where bytes[start + index] != key[index] {
                start -= 1
                continue search
            }
            return object(from: start + key.count, in: bytes)
        }
        return nil
    }

    /// An object of numbers and objects of numbers: no brace in it is in a string.
    private static func object(from start: Int, in bytes: Span<UInt8>) -> Range<Int>? {
        guard bytes[start] == UInt8(ascii: "{") else { return nil }
        var depth = 0
        for index in start..<bytes.count {
            if bytes[index] == UInt8(ascii: "{") { depth += 1 }
            if bytes[index] == UInt8(ascii: "}") { depth -= 1 }
            if depth == 0 { return start..<index + 1 }
        }
        return nil
    }
}
