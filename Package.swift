// swift-tools-version: 6.2

import PackageDescription

// The layers, from the ground up. A target may import what stands above it here; `.ci/layers` checks the imports that
// the compiler does not mind (a C fence reached through another target).

let package = Package(
    name: "orion-network-manager",
    products: [
        .executable(name: "oriond", targets: ["oriond"]),
        .executable(name: "mibgen", targets: ["mibgen"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-log", from: "1.14.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.7.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.6.0"),
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.0.0"),
    ],
    targets: [
        // Fences: module maps over C, and shims for what Swift cannot call.
        .target(name: "CLinux"),
        .systemLibrary(name: "CKmod", pkgConfig: "libkmod", providers: [.apt(["libkmod-dev"])]),
        .systemLibrary(name: "CNetlink", pkgConfig: "libnl-genl-3.0", providers: [.apt(["libnl-genl-3-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CSMI", pkgConfig: "libsmi", providers: [.apt(["libsmi2-dev"])]),

        // Words: what every layer speaks.
        .target(name: "SMI"),
        .target(name: "NetworkModel"),
        .target(name: "EventLoop", dependencies: ["CLinux"]),

        // Protocol.
        .target(
            name: "AgentX",
            dependencies: ["SMI", "EventLoop", "CLinux", .product(name: "Logging", package: "swift-log")]
        ),

        // Domain.
        .target(
            name: "NetworkManagement",
            dependencies: [
                "NetworkModel", .product(name: "Logging", package: "swift-log"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
            ]
        ),

        // Adapters.
        .target(
            name: "LinuxPlatform",
            dependencies: [
                "NetworkManagement", "NetworkModel", "EventLoop", "CNetlink", "CKmod", "CLinux",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .target(
            name: "StateStore",
            dependencies: [
                "NetworkManagement", "NetworkModel", "COpenSSL", "CLinux",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]
        ),
        .target(name: "OrionSchema", dependencies: ["SMI"]),
        .target(name: "OrionMIB", dependencies: ["OrionSchema", "SMI", "NetworkManagement", "NetworkModel"]),

        // Composition.
        .target(
            name: "OrionDaemon",
            dependencies: [
                "SMI", "AgentX", "EventLoop", "NetworkModel", "NetworkManagement", "LinuxPlatform", "StateStore",
                "OrionSchema", "OrionMIB", "CLinux",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "TOMLKit", package: "TOMLKit"),
            ]
        ),
        .executableTarget(name: "oriond", dependencies: ["OrionDaemon"]),

        // Tools of the build.
        .target(name: "MIBGeneration", dependencies: ["CSMI"]),
        .executableTarget(name: "mibgen", dependencies: ["MIBGeneration"]),

        // The fake platform, and the conformance suite that it and the real one pass.
        .target(
            name: "PlatformTesting", dependencies: ["NetworkManagement", "NetworkModel"], path: "Tests/PlatformTesting"),

        // Random numbers that a failing test can repeat.
        .target(name: "RandomTesting", path: "Tests/RandomTesting"),

        .testTarget(name: "SMITests", dependencies: ["SMI", "RandomTesting"]),
        .testTarget(name: "EventLoopTests", dependencies: ["EventLoop", "CLinux"]),
        .testTarget(
            name: "AgentXTests",
            dependencies: [
                "AgentX", "SMI", "EventLoop", "CLinux", "RandomTesting",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        // Fakes of the security manager's ports, and the suites that a fake and the real thing both pass.
        .target(
            name: "SecurityTesting",
            dependencies: ["NetworkManagement", "NetworkModel"],
            path: "Tests/SecurityTesting"
        ),
        .testTarget(
            name: "NetworkManagementTests",
            dependencies: [
                "NetworkManagement", "NetworkModel", "PlatformTesting", "SecurityTesting", "RandomTesting",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
            ]
        ),
        .testTarget(
            name: "StateStoreTests",
            dependencies: [
                "StateStore", "NetworkManagement", "NetworkModel", "SecurityTesting", "PlatformTesting", "CLinux",
                "StateCrashWriter",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]
        ),
        // Writes to a store until it is killed, for the tests of that.
        .executableTarget(
            name: "StateCrashWriter",
            dependencies: ["StateStore", "NetworkManagement", "NetworkModel", "SecurityTesting"],
            path: "Tests/StateCrashWriter"
        ),
        // Measures a sampling pass against the bare dump (Tests/Bench).
        .executableTarget(
            name: "SamplingBench",
            dependencies: [
                "LinuxPlatform", "NetworkManagement", "NetworkModel", "CNetlink",
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Tests/SamplingBench"
        ),
        .testTarget(
            name: "LinuxPlatformTests",
            dependencies: ["LinuxPlatform", "NetworkManagement", "NetworkModel", "PlatformTesting", "RandomTesting"]),
        .testTarget(name: "MIBGenerationTests", dependencies: ["MIBGeneration", "OrionSchema", "SMI"]),
        .testTarget(
            name: "OrionMIBTests",
            dependencies: [
                "OrionMIB", "OrionSchema", "SMI", "NetworkManagement", "NetworkModel", "PlatformTesting",
                "SecurityTesting", .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .testTarget(
            name: "OrionDaemonTests",
            dependencies: ["OrionDaemon", "NetworkManagement", "NetworkModel", "PlatformTesting"]),
        .testTarget(name: "SystemTests", dependencies: ["SMI", "RandomTesting"]),
    ],
    swiftLanguageModes: [.v6]
)

let fences: Set<String> = ["CKmod", "CLinux", "CNetlink", "COpenSSL", "CSMI"]
for target in package.targets where !fences.contains(target.name) {
    target.swiftSettings =
        (target.swiftSettings ?? []) + [
            .enableUpcomingFeature("ExistentialAny"),
            .enableUpcomingFeature("InternalImportsByDefault"),
            .enableUpcomingFeature("MemberImportVisibility"),
            .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
            .treatAllWarnings(as: .error),
            // Tests, which are built for debugging, check exclusive access as they run; on the request path it costs.
            .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)),
        ]
}
