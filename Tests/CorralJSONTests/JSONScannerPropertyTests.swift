import CorralTesting
import Foundation
import Testing

@testable import CorralJSON

/// The scanner against Foundation's parser, on texts of a seeded generator.
@Suite struct JSONScannerPropertyTests {
    private static let names: Set<String> = ["model", "stream", "keep_alive", "é\"\\"]

    @Test(arguments: 0..<40 as Range<UInt64>)
    func `it finds what a full parser finds`(seed: UInt64) throws {
        var writer = RandomJSON(seed: seed)
        for _ in 0..<50 {
            let text = writer.object(depth: 4)
            let bytes = Array(text.utf8)
            let parsed = try #require(Self.parse(bytes), "seed \(seed): \(text)")
            let fields = try JSONScanner.fields(named: Self.names, of: bytes.span)
            #expect(
                Set(fields.keys) == Self.names.intersection(parsed.keys),
                "seed \(seed): \(text)"
            )
            for (name, field) in fields {
                let raw = bytes[field.range]
                let value = try JSONSerialization.jsonObject(
                    with: Data(raw),
                    options: .fragmentsAllowed
                )
                #expect(
                    (value as? NSObject) == (parsed[name] as? NSObject),
                    "seed \(seed): \(text)"
                )
                if let string = parsed[name] as? String {
                    #expect(field.string(in: bytes.span) == string, "seed \(seed): \(text)")
                }
            }
        }
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func `it accepts what a full parser accepts`(seed: UInt64) throws {
        var writer = RandomJSON(seed: seed)
        var accepted = 0
        var rejected = 0
        for _ in 0..<200 {
            var bytes = Array(writer.object(depth: 3).utf8)
            for _ in 0...Int.random(in: 0...2, using: &writer.generator) {
                RandomJSON.mutate(&bytes, using: &writer.generator)
            }
            // Other encodings than UTF-8 and invalid UTF-8 are the model's to judge.
            guard String(validating: bytes, as: UTF8.self) != nil, !bytes.contains(0) else {
                continue
            }
            let note = "seed \(seed): \(String(decoding: bytes, as: UTF8.self))"
            do throws(JSONScanError) {
                _ = try JSONScanner.fields(named: Self.names, of: bytes.span)
                accepted += 1
                #expect(Self.parse(bytes) != nil, "\(note)")
            } catch {
                rejected += 1
                // Foundation takes `{"a":1,}`, which RFC 8259 does not allow.
                let isTrailingComma = Self.hasTrailingComma(bytes, before: error.offset)
                #expect(isTrailingComma || Self.parse(bytes) == nil, "\(note)")
            }
        }
        #expect(accepted > 10 && rejected > 10, "seed \(seed) shows only one side")
    }

    private static func hasTrailingComma(_ bytes: [UInt8], before offset: Int) -> Bool {
        guard offset < bytes.count, bytes[offset] == UInt8(ascii: "}") else { return false }
        return bytes[..<offset].last { !" \n\r\t".utf8.contains($0) } == UInt8(ascii: ",")
    }

    private static func parse(_ bytes: [UInt8]) -> [String: Any]? {
        (try? JSONSerialization.jsonObject(with: Data(bytes))) as? [String: Any]
    }
}

/// Writes JSON at random.
struct RandomJSON {
    var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func object(depth: Int) -> String {
        // Names differ: parsers disagree on which of two equal ones counts.
        let names = ["model", "stream", "keep_alive", "é\\\"\\\\", "a", "", "m\\u006fdels", "x y"]
        let chosen = names.shuffled(using: &generator).prefix(
            Int.random(in: 0...5, using: &generator)
        )
        let members = chosen.map {
            "\(space())\"\(spell($0))\"\(space()):\(space())\(value(depth))\(space())"
        }
        return "\(space()){\(members.joined(separator: ","))}\(space())"
    }

    /// Sometimes writes the first letter as an escape.
    private mutating func spell(_ name: String) -> String {
        guard let first = name.unicodeScalars.first, first != "\\", Bool.random(using: &generator)
        else { return name }
        let digits = String(first.value, radix: 16)
        let escape = "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        return escape + name.dropFirst()
    }

    private mutating func value(_ depth: Int) -> String {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &generator) {
        case 0: return pick(["true", "false", "null"])
        case 1: return "\(Int.random(in: -1000...1000, using: &generator))"
        case 2: return pick(["0", "-0", "1.5", "-2.25e3", "1E-2", "0.0e+1", "12345678"])
        case 3, 4, 5: return "\"\(text())\""
        case 6: return object(depth: depth - 1)
        default:
            let count = Int.random(in: 0...4, using: &generator)
            let items = (0..<count).map { _ in "\(space())\(value(depth - 1))\(space())" }
            return "[\(items.joined(separator: ","))]"
        }
    }

    private mutating func text() -> String {
        (0..<Int.random(in: 0...8, using: &generator)).map { _ in
            pick([
                "a", "Z", " ", "é", "漢", "😀", "\\n", "\\\"", "\\\\", "\\/", "\\u00e9",
                "\\ud83d\\ude00", "{", "]", ",", ":",
            ])
        }.joined()
    }

    private mutating func space() -> String {
        pick(["", "", "", " ", "\n", "\t", "\r\n "])
    }

    private mutating func pick(_ choices: [String]) -> String {
        choices[Int.random(in: 0..<choices.count, using: &generator)]
    }

    /// Changes, drops, doubles or inserts a byte, or cuts the end off.
    static func mutate(_ bytes: inout [UInt8], using generator: inout SeededGenerator) {
        guard !bytes.isEmpty else { return }
        let index = Int.random(in: 0..<bytes.count, using: &generator)
        let telling = Array("{}[]\",:\\0-+.eEtfnu \n1a".utf8)
        let byte = telling[Int.random(in: 0..<telling.count, using: &generator)]
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: bytes[index] = byte
        case 1: bytes.remove(at: index)
        case 2: bytes.insert(bytes[index], at: index)
        case 3: bytes.insert(byte, at: index)
        case 4: bytes.removeSubrange(index...)
        default: break
        }
    }
}
