import ArgumentParser
import CorralMemory
import CorralPlanner

/// A device to plan for that this machine need not have, as `--device` names it: `cuda:24GiB`.
struct PlannedDevice: ExpressibleByArgument, Hashable, Sendable {
    /// The kinds of devices with memory of their own, in llama.cpp's words; Apple's share the host's.
    enum Kind: String, CaseIterable, Sendable {
        case cuda, rocm, vulkan

        /// The name that llama.cpp gives the buffers of such a device.
        var bufferName: String {
            switch self {
            case .cuda: "CUDA"
            case .rocm: "ROCm"
            case .vulkan: "Vulkan"
            }
        }

        /// How its buffers are laid out; ROCm is CUDA's code.
        var backend: Accelerator.Backend {
            switch self {
            case .cuda, .rocm: .cuda
            case .vulkan: .other
            }
        }
    }

    var kind: Kind
    var memory: ByteCount

    /// Reads `KIND:SIZE`; `nil` for any other text.
    init?(argument: String) {
        let parts = argument.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let kind = Kind(rawValue: parts[0].lowercased()),
            let memory = ByteCount(parsing: String(parts[1])), memory > .zero
        else { return nil }
        self.kind = kind
        self.memory = memory
    }

    static var defaultValueDescription: String { "what this machine has" }
}

extension [PlannedDevice] {
    /// The devices as the planner knows them, numbered in their order; layers go to each in
    /// proportion to its memory.
    var accelerators: [Accelerator] {
        var counts: [PlannedDevice.Kind: Int] = [:]
        return enumerated().map { index, device in
            defer { counts[device.kind, default: 0] += 1 }
            return Accelerator(
                domain: .gpu(index),
                bufferName: "\(device.kind.bufferName)\(counts[device.kind, default: 0])",
                backend: device.kind.backend,
                share: Double(device.memory.rawValue)
            )
        }
    }

    /// The memory of the devices.
    var memory: DomainBytes {
        enumerated().reduce(into: DomainBytes.zero) { bytes, device in
            bytes[.gpu(device.offset)] = device.element.memory
        }
    }
}
