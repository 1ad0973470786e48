import CorralTesting
import Foundation

@testable import CorralGGUF

/// SplitMix64: the same numbers for the same seed on every machine.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// A folder that is gone when the test is.
final class TemporaryFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory
            .appendingPathComponent("corral-gguf-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appendingPathComponent(name).path }

    @discardableResult
    func write(_ bytes: [UInt8], _ name: String) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
        return path(name)
    }
}

/// A small file with a value of every type and tensors of several.
func sample(version: UInt32 = 3) -> GGUFBuilder {
    var builder = GGUFBuilder(version: version, alignment: 64)
    builder.set("general.architecture", "llama")
    builder.set("a.u8", .uint8(200))
    builder.set("a.i8", .int8(-100))
    builder.set("a.u16", .uint16(60_000))
    builder.set("a.i16", .int16(-30_000))
    builder.set("a.u32", 4_000_000_000)
    builder.set("a.i32", .int32(-2_000_000_000))
    builder.set("a.u64", .uint64(.max))
    builder.set("a.i64", .int64(.min))
    builder.set("a.f32", 1.5)
    builder.set("a.f64", .float64(-0.1))
    builder.set("a.bool", true)
    builder.set("a.text", "Größe 模型")
    builder.set("b.integers", .integers([1, -2, 3]))
    builder.set("b.bools", .bools([true, false, true]))
    builder.set("b.floats", .array(.float32, [0.5, -2.0]))
    builder.set("b.strings", .strings(["", "a", "tokens and merges"]))
    builder.set("b.empty", .array(.string, []))
    builder.set("b.nested", .array(.array, [.integers([7]), .strings(["x", "y"]), .bools([])]))
    builder.addTensor("token_embd.weight", .q8_0, [64, 4])
    builder.addTensor("blk.0.attn_q.weight", .q4_k, [256, 2])
    builder.addTensor("blk.0.ffn_gate_exps.weight", .f16, [3, 2, 2, 2])
    builder.addTensor("output_norm.weight", .f32, [5])
    return builder
}

/// What parsing `bytes` as a whole file fails with; `nil` where it succeeds.
func failure(_ bytes: [UInt8], fileSize: UInt64? = nil) -> GGUFError? {
    do throws(GGUFError) {
        _ = try GGUFHeader(parsing: bytes.span, fileSize: fileSize)
        return nil
    } catch { return error }
}

/// Parses through windows of `length` bytes, as files are read.
func parse(_ bytes: [UInt8], window length: Int) throws(GGUFError) -> GGUFHeader {
    var parser = HeaderParser(available: UInt64(bytes.count))
    var wanted: UInt64 = 0
    while true {
        let start = Int(parser.offset)
        let end = min(bytes.count, max(start + length, Int(wanted)))
        switch try parser.advance(over: bytes.span.extracting(start..<end)) {
        case .finished: return try parser.header(fileSize: UInt64(bytes.count))
        case .needs(let upTo): wanted = upTo
        }
    }
}

extension Array where Element == UInt8 {
    /// The bytes with a little-endian integer written over some of them.
    func overwriting(_ offset: Int, _ value: some FixedWidthInteger) -> [UInt8] {
        var copy = self
        for index in 0..<(value.bitWidth / 8) where offset + index < count {
            copy[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * index))
        }
        return copy
    }

    /// Where `text` first stands.
    func offset(of text: String) -> Int? {
        let wanted = [UInt8](text.utf8)
        return indices.first { self[$0...].starts(with: wanted) }
    }
}
