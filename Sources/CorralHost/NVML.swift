#if os(Linux)
internal import CorralMemory
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// NVIDIA's management library, opened at run time (`nvml.h`, API version 12).
///
/// All of it is unsafe, since it calls C functions found by name. Each symbol's type is
/// that of the header's declaration; a device handle is an opaque pointer and travels as
/// an integer of its size; each buffer is as large as its length says and outlives
/// its call. The library stays loaded, so the functions stay valid.
@safe struct NVML: Sendable {
    private typealias Query = @Sendable @convention(c) (UInt, UnsafeMutableRawPointer) -> Int32
    private typealias TextQuery =
        @Sendable @convention(c) (UInt, UnsafeMutableRawPointer, UInt32) -> Int32

    private struct Device {
        var handle: UInt
        var name: String
        var identifier: String
    }

    private let devices: [Device]
    private let memory: Query
    private let hasReserved: Bool

    /// Opens the library, starts it and finds the devices: tens of milliseconds, and
    /// seconds where the driver must wake first, so it is done once.
    ///
    /// - Returns: `nil` if there is no library, no driver or no device.
    init?(library: String = "libnvidia-ml.so.1") {
        guard let handle = unsafe dlopen(library, RTLD_NOW | RTLD_LOCAL) else { return nil }
        func function<F>(_ name: String, as type: F.Type) -> F? {
            unsafe dlsym(handle, name).map { unsafe unsafeBitCast($0, to: type) }
        }
        typealias Start = @convention(c) () -> Int32
        typealias Count = @convention(c) (UnsafeMutablePointer<UInt32>) -> Int32
        typealias Find = @convention(c) (UInt32, UnsafeMutablePointer<UInt>) -> Int32
        let current = unsafe function("nvmlDeviceGetMemoryInfo_v2", as: Query.self)
        guard let start = function("nvmlInit_v2", as: Start.self),
            let count = unsafe function("nvmlDeviceGetCount_v2", as: Count.self),
            let find = unsafe function("nvmlDeviceGetHandleByIndex_v2", as: Find.self),
            let name = unsafe function("nvmlDeviceGetName", as: TextQuery.self),
            let uuid = unsafe function("nvmlDeviceGetUUID", as: TextQuery.self),
            let memory = unsafe current ?? function("nvmlDeviceGetMemoryInfo", as: Query.self),
            start() == 0
        else { return nil }
        unsafe self.memory = memory
        hasReserved = unsafe current != nil
        var number: UInt32 = 0
        guard unsafe count(&number) == 0, number > 0 else { return nil }
        devices = (0..<min(number, 256)).compactMap { index in
            var device: UInt = 0
            guard unsafe find(index, &device) == 0 else { return nil }
            return unsafe Device(
                handle: device,
                name: Self.text(name, of: device) ?? "NVIDIA GPU",
                identifier: Self.text(uuid, of: device) ?? "\(index)"
            )
        }
    }

    private static func text(_ query: TextQuery, of device: UInt) -> String? {
        // NVML_DEVICE_NAME_V2_BUFFER_SIZE and NVML_DEVICE_UUID_V2_BUFFER_SIZE are 96.
        var bytes = [UInt8](repeating: 0, count: 96)
        let length = UInt32(bytes.count)
        let status = unsafe bytes.withUnsafeMutableBytes { buffer in
            unsafe buffer.baseAddress.map { unsafe query(device, $0, length) }
        }
        guard status == 0 else { return nil }
        return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// The devices with what of their memory is free now; a device without memory of
    /// its own (Jetson, GB10) answers "not supported" and uses the machine's.
    func read() -> [GPU] {
        devices.map { device in
            GPU(
                vendor: .nvidia,
                name: device.name,
                identifier: device.identifier,
                memory: memory(of: device.handle)
            )
        }
    }

    private func memory(of device: UInt) -> GPU.Memory {
        // nvmlMemory_v2_t {u32 version, (padding), u64 total, reserved, free, used}, whose
        // version is its size and a 2 in the third byte; nvmlMemory_t {u64 total, free, used}.
        var words: [UInt64] = hasReserved ? [40 | 2 << 24, 0, 0, 0, 0] : [0, 0, 0]
        let status = unsafe words.withUnsafeMutableBytes { buffer in
            unsafe buffer.baseAddress.map { unsafe memory(device, $0) }
        }
        // NVML_ERROR_NOT_SUPPORTED
        if status == 3 { return .host }
        guard status == 0 else { return .unknown }
        let total = ByteCount(clamping: words[hasReserved ? 1 : 0])
        let reserved = hasReserved ? ByteCount(clamping: words[2]) : .zero
        let free = ByteCount(clamping: words[hasReserved ? 3 : 1])
        let limit = max(.zero, total - reserved)
        return .dedicated(HostMemory.Domain(limit: limit, available: min(free, limit)))
    }
}
#endif
