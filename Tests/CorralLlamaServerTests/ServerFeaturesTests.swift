import Testing

@testable import CorralLlamaServer

struct ServerFeaturesTests {
    /// Lines of b11434's own help.
    static let help = """
        ----- common params -----

        -h,    --help, --usage                  print usage and exit
        -t,    --threads N                      number of CPU threads to use during generation (default: -1)
                                                (env: LLAMA_ARG_THREADS)
        -tb,   --threads-batch N                number of threads to use during batch and prompt processing
        -c,    --ctx-size N                     size of the prompt context (default: 0, 0 = loaded from model)
        -b,    --batch-size N                   logical maximum batch size (default: 2048)
        -ub,   --ubatch-size N                  physical maximum batch size (default: 512)
        --swa-full                              use full-size SWA cache (default: false)
        -fa,   --flash-attn [on|off|auto]       set Flash Attention use ('on', 'off', or 'auto', default: 'auto')
        -kvo,  --kv-offload, -nkvo, --no-kv-offload
                                                whether to enable KV cache offloading (default: enabled)
        --repack, -nr, --no-repack              whether to enable weight repacking (default: enabled)
        -ctk,  --cache-type-k TYPE              KV cache data type for K
        -ctv,  --cache-type-v TYPE              KV cache data type for V
        -lm,   --load-mode MODE                 model loading mode (default: auto)
                                                - none: no special loading mode
        -dev,  --device <dev1,dev2,..>          comma-separated list of devices to use for offloading
        -ngl,  --gpu-layers, --n-gpu-layers N   max. number of layers to store in VRAM
        -ts,   --tensor-split N0,N1,N2,...      fraction of the model to offload to each GPU
        -fit,  --fit [on|off]                   whether to adjust unset arguments to fit in device memory
        -m,    --model FNAME                    model path to load
        --log-colors [on|off|auto]              Set colored logging
        --offline                               Offline mode: forces use of cache, prevents network access
        -ctxcp, --ctx-checkpoints, --swa-checkpoints N
                                                max number of context checkpoints to create per slot
        -cram, --cache-ram N                    set the maximum cache size in MiB (default: 8192, -1 - no limit)
        -kvu,  --kv-unified, -no-kvu, --no-kv-unified
                                                use single unified KV buffer shared across all sequences
        --warmup, --no-warmup                   whether to perform warmup with an empty run (default: enabled)
        --pooling {none,mean,cls,last,rank}     pooling type for embeddings
        -np,   --parallel N                     number of server slots (default: -1, -1 = auto)
        -a,    --alias STRING                   set model name aliases
        --host HOST                             IP addresses to listen on, comma-separated, or UNIX socket paths
                                                ending in .sock
        --ui,  --webui, --no-ui, --no-webui     whether to enable the Web UI (default: enabled)
        --embedding, --embeddings               restrict to only support embedding use case
        --rerank, --reranking                   enable reranking endpoint on server (default: disabled)
        --metrics                               enable prometheus compatible metrics endpoint
        """

    static let b11434 = ServerFeatures(
        version: "version: 0.6.0-dev (build 11434, commit unknown)\nbuilt with GNU",
        help: help
    )

    @Test func `every name of an option is known and nothing else is`() {
        let features = Self.b11434
        for name in [
            "-h", "--help", "--usage", "-fa", "--flash-attn", "-nkvo", "--no-kv-offload",
            "--swa-checkpoints", "--no-webui", "--n-gpu-layers",
        ] {
            #expect(features.has(name), "\(name)")
        }
        for name in ["-", "none:", "--no-mmap", "N", "-----", "ending"] {
            #expect(!features.has(name), "\(name)")
        }
        #expect(features.missing == [])
    }

    @Test(arguments: [
        ("--flash-attn", true), ("--ctx-size", true), ("--device", true), ("--pooling", true),
        ("--swa-full", false), ("--metrics", false), ("--no-ui", false), ("--nonsense", false),
    ])
    func `an option takes a value where the help names one`(option: String, takes: Bool) {
        #expect(Self.b11434.takesValue(option) == takes)
    }

    @Test func `the newest name of an option is used`() {
        #expect(
            Self.b11434.first(of: ["--ctx-checkpoints", "--swa-checkpoints"]) == "--ctx-checkpoints"
        )
        #expect(Self.b11434.first(of: ["--newer", "--swa-checkpoints"]) == "--swa-checkpoints")
        #expect(Self.b11434.first(of: ["--newer"]) == nil)
    }

    @Test(arguments: [
        ("version: 0.6.0-dev (build 11434, commit unknown)", 11434),
        ("ggml_cuda_init: found 1 device\nversion: 6500 (b3a8bc2)\nbuilt with", 6500),
        ("no version here", nil), ("version: unknown", nil),
    ])
    func `the build is read from either form of version`(text: String, build: Int?) {
        #expect(ServerFeatures(version: text, help: "").build == build)
    }

    @Test func `a program without unix sockets is too old`() {
        let help = Self.help.replacing("or UNIX socket paths", with: "only")
        #expect(
            ServerFeatures(version: "", help: help).missing == ["--host with a unix socket"]
        )
    }

    @Test func `a program without slots that share a cache is too old`() {
        let help = Self.help.replacing("--kv-unified", with: "--kv-other")
        #expect(ServerFeatures(version: "", help: help).missing == ["--kv-unified"])
    }
}
