private import CLlama

/// llama.cpp itself, which is set up once for the whole process.
enum Library {
    /// What tells this llama.cpp from others: saved conversations belong to it.
    static let version: String = {
        prepare()
        // String constants of the library's.
        let texts = unsafe [llama_version(), ggml_version(), ggml_commit()].compactMap {
            unsafe $0.map { unsafe String(cString: $0) }
        }
        return texts.joined(separator: "/") + "/\(LLAMA_STATE_SEQ_VERSION)"
    }()

    /// Whether this llama.cpp can use any accelerator.
    static let offloads: Bool = {
        prepare()
        return llama_supports_gpu_offload()
    }()

    /// Gives memory that was freed back to the system, which the allocator may keep.
    static func trimMemory() { corral_trim_memory() }

    /// Sets llama.cpp up, once; its log then goes to whoever runs a call.
    static func prepare() { _ = isPrepared }

    private static let isPrepared: Bool = {
        // The text lives as long as the callback runs.
        unsafe llama_log_set(
            { level, text, _ in
                guard let sink = LogSink.current, let text = unsafe text else { return }
                let rating: LogSink.Level? =
                    switch level {
                    case GGML_LOG_LEVEL_ERROR: .error
                    case GGML_LOG_LEVEL_WARN: .warning
                    case GGML_LOG_LEVEL_INFO: .info
                    case GGML_LOG_LEVEL_CONT: nil
                    default: .debug
                    }
                sink.take(unsafe String(cString: text), rating)
            },
            nil
        )
        llama_backend_init()
        return true
    }()
}
