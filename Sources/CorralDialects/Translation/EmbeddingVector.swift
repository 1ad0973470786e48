import CorralJSON
import NIOCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// An embedding, as models of the OpenAI kind send it in base64: 32-bit floats,
/// the lowest byte first.
struct EmbeddingVector: Sendable {
    /// The elements.
    var elements: [Float]

    /// Reads a vector.
    ///
    /// - Returns: `nil` where the text is no base64 of whole floats.
    init?(base64 text: some Sequence<UInt8>) {
        guard let bytes = Data(base64Encoded: Data(text)), bytes.count % 4 == 0 else { return nil }
        elements = stride(from: 0, to: bytes.count, by: 4).map { start in
            var bits: UInt32 = 0
            for offset in (0..<4).reversed() { bits = bits << 8 | UInt32(bytes[start + offset]) }
            return Float(bitPattern: bits)
        }
    }

    /// Keeps the first `count` elements, scaled to a vector of length 1.
    ///
    /// Models that were trained for it lose little by that (Kusupati et al. 2022, "Matryoshka
    /// Representation Learning").
    mutating func cut(to count: Int) {
        guard count < elements.count else { return }
        elements = Array(elements.prefix(count))
        let square = elements.reduce(Double(0)) { $0 + Double($1) * Double($1) }
        guard square > 0 else { return }
        let scale = 1 / square.squareRoot()
        for index in elements.indices { elements[index] = Float(Double(elements[index]) * scale) }
    }

    /// The vector as a list of numbers.
    var list: JSONValue {
        var text = ByteBuffer()
        text.reserveCapacity(elements.count * 12)
        text.writeStaticString("[")
        for (index, element) in elements.enumerated() {
            if index > 0 { text.writeStaticString(",") }
            text.writeString(element.isFinite ? "\(element)" : "null")
        }
        text.writeStaticString("]")
        return .encoded([text])
    }

    /// The vector in base64, as it was read or cut.
    var base64: JSONValue {
        var bytes = Data(capacity: elements.count * 4)
        for element in elements {
            for shift in stride(from: UInt32(0), to: 32, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: element.bitPattern >> shift))
            }
        }
        return .string(bytes.base64EncodedString())
    }
}
