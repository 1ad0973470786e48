import CorralCache
package import CorralHost
import CorralLlamaServer
package import CorralMemory
package import CorralPlanner
import Foundation

/// The machine that models are planned for and run on.
package struct Machine: Sendable {
    /// Reads its memory now.
    package var memory: @Sendable () throws -> HostMemory
    /// The processor's features that weights are repacked for.
    package var cpu: CPUFeatures
    /// The threads that compute: one a physical core.
    package var threads: Int
    /// The devices layers can go to.
    package var accelerators: [Accelerator]
    /// Reads the memory of a process; `nil` where it cannot be read.
    package var processMemory: @Sendable (Int32) -> ProcessMemory?
    /// Tells which parts of files the system keeps in memory.
    package var pageCache = PageCache.live
    /// Names the disks that files are stored on.
    package var storageNames = StorageNames()

    package init(
        memory: @escaping @Sendable () throws -> HostMemory,
        cpu: CPUFeatures = [],
        threads: Int = 1,
        accelerators: [Accelerator] = [],
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
    package init(_ environment: UserEnvironment = .current) throws {
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
            accelerators: Self.accelerators(description.gpus),
            processMemory: { try? ProcessMemory.read(pid: $0, from: source) }
        )
    }

    /// The devices that llama.cpp makes of graphics cards; it numbers those of one kind from 0.
    package static func accelerators(
        _ found: [GPU]
    ) -> [Accelerator] {
        var counts: [String: Int] = [:]
        return found.enumerated().compactMap { index, device in
            let name: String
            let backend: Accelerator.Backend
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
            return Accelerator(
                domain: domain,
                bufferName: buffer,
                backend: backend,
                share: share
            )
        }
    }
}

extension Machine {
    /// The machine's files as the engine asks for them.
    var files: ModelFileAccess {
        ModelFileAccess(
            storage: { [pageCache, storageNames] paths in
                let sizes = paths.map { path in
                    let url = URL(fileURLWithPath: path).resolvingSymlinksInPath()
                    let values = try? url.resourceValues(forKeys: [.fileSizeKey])
                    return (path: url.path, bytes: Int64(values?.fileSize ?? 0))
                }
                return ModelStorage(
                    name: paths.first.map(storageNames.name(ofFileAt:)) ?? "",
                    cachedShare: pageCache.share(of: sizes)
                )
            },
            readAhead: pageCache.readAhead
        )
    }
}

extension Machine: HostMemoryReader {
    /// Reads the machine's memory now; blocks while it does.
    package func read() throws -> HostMemory { try memory() }
}

extension CPUFeatures {
    /// Those of a processor's features that decide whether weights are repacked.
    package init(_ features: [ProcessorFeature]) {
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
