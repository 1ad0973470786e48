import CorralTesting
import Testing

@testable import CorralCatalogue

struct NameTests {
    @Test(arguments: [
        ("SmolLM2-135M-Instruct.Q4_1.gguf", "smollm2-135m-instruct", "q4_1"),
        ("all-MiniLM-L6-v2.F16.gguf", "all-minilm-l6-v2", "f16"),
        ("all-MiniLM-L6-v2-f16.gguf", "all-minilm-l6-v2", "f16"),
        ("gemma-3-4b-it-Q4_K_M.gguf", "gemma-3-4b-it", "q4_k_m"),
        ("Qwen3-30B-A3B-UD-Q4_K_XL.gguf", "qwen3-30b-a3b", "ud-q4_k_xl"),
        ("Llama-3.3-70B.i1-IQ2_XXS.gguf", "llama-3.3-70b", "i1-iq2_xxs"),
        ("gpt-oss-20b-mxfp4.gguf", "gpt-oss-20b", "mxfp4"),
        ("bge-reranker-v2-m3_q8_0.gguf", "bge-reranker-v2-m3", "q8_0"),
        ("BitNet-b1.58-TQ1_0.gguf", "bitnet-b1.58", "tq1_0"),
        ("DeepSeek-V3-Q2_K-00001-of-00005.gguf", "deepseek-v3", "q2_k"),
        ("tiny-random-reranker.gguf", "tiny-random-reranker", nil),
        ("my model BF16.gguf", "my-model", "bf16"),
        ("qwen2.5-0.5b-instruct-fp16.gguf", "qwen2.5-0.5b-instruct", "fp16"),
        ("model-v8.gguf", "model-v8", nil),
        ("phi-q.gguf", "phi-q", nil),
        ("q4_0.gguf", "q4_0", nil),
    ])
    func `a file's name is taken apart`(file: String, base: String, quantization: String?) {
        let name = ModelName(path: "/m/\(file)", under: "/m")
        #expect(name.base == base)
        #expect(name.quantization == quantization)
    }

    @Test func `a file with no telling name is called as its folder`() {
        let name = ModelName(path: "/m/Qwen3-4B-GGUF/ggml-model-q4_0.gguf", under: "/m")
        #expect(name.base == "qwen3-4b")
        #expect(name.quantization == "q4_0")
        #expect(ModelName(path: "/m/model.gguf", under: "/m").base == "model")
    }

    private func names(_ paths: String...) -> [String] {
        NameAssignment(paths.map { ($0, "/m") }).names
    }

    @Test func `a name without quantization is enough while it is the only one`() {
        #expect(names("/m/a-Q4_0.gguf", "/m/b-Q4_0.gguf") == ["a", "b"])
    }

    @Test func `two quantizations of one model are told apart by them`() {
        #expect(names("/m/a-Q4_0.gguf", "/m/a-Q8_0.gguf") == ["a-q4_0", "a-q8_0"])
    }

    @Test func `the same file name in two folders is told apart by the folder`() {
        #expect(names("/m/x/a-Q4_0.gguf", "/m/y/a-Q4_0.gguf") == ["x/a-q4_0", "y/a-q4_0"])
        #expect(
            names("/m/p/x/a.gguf", "/m/q/x/a.gguf", "/m/b.gguf") == ["p/x/a", "q/x/a", "b"]
        )
    }

    @Test func `a name that is another file's name with quantization gives way to neither`() {
        let all = names("/m/a-Q4_0.gguf", "/m/a.gguf", "/m/a-Q8_0.gguf")
        #expect(Set(all).count == 3)
    }

    @Test func `names stay unique however files are called`() {
        let seed: UInt64 = 20_240_611
        var random = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let words = ["a", "b", "a-q4_0", "a-q8_0", "model", "model-q4_0"]
            let folders = ["", "x/", "y/", "x/y/", "a/", "a-q4_0/"]
            let paths = Set(
                (0..<12).map { _ in
                    let folder = folders.randomElement(using: &random) ?? ""
                    let word = words.randomElement(using: &random) ?? ""
                    return "/m/\(folder)\(word).gguf"
                }
            ).sorted()
            let names = NameAssignment(paths.map { ($0, "/m") }).names
            #expect(Set(names).count == paths.count, "seed \(seed): \(paths)")
        }
    }
}
