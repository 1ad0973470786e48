import Testing

@testable import CorralLlamaServer

struct FailureDiagnosisTests {
    private let failed = ChildEnd(how: .code(1), wasAsked: false)

    /// What llama-server b11434 wrote on files made to fail, and its source's words for a device.
    private static let known: [(String, LlamaServerError.Code, String)] = [
        (
            "0.00.010.140 E gguf_init_from_reader: invalid magic characters: 'garb', expected 'GGUF'",
            .corruptFile,
            "gguf_init_from_reader: invalid magic characters: 'garb', expected 'GGUF'"
        ),
        (
            "0.00.036.343 E llama_model_load: error loading model: tensor 'token_embd.weight' data is not within the file bounds, model is corrupted or incomplete",
            .corruptFile,
            "llama_model_load: error loading model: tensor 'token_embd.weight' data is not within the file bounds, model is corrupted or incomplete"
        ),
        (
            "0.00.004.163 E gguf_init_from_file: failed to open GGUF file '/nonexist.gguf' (No such file or directory)",
            .corruptFile,
            "gguf_init_from_file: failed to open GGUF file '/nonexist.gguf' (No such file or directory)"
        ),
        (
            "0.00.057.566 E llama_model_load: error loading model: unknown model architecture: 'zzzzz'",
            .unsupportedModel,
            "llama_model_load: error loading model: unknown model architecture: 'zzzzz'"
        ),
        (
            "0.00.417.224 E llama_init_from_model: quantized V cache requires flash_attn to be enabled",
            .badArgument,
            "llama_init_from_model: quantized V cache requires flash_attn to be enabled"
        ),
        (
            "error: invalid argument: --nonsense", .badArgument,
            "error: invalid argument: --nonsense"
        ),
        (
            "0.01.000.000 E ggml_backend_cuda_buffer_type_alloc_buffer: allocating 9000.00 MiB on device 0: cudaMalloc failed: out of memory",
            .outOfMemory,
            "ggml_backend_cuda_buffer_type_alloc_buffer: allocating 9000.00 MiB on device 0: cudaMalloc failed: out of memory"
        ),
        (
            "terminate called after throwing an instance of 'std::bad_alloc'", .outOfMemory,
            "terminate called after throwing an instance of 'std::bad_alloc'"
        ),
    ]

    @Test(arguments: known)
    func `a known line tells the kind of failure`(
        line: String,
        code: LlamaServerError.Code,
        cause: String
    ) {
        let diagnosis = FailureDiagnosis(
            lines: [
                "0.00.001.000 I srv: loading model", line,
                "0.00.036.414 E llama_model_load_from_file_impl: failed to load model",
            ],
            end: failed
        )
        #expect(diagnosis.code == code)
        #expect(diagnosis.cause == cause)
    }

    @Test func `what is only reported is no failure`() {
        let diagnosis = FailureDiagnosis(
            lines: ["0.00.001.000 I srv: out of memory is what this tells about"],
            end: failed
        )
        #expect(diagnosis.code == .loadFailed)
    }

    @Test func `a process killed by nobody ran out of memory`() {
        let killed = ChildEnd(how: .signal(9), wasAsked: false)
        #expect(FailureDiagnosis(lines: [], end: killed).code == .outOfMemory)
        let asked = ChildEnd(how: .signal(9), wasAsked: true)
        #expect(FailureDiagnosis(lines: [], end: asked).code == .loadFailed)
    }

    @Test func `an unknown failure quotes the last error, not the last line`() {
        let diagnosis = FailureDiagnosis(
            lines: [
                "0.00.001.000 E srv: something new", "0.00.002.000 I srv: cleaning up before exit",
            ],
            end: failed
        )
        #expect(diagnosis.code == .loadFailed)
        #expect(diagnosis.cause == "srv: something new")
    }

    @Test func `the sentence says what, how, why and what to do`() {
        let end = ChildEnd(how: .signal(11), wasAsked: false)
        let message = FailureDiagnosis(lines: ["E: unable to allocate CUDA0 buffer"], end: end)
            .message(loading: "/m/a.gguf", end: end)
        #expect(
            message
                == "llama-server could not load /m/a.gguf; it was ended by signal 11 (segmentation fault): E: unable to allocate CUDA0 buffer. Ask for a smaller context or a quantized KV cache, or free memory."
        )
    }

    @Test func `lines from long before an exit are not its cause`() {
        let lines =
            ["0.00.001.000 E srv: failed to allocate once"]
            + (1...5).map { "0.00.002.000 I srv: request \($0)" }
        #expect(
            FailureDiagnosis.exit(ChildEnd(how: .signal(6), wasAsked: false), lines: lines)
                == "was ended by signal 6 (abort): srv: request 5"
        )
    }

    @Test(arguments: [
        ("0.00.036.343 E llama: text", "E"), ("12.00.036.343 W x", "W"), ("E text", nil),
        ("error: x", nil), ("0.1 Eh text", nil), ("", nil), ("1.2 I", "I"),
    ])
    func `the level of a line is the letter after its time`(line: String, level: String?) {
        #expect(FailureDiagnosis.level(of: line).map(String.init) == level)
    }
}
