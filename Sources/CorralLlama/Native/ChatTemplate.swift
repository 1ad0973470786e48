import CLlama
import CLlamaTemplates

/// Messages as the text a model was trained to go on with.
///
/// The template is run as it is, in Jinja, where this was built with the library of llama.cpp's
/// tools. Else llama.cpp's own library writes what it knows of it: it recognises many templates.
@safe final class ChatTemplate {
    // Made by init, freed by deinit, never handed out.
    private let jinja: OpaquePointer?
    // Keeps the model alive that the template was read from.
    private let weights: Weights
    private let text: String

    /// Takes a model's template.
    ///
    /// - Parameters:
    ///   - weights: The model.
    ///   - override: A template in place of the model's, or the name of one that llama.cpp knows,
    ///     such as `chatml`.
    init?(_ weights: Weights, override: String?) {
        guard let text = override ?? weights.template() else { return nil }
        self.text = text
        self.weights = weights
        // A name is none of Jinja's templates.
        let isName = override.map { !$0.contains("{") } ?? false
        unsafe jinja = isName ? nil : corral_templates_make(unsafe weights.pointer, override ?? "")
    }

    deinit { if let jinja = unsafe jinja { unsafe corral_templates_free(jinja) } }

    /// Writes messages in this template, with the beginning of the answer.
    ///
    /// - Returns: The text; `nil` where the template fails, or is none that llama.cpp knows.
    func rendered(_ messages: [ChatMessage]) -> String? {
        // llama.cpp takes C strings: the bytes of all texts in one array, each ended by a zero.
        var bytes: [CChar] = []
        var offsets: [(role: Int, content: Int)] = []
        func append(_ text: String) -> Int {
            let offset = bytes.count
            bytes += text.utf8.lazy.filter { $0 != 0 }.map { CChar(bitPattern: $0) }
            bytes.append(0)
            return offset
        }
        for message in messages {
            offsets.append((append(message.role.rawValue), append(message.content)))
        }
        // The pointers are used only while the array is lent.
        return unsafe bytes.withUnsafeBufferPointer { bytes in
            guard let start = bytes.baseAddress else { return nil }
            if let jinja = unsafe jinja {
                let roles = unsafe offsets.map { unsafe Optional(start + $0.role) }
                let contents = unsafe offsets.map { unsafe Optional(start + $0.content) }
                guard
                    let result = unsafe corral_templates_render(
                        jinja,
                        roles,
                        contents,
                        offsets.count
                    )
                else { return nil }
                defer { unsafe corral_templates_free_text(result) }
                return unsafe String(cString: result)
            }
            let chat = unsafe offsets.map {
                unsafe llama_chat_message(role: start + $0.role, content: start + $0.content)
            }
            return unsafe known(chat, bytes: bytes.count)
        }
    }

    /// What llama.cpp's library makes of the template.
    private func known(_ chat: [llama_chat_message], bytes: Int) -> String? {
        var result = [CChar](repeating: 0, count: 2 * bytes + 1024)
        for _ in 0..<2 {
            let length = unsafe result.withUnsafeMutableBufferPointer { result in
                unsafe llama_chat_apply_template(
                    text,
                    chat,
                    chat.count,
                    true,
                    result.baseAddress,
                    Int32(clamping: result.count)
                )
            }
            guard length >= 0 else { return nil }
            if Int(length) <= result.count {
                let text = result.prefix(Int(length)).map { UInt8(bitPattern: $0) }
                return String(decoding: text, as: UTF8.self)
            }
            result = [CChar](repeating: 0, count: Int(length))
        }
        return nil
    }
}
