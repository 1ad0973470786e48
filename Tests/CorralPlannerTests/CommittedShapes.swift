import CorralGGUF
import CorralMemory
import CorralPlanner
import CorralTesting
import Foundation

/// Headers of models and what llama.cpp said each takes, from `Fixtures/shapes.txt`, which
/// `bench/gguf/shapes.py` writes and describes.
struct CommittedShapes: Sendable {
    /// What llama.cpp said of one context of a model.
    struct Cell: Sendable {
        let configuration: String
        let contextTokens: Int
        let sequenceTokens: Int
        let isFused: Bool
        let output: Int64
        /// The bytes of weights, caches and states, and the batch, by buffer type.
        let buffers: [String: (model: Int64, context: Int64, compute: Int64)]

        /// All of it, in bytes.
        var total: Int64 {
            buffers.values.reduce(output) { $0 + $1.model + $1.context + $1.compute }
        }
    }

    struct Model: Sendable {
        let name: String
        let fileBytes: UInt64
        var builder = GGUFBuilder()
        var cells: [Cell] = []

        func planner() throws -> MemoryPlanner {
            let header = try GGUFHeader(parsing: builder.header().span, fileSize: fileBytes)
            let bytes = ByteCount(clamping: fileBytes)
            return MemoryPlanner(try ModelDescription(shards: [header], fileBytes: bytes))
        }
    }

    private(set) var models: [Model] = []
    private(set) var configurations: [String: ContextOptions] = [:]

    init() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appending(path: "Fixtures/shapes.txt")
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            switch words[0] {
            case "config": configurations[words[1]] = try Self.options(words.dropFirst(2))
            case "model":
                models.append(Model(name: words[1], fileBytes: try Self.number(words[2])))
            case "key":
                let value = try Self.value(words[2], words.dropFirst(3))
                models[models.count - 1].builder.set(words[1], value)
            case "tensor": try add(words)
            case "truth": models[models.count - 1].cells.append(try Self.cell(words))
            default: continue
            }
        }
    }

    private mutating func add(_ words: [String]) throws {
        let type = GGMLType(rawValue: try Self.number(words[1]))
        let dimensions = try words.dropFirst(4).map { try Self.number($0) as UInt64 }
        for layer in try Self.layers(words[3]) {
            let name = words[2].replacing("#", with: layer)
            models[models.count - 1].builder.addTensor(name, type, dimensions)
        }
    }

    private static func layers(_ text: String) throws -> [String] {
        guard text != "-" else { return [""] }
        return try text.split(separator: ",").flatMap { run in
            let ends = try run.split(separator: "-").map { try number(String($0)) as Int }
            return (ends[0]...ends[ends.count - 1]).map(String.init)
        }
    }

    private static func cell(_ words: [String]) throws -> Cell {
        var buffers: [String: (model: Int64, context: Int64, compute: Int64)] = [:]
        for buffer in words.dropFirst(6) {
            let parts = buffer.split(separator: ":").map(String.init)
            buffers[parts[0]] = (try number(parts[1]), try number(parts[2]), try number(parts[3]))
        }
        return Cell(
            configuration: words[1],
            contextTokens: try number(words[2]),
            sequenceTokens: try number(words[3]),
            isFused: words[4] == "1",
            output: try number(words[5]),
            buffers: buffers
        )
    }

    private static func options(_ words: some Sequence<String>) throws -> ContextOptions {
        var given: [String: String] = [:]
        for word in words {
            let parts = word.split(separator: "=").map(String.init)
            given[parts[0]] = parts[1]
        }
        func count(_ key: String) throws -> Int { try number(given[key] ?? "0") }
        let outputs = try count("no")
        return ContextOptions(
            contextTokens: try count("c"),
            batch: try count("b"),
            microBatch: try count("ub"),
            sequences: try count("np"),
            unifiedCache: try count("kvu") == 1,
            flashAttention: given["fa"].flatMap(ContextOptions.FlashAttention.init) ?? .automatic,
            keyCacheType: given["ctk"].flatMap(CacheType.init) ?? .f16,
            valueCacheType: given["ctv"].flatMap(CacheType.init) ?? .f16,
            outputs: outputs == 0 ? nil : outputs,
            embeddings: try count("emb") == 1
        )
    }

    private static func value(
        _ type: String,
        _ words: ArraySlice<String>
    ) throws -> GGUFBuilder.Value {
        if type.hasSuffix("[]") {
            let items = try words.map { try value(String(type.dropLast(2)), [$0]) }
            return .array(items.first?.type ?? .uint32, items)
        }
        let text = words.joined(separator: " ")
        return switch type {
        case "uint8": .uint8(try number(text))
        case "int8": .int8(try number(text))
        case "uint16": .uint16(try number(text))
        case "int16": .int16(try number(text))
        case "uint32": .uint32(try number(text))
        case "int32": .int32(try number(text))
        case "uint64": .uint64(try number(text))
        case "int64": .int64(try number(text))
        case "float32": .float32(Float(text) ?? 0)
        case "float64": .float64(Double(text) ?? 0)
        case "bool": .bool(text == "true")
        default: .string(text)
        }
    }

    private static func number<Number: FixedWidthInteger>(_ text: String) throws -> Number {
        guard let number = Number(text) else { throw CocoaError(.fileReadCorruptFile) }
        return number
    }
}
