// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that measuring is no part of what others build.
let package = Package(
    name: "benchmarks",
    platforms: [.macOS(.v26)],
    dependencies: [.package(name: "corral", path: "..")],
    targets: [
        .executableTarget(
            name: "LeaseBenchmark",
            dependencies: [
                .product(name: "CorralCache", package: "corral"),
                .product(name: "CorralMemory", package: "corral"),
                .product(name: "CorralTesting", package: "corral"),
            ]
        ),
        .executableTarget(
            name: "PolicyBenchmark",
            dependencies: [
                .product(name: "CorralCache", package: "corral"),
                .product(name: "CorralMemory", package: "corral"),
                .product(name: "CorralSimulator", package: "corral"),
                .product(name: "CorralTesting", package: "corral"),
            ]
        ),
    ]
)
