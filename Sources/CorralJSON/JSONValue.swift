package import NIOCore

/// JSON to be written, its members in the order given.
package enum JSONValue: Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([(name: String, value: JSONValue)])
    /// JSON already, in pieces that follow one another.
    case encoded([ByteBuffer])

    /// A string, or null.
    package init(_ text: String?) { self = text.map(JSONValue.string) ?? .null }

    /// A whole number.
    package init(_ integer: some BinaryInteger) { self = .integer(Int64(clamping: integer)) }

    /// A number of seconds, or null.
    package init(seconds duration: Duration?) {
        self = duration.map { .number($0 / .seconds(1)) } ?? .null
    }

    /// The JSON as text.
    package var text: String { String(buffer: buffer) }

    /// The JSON as bytes.
    package var buffer: ByteBuffer {
        var buffer = ByteBuffer()
        write(to: &buffer)
        return buffer
    }

    /// Writes the JSON behind what `buffer` holds.
    package func write(to buffer: inout ByteBuffer) {
        switch self {
        case .null: buffer.writeStaticString("null")
        case .bool(let value): buffer.writeString(value ? "true" : "false")
        case .integer(let value): buffer.writeString(String(value))
        case .number(let value): buffer.writeString(value.isFinite ? "\(value)" : "null")
        case .string(let value): Self.write(value, to: &buffer)
        case .encoded(let pieces):
            for piece in pieces { buffer.writeImmutableBuffer(piece) }
        case .array(let values):
            buffer.writeStaticString("[")
            for (index, value) in values.enumerated() {
                if index > 0 { buffer.writeStaticString(",") }
                value.write(to: &buffer)
            }
            buffer.writeStaticString("]")
        case .object(let members):
            buffer.writeStaticString("{")
            for (index, member) in members.enumerated() {
                if index > 0 { buffer.writeStaticString(",") }
                Self.write(member.name, to: &buffer)
                buffer.writeStaticString(":")
                member.value.write(to: &buffer)
            }
            buffer.writeStaticString("}")
        }
    }

    private static func write(_ value: String, to buffer: inout ByteBuffer) {
        buffer.writeStaticString("\"")
        defer { buffer.writeStaticString("\"") }
        guard !value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C }) else {
            buffer.writeString(value)
            return
        }
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "\""): buffer.writeStaticString("\\\"")
            case UInt8(ascii: "\\"): buffer.writeStaticString("\\\\")
            case UInt8(ascii: "\n"): buffer.writeStaticString("\\n")
            case UInt8(ascii: "\r"): buffer.writeStaticString("\\r")
            case UInt8(ascii: "\t"): buffer.writeStaticString("\\t")
            case 0..<0x20:
                let digits = String(byte, radix: 16)
                buffer.writeString("\\u" + String(repeating: "0", count: 4 - digits.count) + digits)
            default: buffer.writeInteger(byte)
            }
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral,
    ExpressibleByNilLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(elements.map { (name: $0.0, value: $0.1) })
    }
    package init(nilLiteral: ()) { self = .null }
}
