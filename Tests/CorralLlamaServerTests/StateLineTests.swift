import Testing

@testable import CorralLlamaServer

struct StateLineTests {
    @Test func `a line from a real server is read`() {
        let line = StateLine(
            #"cmd_child_to_router:state:{"state":"ready","payload":{"id":"/m/a.gguf","aliases":["a"],"tags":[],"object":"model","architecture":{"input_modalities":["text"]},"created":1795468020,"owned_by":"llamacpp","meta":{"vocab_type":2,"n_vocab":49152,"n_ctx":2048,"n_ctx_train":8192,"n_embd":576,"n_params":134515008,"size":96576768,"ftype":"Q4_1"}}}"#
        )
        #expect(line == .ready(ReadyReport(contextTokens: 2048, weightBytes: 96_576_768)))
    }

    @Test func `each stage counts for an equal part of the load`() {
        func fraction(_ current: String, _ value: Double) -> StateLine? {
            StateLine(
                #"cmd_child_to_router:state:{"state":"loading","payload":{"stages":["text_model","mmproj_model"],"current":"\#(current)","value":\#(value)}}"#
            )
        }
        #expect(fraction("text_model", 0.5) == .loading(0.25))
        #expect(fraction("mmproj_model", 0.5) == .loading(0.75))
        #expect(fraction("mmproj_model", 1) == .loading(1))
    }

    @Test(arguments: [(-3.0, 0.0), (7.0, 1.0)])
    func `a fraction outside 0 to 1 is clamped`(value: Double, expected: Double) {
        let line = StateLine(
            #"cmd_child_to_router:state:{"state":"loading","payload":{"stages":["t"],"current":"t","value":\#(value)}}"#
        )
        #expect(line == .loading(expected))
    }

    @Test func `a state without a payload is read`() {
        #expect(
            StateLine(#"cmd_child_to_router:state:{"state":"loading","payload":null}"#)
                == .loading(0)
        )
        #expect(
            StateLine(#"cmd_child_to_router:state:{"state":"ready"}"#)
                == .ready(ReadyReport(contextTokens: nil, weightBytes: nil))
        )
    }

    @Test func `a state added since is no failure`() {
        #expect(StateLine(#"cmd_child_to_router:state:{"state":"napping"}"#) == .other("napping"))
    }

    @Test(arguments: [
        "", "0.00.001.000 I srv: hello", "cmd_child_to_router:state:",
        "cmd_child_to_router:state:{", "cmd_child_to_router:state:[1]",
        #"cmd_child_to_router:state:{"state":7}"#, #" cmd_child_to_router:state:{"state":"ready"}"#,
    ])
    func `what is no state line yields none`(line: String) {
        #expect(StateLine(line) == nil)
    }
}
