import Foundation

/// What `/v1/embeddings` takes.
struct EmbeddingBody: Decodable {
    enum Input: Decodable {
        case one(String)
        case several([String])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                self = .one(text)
            } else if let texts = try? container.decode([String].self) {
                self = .several(texts)
            } else {
                throw InProcessFailure.invalid("input", "'input' must be a text or texts.")
            }
        }
    }

    var model: String?
    var input: Input
    var encodingFormat: String?
    var dimensions: Int?

    var texts: [String] {
        switch input {
        case .one(let text): [text]
        case .several(let texts): texts
        }
    }
}

/// What `/v1/embeddings` answers.
struct EmbeddingAnswer: Encodable {
    enum Vector: Encodable {
        case numbers([Float])
        case base64(String)

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .numbers(let numbers): try container.encode(numbers)
            case .base64(let text): try container.encode(text)
            }
        }
    }

    struct Item: Encodable {
        var object = "embedding"
        var index: Int
        var embedding: Vector
    }

    var object = "list"
    var model: String
    var data: [Item]
    var usage: TextUsage

    init(_ vectors: [[Float]], _ body: EmbeddingBody, tokens: Int) {
        model = body.model ?? ""
        usage = TextUsage(tokens)
        let isBase64 = body.encodingFormat == "base64"
        data = vectors.enumerated().map { index, vector in
            Item(index: index, embedding: isBase64 ? Self.base64(vector) : .numbers(vector))
        }
    }

    /// The numbers as OpenAI's clients take them: four bytes each, the least first.
    private static func base64(_ vector: [Float]) -> Vector {
        var bytes = Data(capacity: vector.count * 4)
        for number in vector {
            let bits = number.bitPattern
            for byte in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: bits >> (8 * byte))) }
        }
        return .base64(bytes.base64EncodedString())
    }
}

struct TextUsage: Encodable {
    var promptTokens: Int
    var totalTokens: Int

    init(_ tokens: Int) {
        promptTokens = tokens
        totalTokens = tokens
    }
}

/// What `/v1/rerank` takes.
struct RerankBody: Decodable {
    enum Document: Decodable {
        private enum Key: CodingKey { case text }
        case text(String)

        init(from decoder: any Decoder) throws {
            if let text = try? decoder.singleValueContainer().decode(String.self) {
                self = .text(text)
            } else {
                let container = try decoder.container(keyedBy: Key.self)
                self = .text(try container.decode(String.self, forKey: .text))
            }
        }
    }

    var model: String?
    var query: String
    var documents: [Document]
    var topN: Int?

    var texts: [String] {
        documents.map {
            switch $0 {
            case .text(let text): text
            }
        }
    }
}

/// What `/v1/rerank` answers: the best first, as llama-server does.
struct RerankAnswer: Encodable {
    struct Item: Encodable {
        var index: Int
        var relevanceScore: Float
    }

    var model: String
    var object = "list"
    var usage: TextUsage
    var results: [Item]

    init(_ scores: [Float], _ body: RerankBody, tokens: Int) {
        model = body.model ?? ""
        usage = TextUsage(tokens)
        let items = scores.enumerated().map { Item(index: $0, relevanceScore: $1) }
        let best = items.sorted { ($1.relevanceScore, $0.index) < ($0.relevanceScore, $1.index) }
        results = Array(best.prefix(max(0, body.topN ?? best.count)))
    }
}
