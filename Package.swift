// swift-tools-version: 6.2
import Foundation
import PackageDescription

// The folder of llama.cpp's llama.pc: in PKG_CONFIG_PATH, which `make` sets, or where Homebrew and
// the distributions put it. Without one, everything is built but what runs llama.cpp in this
// process (CorralLlama) or asks it for sizes (corral-dry-run). CORRAL_LIBLLAMA=off builds so too, for
// a program that runs where this machine's llama.cpp is not.
let llamaPkgConfig: String? = {
    if Context.environment["CORRAL_LIBLLAMA"] == "off" { return nil }
    let named = Context.environment["PKG_CONFIG_PATH"] ?? ""
    let usual = [
        "/opt/homebrew/lib/pkgconfig", "/usr/local/lib/pkgconfig", "/usr/lib/pkgconfig",
        "/usr/lib64/pkgconfig", "/usr/share/pkgconfig", "/usr/lib/x86_64-linux-gnu/pkgconfig",
        "/usr/lib/aarch64-linux-gnu/pkgconfig", "/home/linuxbrew/.linuxbrew/lib/pkgconfig",
    ]
    return (named.split(separator: ":").map(String.init) + usual).first {
        FileManager.default.fileExists(atPath: $0 + "/llama.pc")
    }
}()
let hasLlama = llamaPkgConfig != nil

// Whether the library of llama.cpp's tools is there too, with its headers: it runs chat templates in
// Jinja. Without it, those that libllama itself knows are used.
let hasLlamaCommon: Bool = {
    guard let folder = llamaPkgConfig else { return false }
    let libraries = URL(fileURLWithPath: folder).deletingLastPathComponent()
    // The header alone: while llama.cpp is being built, its libraries come last.
    let header = libraries.deletingLastPathComponent()
        .appendingPathComponent("include/llama-common/chat.h").path
    return FileManager.default.fileExists(atPath: header)
}()

// Packages that depend on this one by version have it checked out into a folder of this name.
let isDependency = Context.packageDirectory.contains("/checkouts/")

// Lets programs find libraries that no loader looks for by itself: those of a llama.cpp outside the
// system's folders. Dependents may not be given such flags; they link as they see fit.
let llamaLinkerSettings: [LinkerSetting] = {
    guard let folder = llamaPkgConfig, !folder.hasPrefix("/usr/"), !folder.hasPrefix("/opt/"),
        !isDependency
    else { return [] }
    let libraries = URL(fileURLWithPath: folder).deletingLastPathComponent().path
    return [.unsafeFlags(["-Xlinker", "-rpath", "-Xlinker", libraries])]
}()

let package = Package(
    name: "corral",
    platforms: [.macOS(.v26)],
    products: [
        .executable(name: "corral", targets: ["corral"]),
        .library(name: "CorralMemory", targets: ["CorralMemory"]),
        .library(name: "CorralGGUF", targets: ["CorralGGUF"]),
        .library(name: "CorralHost", targets: ["CorralHost"]),
        .library(name: "CorralPlanner", targets: ["CorralPlanner"]),
        .library(name: "CorralCache", targets: ["CorralCache"]),
        .library(name: "CorralLlamaServer", targets: ["CorralLlamaServer"]),
        .library(name: "CorralServer", targets: ["CorralServer"]),
        .library(name: "CorralServing", targets: ["CorralServing"]),
        .library(name: "CorralTesting", targets: ["CorralTesting"]),
    ],
    traits: [
        .trait(
            name: "TLS",
            description: "Lets the command line ask servers at https URLs; builds BoringSSL."
        )
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(
            url: "https://github.com/apple/swift-configuration",
            from: "1.4.0",
            traits: [.defaults, "YAML"]
        ),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.5.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0"),
    ],
    targets: [
        // Layer 1: what memory is, what a model file says.
        .target(name: "CorralMemory"),
        .target(name: "CorralGGUF"),

        // Layer 1 of the server: JSON that is passed on more often than it is read, and the shapes of
        // the daemon's own routes.
        .target(
            name: "CorralJSON",
            dependencies: [.product(name: "NIOCore", package: "swift-nio")]
        ),
        .target(
            name: "CorralWire",
            dependencies: [.product(name: "NIOCore", package: "swift-nio")]
        ),

        // Layer 2: what is resident, what a model will take, what the machine has.
        .target(
            name: "CorralCache",
            dependencies: [
                "CorralMemory",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .target(name: "CorralPlanner", dependencies: ["CorralGGUF", "CorralMemory"]),
        .target(name: "CorralHost", dependencies: ["CorralMemory"]),

        // What the server asks of an engine's models.
        .target(
            name: "CorralServing",
            dependencies: [
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),

        // Asks HTTP servers: the models' processes, and the daemon.
        .target(
            name: "CorralHTTP",
            dependencies: [
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(
                    name: "NIOSSL",
                    package: "swift-nio-ssl",
                    condition: .when(traits: ["TLS"])
                ),
            ]
        ),

        // Layer 3: where models are found, an engine, and the routes over any engine.
        .target(
            name: "CorralCatalogue",
            dependencies: ["CorralCache", "CorralGGUF", "CorralMemory", "CorralPlanner"]
        ),
        // Asks llama.cpp itself what a model takes, through corral-dry-run where that was built.
        .target(
            name: "CorralDryRun",
            dependencies: [
                "CorralMemory", "CorralPlanner",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .target(
            name: "CorralLlamaServer",
            dependencies: [
                "CorralCache", "CorralGGUF", "CorralHTTP", "CorralMemory", "CorralPlanner",
                "CorralServing",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        // The APIs that clients speak: requests, answers and errors in the shapes of each.
        .target(
            name: "CorralDialects",
            dependencies: [
                "CorralCache", "CorralJSON", "CorralServing", "CorralWire",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),
        // What the server makes of the cache's events and of answers: metrics, a history, the log.
        .target(
            name: "CorralObservability",
            dependencies: [
                "CorralCache", "CorralJSON", "CorralMemory", "CorralWire",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),
        .target(
            name: "CorralServer",
            dependencies: [
                "CorralCache", "CorralDialects", "CorralJSON", "CorralMemory",
                "CorralObservability", "CorralServing", "CorralWire",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            resources: [.embedInCode("Dashboard/Page")]
        ),

        // Packs and unpacks what `corral record` writes and `corral simulate` reads.
        .systemLibrary(
            name: "CZlib",
            providers: [.brew(["zlib"]), .apt(["zlib1g-dev"])]
        ),
        .target(name: "CorralSimulator", dependencies: ["CZlib", "CorralCache", "CorralMemory"]),

        // Layer 4: the daemon, which a test can run in its own process.
        .target(
            name: "CorralDaemon",
            dependencies: [
                "CorralCache", "CorralCatalogue", "CorralDryRun", "CorralHost",
                "CorralLlamaServer", "CorralMemory", "CorralPlanner", "CorralServer",
                "CorralServing",
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ]
        ),

        // Layer 5: the command line.
        .executableTarget(
            name: "corral",
            dependencies: [
                "CorralCache", "CorralCatalogue", "CorralDaemon", "CorralDryRun", "CorralGGUF",
                "CorralHTTP", "CorralHost", "CorralLlamaServer", "CorralMemory",
                "CorralPlanner", "CorralServer", "CorralServing", "CorralSimulator", "CorralWire",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),

        // Doubles for tests and benchmarks, a product of its own.
        .target(
            name: "CorralTesting",
            dependencies: ["CorralCache", "CorralGGUF", "CorralMemory"]
        ),

        // What tests of several libraries read of the shared folder.
        .target(
            name: "SharedFixtures",
            dependencies: ["CorralPlanner"],
            path: "Tests/SharedFixtures"
        ),

        .testTarget(name: "CorralMemoryTests", dependencies: ["CorralMemory", "CorralTesting"]),
        .testTarget(name: "CorralGGUFTests", dependencies: ["CorralGGUF", "CorralTesting"]),
        .testTarget(
            name: "CorralCacheTests",
            dependencies: ["CorralCache", "CorralMemory", "CorralTesting"]
        ),
        .testTarget(
            name: "CorralPlannerTests",
            dependencies: [
                "CorralPlanner", "CorralGGUF", "CorralMemory", "CorralTesting", "SharedFixtures",
            ],
            exclude: ["Fixtures"]
        ),
        .testTarget(
            name: "CorralDryRunTests",
            dependencies: [
                "CorralDryRun", "CorralGGUF", "CorralMemory", "CorralPlanner", "CorralTesting",
                "SharedFixtures",
            ]
        ),
        .testTarget(
            name: "CorralHostTests",
            dependencies: ["CorralHost", "CorralMemory", "CorralTesting"]
        ),
        .testTarget(
            name: "CorralCatalogueTests",
            dependencies: [
                "CorralCatalogue", "CorralCache", "CorralGGUF", "CorralMemory", "CorralPlanner",
                "CorralTesting",
            ]
        ),
        .testTarget(
            name: "CorralHTTPTests",
            dependencies: [
                "CorralHTTP",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]
        ),
        .testTarget(
            name: "CorralLlamaServerTests",
            dependencies: [
                "CorralLlamaServer", "CorralCache", "CorralGGUF", "CorralMemory", "CorralPlanner",
                "CorralServing", "CorralTesting",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),
        .testTarget(
            name: "CorralSimulatorTests",
            dependencies: [
                "CorralSimulator", "CorralCache", "CorralMemory", "CorralTesting",
                "SharedFixtures",
            ]
        ),
        .testTarget(
            name: "CorralJSONTests",
            dependencies: [
                "CorralJSON", "CorralTesting",
                .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),
        .testTarget(
            name: "CorralWireTests",
            dependencies: [
                "CorralWire", "CorralJSON", .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),
        .testTarget(
            name: "CorralDialectsTests",
            dependencies: [
                "CorralDialects", "CorralCache", "CorralJSON", "CorralServing",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),
        .testTarget(
            name: "CorralObservabilityTests",
            dependencies: [
                "CorralObservability", "CorralCache", "CorralJSON", "CorralMemory",
                "CorralTesting", "CorralWire",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),
        .testTarget(
            name: "CorralServerTests",
            dependencies: [
                "CorralServer", "CorralCache", "CorralDialects", "CorralJSON", "CorralMemory",
                "CorralObservability", "CorralServing", "CorralTesting", "CorralWire",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "MetricsTestKit", package: "swift-metrics"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),
        // Models and machines that tests of the daemon and of the command line make up.
        .target(
            name: "DaemonFixtures",
            dependencies: ["CorralDaemon", "CorralGGUF", "CorralMemory", "CorralTesting"],
            path: "Tests/DaemonFixtures"
        ),
        .testTarget(
            name: "CorralDaemonTests",
            dependencies: [
                "CorralDaemon", "DaemonFixtures", "CorralCache", "CorralCatalogue", "CorralGGUF",
                "CorralHTTP", "CorralHost", "CorralLlamaServer", "CorralMemory",
                "CorralPlanner", "CorralServer", "CorralServing", "CorralTesting",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),
        .testTarget(
            name: "corralTests",
            dependencies: [
                "corral", "CorralCache", "CorralCatalogue", "CorralDaemon", "CorralDryRun",
                "CorralGGUF", "CorralHost", "CorralLlamaServer", "CorralMemory",
                "CorralPlanner", "CorralServer", "CorralSimulator", "CorralTesting",
                "CorralWire", "DaemonFixtures",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),
    ],
    cxxLanguageStandard: .cxx17
)

if hasLlama {
    package.products += [
        .executable(name: "corral-dry-run", targets: ["corral-dry-run"]),
        .library(name: "CorralLlama", targets: ["CorralLlama"]),
        .library(name: "CorralLlamaServing", targets: ["CorralLlamaServing"]),
    ]
    package.targets += [
        .systemLibrary(
            name: "CLlama",
            pkgConfig: "llama",
            providers: [.brew(["llama.cpp"]), .apt(["libllama-dev"])]
        ),
        // Asks llama.cpp how much memory a model takes: a program of its own, for it may abort.
        .executableTarget(
            name: "corral-dry-run",
            dependencies: ["CLlama"],
            linkerSettings: llamaLinkerSettings
        ),
        .target(
            name: "CLlamaTemplates",
            dependencies: ["CLlama"],
            cxxSettings: hasLlamaCommon ? [.define("CORRAL_LLAMA_COMMON")] : [],
            linkerSettings: hasLlamaCommon ? [.linkedLibrary("llama-common")] : []
        ),
        // An engine: llama.cpp inside this process, for apps.
        .target(
            name: "CorralLlama",
            dependencies: [
                "CLlama", "CLlamaTemplates", "CorralCache", "CorralGGUF", "CorralHost",
                "CorralMemory", "CorralPlanner",
                .product(name: "Logging", package: "swift-log"),
            ],
            linkerSettings: llamaLinkerSettings
        ),
        // llama.cpp inside this process, as the server asks it.
        .target(
            name: "CorralLlamaServing",
            dependencies: [
                "CorralLlama", "CorralServing",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            linkerSettings: llamaLinkerSettings
        ),
        .executableTarget(
            name: "in-process-bench",
            dependencies: [
                "CorralCache", "CorralHost", "CorralLlama", "CorralMemory", "CorralPlanner",
            ],
            path: "bench/InProcess",
            linkerSettings: llamaLinkerSettings
        ),
        .executableTarget(
            name: "terminal-chat",
            dependencies: ["CorralCache", "CorralLlama", "CorralMemory"],
            path: "Examples/TerminalChat",
            linkerSettings: llamaLinkerSettings
        ),
        .executableTarget(
            name: "folder-rag",
            dependencies: ["CorralCache", "CorralLlama", "CorralMemory"],
            path: "Examples/FolderRAG",
            linkerSettings: llamaLinkerSettings
        ),
        .testTarget(
            name: "CorralLlamaTests",
            dependencies: [
                "CorralLlama", "CorralCache", "CorralGGUF", "CorralMemory", "CorralPlanner",
                "CorralTesting",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .testTarget(
            name: "CorralLlamaServingTests",
            dependencies: [
                "CorralLlamaServing", "CorralCache", "CorralLlama", "CorralMemory",
                "CorralServing",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),
    ]
    for target in package.targets {
        switch target.name {
        case "CorralDaemon": target.dependencies += ["CorralLlama", "CorralLlamaServing"]
        case "corral": target.dependencies += ["CorralLlama", "CorralLlamaServing"]
        case "corralTests": target.dependencies += ["CorralLlama"]
        default: break
        }
    }
} else if !isDependency {
    print("no llama.pc in PKG_CONFIG_PATH: building without CorralLlama and corral-dry-run")
}

for target in package.targets where target.type != .system {
    target.swiftSettings =
        [
            .enableUpcomingFeature("ExistentialAny"),
            .enableUpcomingFeature("InternalImportsByDefault"),
            .enableUpcomingFeature("MemberImportVisibility"),
            .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
            .enableUpcomingFeature("InferIsolatedConformances"),
            .enableUpcomingFeature("ImmutableWeakCaptures"),
            .enableExperimentalFeature("Lifetimes"),
            .treatAllWarnings(as: .error),
        ]
        + (hasLlama ? [.define("CORRAL_LLAMA")] : [])
        + (target.type == .test ? [] : [.strictMemorySafety()])
}
