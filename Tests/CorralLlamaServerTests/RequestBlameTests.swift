import Testing

@testable import CorralLlamaServer

/// Whose fault an error of llama-server is.
struct RequestBlameTests {
    @Test(arguments: [
        "Failed to parse tools: Expected 'tools' to be an array, got 1e+308; tools = 1e+308",
        "'messages' is required",
        "[json.exception.type_error.302] type must be string, but is number",
        "Unsupported content[].type: video",
    ])
    func `a request that makes no sense is to blame`(message: String) {
        #expect(RequestBlame.isOnRequest(message))
    }

    @Test(arguments: [
        "Compute error.", "failed to decode the batch: n_batch = 2048, ret = -3",
        "failed to restore the context", "std::bad_alloc", "", "Internal Server Error",
    ])
    func `a model that failed is to blame itself`(message: String) {
        #expect(!RequestBlame.isOnRequest(message))
    }
}
