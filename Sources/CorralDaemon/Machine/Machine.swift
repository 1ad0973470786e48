import CorralHost
import CorralMemory
import CorralPlanner

/// The machine models are planned for.
struct Machine: Sendable {
    /// Reads its memory now.
    var memory: @Sendable () throws -> HostMemory
    /// What its processor can, as far as weights are repacked for it.
    var cpu: CPUFeatures
    /// The threads that compute: one a physical core.
    var threads: Int
    /// The devices layers can go to.
    var accelerators: [CorralPlanner.Accelerator]
    /// Reads the memory of a process; `nil` where it cannot be read.
    var processMemory: @Sendable (Int32) -> ProcessMemory?
    /// What it keeps of files in memory.
    var pageCache = PageCache.live
    /// What its files are stored on.
    var storageNames = StorageNames()

    init(
        memory: @escaping @Sendable () throws -> HostMemory,
        cpu: CPUFeatures = [],
        threads: Int = 1,
        accelerators: [CorralPlanner.Accelerator] = [],
        processMemory: @escaping @Sendable (Int32) -> ProcessMemory? = { _ in nil }
    ) {
        self.memory = memory
        self.processMemory = processMemory
        self.cpu = cpu
        self.threads = threads
        self.accelerators = accelerators
    }

    /// This machine.
    ///
    /// - Throws: `HostError` when the system's figures cannot be read.
    init(_ environment: UserEnvironment = .current) throws {
        let source = HostSource.live(
            visible: DeviceVisibility(
                cuda: environment["CUDA_VISIBLE_DEVICES"],
                hip: environment["HIP_VISIBLE_DEVICES"]
            )
        )
        let system = SystemMemory(source)
        let description = try HostDescription(source)
        self.init(
            memory: { try system.read() },
            cpu: CPUFeatures(description.features),
            threads: description.physicalCores ?? description.logicalCores,
            accelerators: Self.accelerators(description.accelerators),
            processMemory: { try? ProcessMemory.read(pid: $0, from: source) }
        )
    }

    /// The devices as the planner knows them; llama.cpp numbers those of one kind from 0.
    static func accelerators(
        _ found: [CorralHost.Accelerator]
    ) -> [CorralPlanner.Accelerator] {
        var counts: [String: Int] = [:]
        return found.enumerated().compactMap { index, device in
            let name: String
            let backend: CorralPlanner.Accelerator.Backend
            switch device.vendor {
            case .nvidia: (name, backend) = ("CUDA", .cuda)
            case .amd: (name, backend) = ("ROCm", .cuda)
            case .apple: (name, backend) = ("Metal", .metal)
            case .intel: return nil
            }
            let domain: MemoryDomain
            var share = 1.0
            switch device.memory {
            case .dedicated(let memory):
                domain = .gpu(index)
                share = Double(max(1, memory.available.rawValue))
            case .host: domain = .host
            case .unknown: return nil
            }
            defer { counts[name, default: 0] += 1 }
            let buffer = backend == .metal ? name : "\(name)\(counts[name, default: 0])"
            return CorralPlanner.Accelerator(
                domain: domain,
                bufferName: buffer,
                backend: backend,
                share: share
            )
        }
    }
}

extension CPUFeatures {
    /// Of all a processor can, what decides about repacking.
    init(_ features: [ProcessorFeature]) {
        self = features.reduce(into: []) { set, feature in
            switch feature {
            case .avx2: set.insert(.avx2)
            case .avx512: set.insert(.avx512)
            case .neon: set.insert(.neon)
            case .dotProduct: set.insert(.dotProduct)
            case .int8MatrixMultiply: set.insert(.int8MatrixMultiply)
            default: break
            }
        }
    }
}
