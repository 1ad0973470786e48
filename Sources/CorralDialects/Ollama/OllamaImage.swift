import CorralJSON
import NIOCore

/// An image as Ollama's clients send it, base64 in a string, as OpenAI's API has it.
enum OllamaImage {
    /// The beginnings of images in base64, with their types.
    private static let signatures = [
        ("iVBOR", "image/png"), ("/9j/", "image/jpeg"), ("\\/9j\\/", "image/jpeg"),
        ("R0lG", "image/gif"), ("UklGR", "image/webp"), ("Qk", "image/bmp"),
    ]

    /// The part of a message that holds the image.
    ///
    /// Never an address: nothing is fetched, and no file is read, on a client's word.
    static func part(_ node: JSONNode) throws(RequestError) -> JSONValue {
        guard let inside = node.insideQuotes, inside.readableBytes > 0 else {
            throw RequestError(
                .malformed,
                "Each of the 'images' must be a text in base64.",
                parameter: "images"
            )
        }
        let bytes = inside.readableBytesView
        var pieces = [ByteBuffer(string: "\""), inside, ByteBuffer(string: "\"")]
        if !bytes.starts(with: "data:image".utf8) {
            let type = signatures.first { bytes.starts(with: $0.0.utf8) }?.1 ?? "image/jpeg"
            pieces[0] = ByteBuffer(string: "\"data:\(type);base64,")
        }
        return ["type": "image_url", "image_url": ["url": .encoded(pieces)]]
    }

    /// The content of a message: a text, with images behind it where there are any.
    static func content(
        _ text: JSONNode?,
        images: JSONNode?
    ) throws(RequestError) -> JSONValue {
        let isText = text?.kind == .string
        let text = isText ? text.map { JSONValue($0) } ?? "" : ""
        guard let images, !images.isNull else { return text }
        guard images.kind == .array else {
            throw RequestError(.malformed, "'images' must be a list.", parameter: "images")
        }
        var parts: [JSONValue] = []
        for image in images.elements { parts.append(try part(image)) }
        return parts.isEmpty ? text : .array([["type": "text", "text": text]] + parts)
    }
}
