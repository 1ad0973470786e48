public import CorralMemory

/// A device with memory of its own that layers can be offloaded to.
public struct Accelerator: Hashable, Sendable {
    /// What drives the device, which decides how its buffers are laid out.
    public enum Backend: String, CaseIterable, Codable, Hashable, Sendable {
        /// NVIDIA.
        case cuda
        /// Apple.
        case metal
        /// Any other: Vulkan, RPC, SYCL.
        case other

        /// The bytes each tensor is padded to: `ggml_backend_cuda_buffer_type_get_alignment`, and
        /// 32 on Metal and over RPC (llama.cpp b11434).
        var alignment: Int64 { self == .cuda ? 128 : 32 }
    }

    /// The pool its memory belongs to; with unified memory the host's.
    public var domain: MemoryDomain

    /// The name llama.cpp gives its buffers, such as `CUDA0`.
    public var bufferName: String

    /// What drives the device.
    public var backend: Backend

    /// How much of the offloaded layers it takes, in proportion to the others'.
    public var share: Double

    /// Describes a device.
    ///
    /// - Parameters:
    ///   - domain: The pool its memory belongs to.
    ///   - bufferName: The name llama.cpp gives its buffers.
    ///   - backend: What drives the device.
    ///   - share: How much of the offloaded layers it takes, in proportion to the others';
    ///     llama.cpp takes each device's free memory.
    public init(
        domain: MemoryDomain,
        bufferName: String,
        backend: Backend = .other,
        share: Double = 1
    ) {
        self.domain = domain
        self.bufferName = bufferName
        self.backend = backend
        self.share = share
    }
}
