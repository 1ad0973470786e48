/// Whose fault an error of llama-server is.
///
/// llama-server (b11434, `ex_wrapper` of tools/server/server.cpp) answers 500 to every exception
/// but `std::invalid_argument`, and most of what its parsers throw at a request that makes no
/// sense is another. A client that is told 500 tries again in vain; 400 says what is the matter.
public enum RequestBlame {
    /// Whether the message of a 500 blames the request.
    public static func isOnRequest(_ message: String) -> Bool {
        beginnings.contains { message.hasPrefix($0) } || parts.contains { message.contains($0) }
    }

    /// How messages begin that parsers of the request write.
    private static let beginnings = [
        "Failed to parse", "failed to parse", "Invalid", "invalid", "Unsupported", "unsupported",
        "Unknown", "unknown", "Expected", "Missing", "missing", "Illegal", "Only one",
        "Cannot use", "Cannot specify", "Either ", "Error: ", "Input ", "Prompt ", "Unexpected",
        "Unrecognized", "JSON schema",
    ]

    /// What such messages hold: errors of the JSON library, of chat templates, of schemas.
    private static let parts = [
        "[json.exception.", " is required", " must be ", " must contain ", " must have ",
        " is not supported", " are not supported", " not supported ", " should be ", "Jinja",
        "template", "grammar", "schema", "tokenize", "out of range",
    ]
}
