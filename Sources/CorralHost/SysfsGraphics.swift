internal import CorralMemory

/// The GPUs that sysfs tells of: AMD's with their memory, Intel's by name.
struct SysfsGraphics {
    private struct Card {
        var name: String
        var folder: String
        var vendor: GPU.Vendor
        var label: String
        var isIntegrated: Bool?
    }

    private let cards: [Card]

    /// Finds the cards once; they do not come and go, and listing folders is slow.
    init(_ files: FileTree) {
        let root = "/sys/class/drm"
        // `card0-DP-1` is a connector of `card0`. By number: `card10` comes after `card2`.
        let numbers = files.names(root).compactMap { name in
            name.hasPrefix("card") ? UInt16(name.dropFirst(4)) : nil
        }
        cards = numbers.sorted().compactMap { number in
            let folder = "\(root)/card\(number)/device"
            let vendor: GPU.Vendor
            switch files.text("\(folder)/vendor")?.trimmed {
            case "0x1002": vendor = .amd
            case "0x8086": vendor = .intel
            default: return nil
            }
            let model = files.text("\(folder)/product_name")?.trimmed ?? ""
            let code = files.text("\(folder)/device")?.trimmed ?? "of unknown kind"
            return Card(
                name: "card\(number)",
                folder: folder,
                vendor: vendor,
                label: model.isEmpty ? "\(vendor.rawValue) GPU \(code)" : model,
                isIntegrated: vendor == .amd
                    ? Self.isIntegratedAMD(folder, files) : Self.isIntegratedIntel(folder, files)
            )
        }
    }

    /// The cards with what of their memory is free now.
    func read(_ files: FileTree) -> [GPU] {
        cards.map { card in
            let memory: GPU.Memory =
                switch card.vendor {
                case .amd: Self.memory(of: card, files)
                // Intel's drivers publish no figure for their cards.
                default: card.isIntegrated == true ? .host : .unknown
                }
            return GPU(
                vendor: card.vendor,
                name: card.label,
                identifier: card.name,
                memory: memory
            )
        }
    }

    /// Whether an AMD GPU is part of the processor: `nil` if the driver does not say.
    ///
    /// The header of `gpu_metrics` gives its table's revision in byte 2, and amdgpu uses
    /// 1 for cards and 2 and 3 for APUs (the kernel's `kgd_pp_interface.h`).
    private static func isIntegratedAMD(_ folder: String, _ files: FileTree) -> Bool? {
        guard let header = files.read("\(folder)/gpu_metrics"), header.count > 3 else { return nil }
        return switch header[2] {
        case 1: false
        case 2, 3: true
        default: nil
        }
    }

    /// Whether an Intel GPU is part of the processor: those sit at one fixed address.
    private static func isIntegratedIntel(_ folder: String, _ files: FileTree) -> Bool {
        files.text("\(folder)/uevent")?.lines.contains("PCI_SLOT_NAME=0000:00:02.0") ?? false
    }

    /// An AMD GPU's memory.
    ///
    /// A card has its own. An APU has a carve-out that the firmware set aside: where it
    /// is smaller than what the driver may map of the machine's memory (GTT), amdgpu
    /// allocates from the latter (`apu_prefer_gtt`), so the host is the one domain; a larger
    /// one is missing from `MemTotal` and thus a domain of its own. Where the driver
    /// does not tell which it is, 1 GiB or less is a carve-out.
    private static func memory(of card: Card, _ files: FileTree) -> GPU.Memory {
        func figure(_ name: String) -> ByteCount? {
            files.text("\(card.folder)/mem_info_\(name)")?.number
        }
        guard let total = figure("vram_total") else { return .unknown }
        let mappable = figure("gtt_total") ?? .zero
        if card.isIntegrated ?? (total <= .gibibytes(1)), total < mappable { return .host }
        guard let used = figure("vram_used"), total > .zero else { return .unknown }
        return .dedicated(
            HostMemory.Domain(limit: total, available: max(.zero, total - used))
        )
    }
}
