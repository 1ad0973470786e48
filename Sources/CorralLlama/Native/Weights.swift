import CLlama
import CorralPlanner
import Synchronization

/// A model's weights and vocabulary, which all its contexts share.
///
/// Its functions may be called from any thread: llama.cpp only reads.
@safe final class Weights: Sendable {
    // Never changed, freed once, after the last context that holds this object.
    nonisolated(unsafe) let handle: OpaquePointer
    nonisolated(unsafe) private let vocabulary: OpaquePointer
    let files: WatchedFiles

    private init(_ handle: OpaquePointer, _ files: WatchedFiles) {
        unsafe self.handle = handle
        // A model that loaded has a vocabulary.
        unsafe vocabulary = llama_model_get_vocab(handle)
        self.files = files
    }

    deinit { unsafe llama_model_free(handle) }

    /// What a load tells while it runs, and asks.
    struct Watch: Sendable {
        /// Takes the fraction that is done.
        var progress: @Sendable (Double) -> Void
        /// Whether the load is still wanted.
        var isWanted: @Sendable () -> Bool
    }

    private final class Callback: Sendable {
        let watch: Watch
        init(_ watch: Watch) { self.watch = watch }
    }

    /// Loads the weights of a file.
    ///
    /// - Returns: The weights, or `nil` where llama.cpp could not, or was told to stop.
    static func load(
        _ path: String,
        files: [String],
        _ options: LoadOptions,
        _ watch: Watch
    ) -> Weights? {
        Library.prepare()
        let watched = WatchedFiles(files)
        var parameters = unsafe llama_model_default_params()
        let isOffloaded = options.gpuLayers > 0 && !options.accelerators.isEmpty
        unsafe parameters.n_gpu_layers = isOffloaded ? Int32(clamping: options.gpuLayers) : 0
        unsafe parameters.load_mode =
            options.loadMode == .mapped ? LLAMA_LOAD_MODE_MMAP : LLAMA_LOAD_MODE_NONE
        unsafe parameters.use_extra_bufts = options.repacks
        unsafe parameters.progress_callback = { fraction, callback in
            guard let callback = unsafe callback else { return true }
            let watch = unsafe Unmanaged<Callback>.fromOpaque(callback).takeUnretainedValue().watch
            watch.progress(Double(fraction))
            return watch.isWanted()
        }
        let callback = Callback(watch)
        // The pointer is used only while the load runs; the list of devices, too: none at all, so
        // that no device is opened that no layer goes to.
        return withExtendedLifetime(callback) {
            unsafe parameters.progress_callback_user_data =
                Unmanaged.passUnretained(callback).toOpaque()
            var none: [ggml_backend_dev_t?] = unsafe [nil]
            let model = unsafe none.withUnsafeMutableBufferPointer { devices in
                if !isOffloaded { unsafe parameters.devices = devices.baseAddress }
                return unsafe llama_model_load_from_file(path, parameters)
            }
            guard let model = unsafe model else { return nil }
            return unsafe Weights(model, watched)
        }
    }

    /// The model, for as long as this object lives.
    var pointer: UnsafeRawPointer { unsafe UnsafeRawPointer(handle) }

    /// The width of an embedding.
    var embeddingWidth: Int { Int(unsafe llama_model_n_embd_out(handle)) }

    /// Whether a state can only be gone on with, never cut back.
    var isRecurrent: Bool {
        unsafe llama_model_is_recurrent(handle) || llama_model_is_hybrid(handle)
    }

    /// The tokens a sliding window holds; 0 without.
    var window: Int { Int(unsafe llama_model_n_swa(handle)) }

    /// Whether tokens must go through an encoder before any is generated.
    var hasEncoder: Bool { unsafe llama_model_has_encoder(handle) }

    /// The tokens of the vocabulary.
    var vocabularySize: Int { Int(unsafe llama_vocab_n_tokens(vocabulary)) }

    /// The template of a name, the chat template without one; `nil` where the file has none.
    func template(_ name: String? = nil) -> String? {
        guard let text = unsafe llama_model_chat_template(handle, name) else { return nil }
        return unsafe String(cString: text)
    }

    /// Whether a token ends an answer.
    func endsGeneration(_ token: Token) -> Bool { unsafe llama_vocab_is_eog(vocabulary, token) }

    /// Text as tokens.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - addsSpecial: Whether the tokens that begin and end every text of the model are added.
    ///   - parsesSpecial: Whether the text may name special tokens, as templates do.
    /// - Returns: The tokens; none where the text has more bytes than llama.cpp can count.
    func tokens(_ text: String, addsSpecial: Bool, parsesSpecial: Bool) -> [Token] {
        var text = text
        return text.withUTF8 { bytes in
            guard let count = Int32(exactly: bytes.count) else { return [] }
            let start = unsafe UnsafeRawPointer(bytes.baseAddress)?
                .assumingMemoryBound(to: CChar.self)
            var tokens = [Token](repeating: 0, count: bytes.count / 2 + 16)
            for _ in 0..<2 {
                let made = unsafe tokens.withUnsafeMutableBufferPointer { tokens in
                    unsafe llama_tokenize(
                        vocabulary,
                        start,
                        count,
                        tokens.baseAddress,
                        Int32(clamping: tokens.count),
                        addsSpecial,
                        parsesSpecial
                    )
                }
                if made >= 0 { return Array(tokens.prefix(Int(made))) }
                guard made > Int32.min else { return [] }
                tokens = [Token](repeating: 0, count: Int(-made))
            }
            return []
        }
    }

    /// A token as text, which may end in the middle of a character; nothing for special tokens.
    func bytes(_ token: Token) -> [UInt8] {
        var bytes = [CChar](repeating: 0, count: 64)
        for _ in 0..<2 {
            let made = unsafe bytes.withUnsafeMutableBufferPointer { bytes in
                unsafe llama_token_to_piece(
                    vocabulary,
                    token,
                    bytes.baseAddress,
                    Int32(clamping: bytes.count),
                    0,
                    false
                )
            }
            if made >= 0 { return bytes.prefix(Int(made)).map { UInt8(bitPattern: $0) } }
            bytes = [CChar](repeating: 0, count: Int(-made))
        }
        return []
    }

    /// The special tokens of a pair of texts, as a classifier reads them.
    struct PairTokens: Hashable, Sendable {
        var begin: Token?
        var end: Token?
        var separator: Token?
    }

    /// What surrounds a query and a document where the file has no template for them.
    var pairTokens: PairTokens {
        var end = unsafe llama_vocab_eos(vocabulary)
        if end == LLAMA_TOKEN_NULL { end = unsafe llama_vocab_sep(vocabulary) }
        let begin = unsafe llama_vocab_bos(vocabulary)
        let separator = unsafe llama_vocab_sep(vocabulary)
        return unsafe PairTokens(
            begin: llama_vocab_get_add_bos(vocabulary) ? begin : nil,
            end: llama_vocab_get_add_eos(vocabulary) ? end : nil,
            separator: llama_vocab_get_add_sep(vocabulary) ? separator : nil
        )
    }

    /// Makes a sampler of a grammar over this vocabulary; `nil` where it cannot be parsed.
    func grammar(_ text: String) -> UnsafeMutablePointer<llama_sampler>? {
        unsafe llama_sampler_init_grammar(vocabulary, text, "root")
    }
}

/// A token's number in its model's vocabulary.
typealias Token = Int32
