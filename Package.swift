// swift-tools-version: 6.2
import Foundation
import PackageDescription

/// Settings shared by every Swift target of this package.
let swift: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// Settings of the C targets: optimised in debug builds too, because the engine's tests run them.
let optimisedC: [CSetting] = [
    .unsafeFlags(["-O3", "-fno-math-errno", "-Wall", "-Wextra", "-Werror"])
]

/// What `Presets`, whose data lies at the package's root, has to leave to the other targets.
let otherSources =
    ((try? FileManager.default.contentsOfDirectory(
        atPath: Context.packageDirectory + "/Sources")) ?? [])
    .filter { $0 != "Presets" }.sorted().map { "Sources/" + $0 }

let package = Package(
    name: "latent",
    products: [.executable(name: "latent", targets: ["latent"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    ],
    targets: [
        // C, fenced.
        .target(name: "CKernels", cSettings: optimisedC, linkerSettings: [.linkedLibrary("m")]),
        .target(
            name: "COneDNN", cSettings: optimisedC,
            linkerSettings: [.linkedLibrary("dnnl"), .linkedLibrary("gomp")]),
        .systemLibrary(
            name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .target(name: "CPNG", cSettings: optimisedC, linkerSettings: [.linkedLibrary("png")]),
        .systemLibrary(
            name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "CJPEG", cSettings: optimisedC, linkerSettings: [.linkedLibrary("jpeg")]),
        .target(name: "CSignals", cSettings: optimisedC),
        .target(name: "CPixels", cSettings: optimisedC, linkerSettings: [.linkedLibrary("m")]),
        .systemLibrary(
            name: "CSixel", pkgConfig: "libsixel", providers: [.apt(["libsixel-dev"])]),
        .target(
            name: "CTerminal", cSettings: optimisedC, linkerSettings: [.linkedLibrary("ncursesw")]),

        // Values and pure logic.
        .target(name: "Generation", swiftSettings: swift),
        .target(name: "Prompting", swiftSettings: swift),
        .target(name: "Hashing", dependencies: ["COpenSSL", "Generation"], swiftSettings: swift),
        .target(name: "Settings", dependencies: ["Generation"], swiftSettings: swift),
        .target(name: "Screen", swiftSettings: swift),
        .target(
            name: "Presets", dependencies: ["Generation", "Prompting", "Settings"], path: ".",
            exclude: ["LICENSE", "README.md", "Tests"] + otherSources, sources: ["Sources/Presets"],
            resources: [.copy("presets"), .copy("themes")], swiftSettings: swift),

        // Pictures, numbers, the engine.
        .target(
            name: "Images",
            dependencies: ["Generation", "Hashing", "CPNG", "CJPEG", "CPixels", "CZlib"],
            swiftSettings: swift),
        .target(
            name: "Tensors", dependencies: ["CKernels", "COneDNN", "COpenBLAS"],
            swiftSettings: swift),
        .target(
            name: "Diffusion",
            dependencies: ["Generation", "Prompting", "Tensors", "Images", "Settings"],
            resources: [.copy("Resources")], swiftSettings: swift),
        .target(
            name: "EmbeddedModel", dependencies: ["Generation", "Settings"], exclude: ["Training"],
            resources: [.copy("Model"), .copy("Companions")], swiftSettings: swift),

        // The journal and the terminal.
        .target(
            name: "History",
            dependencies: ["Generation", "Hashing", "Images", "Settings", "CZlib"],
            swiftSettings: swift),
        .target(
            name: "Terminal",
            dependencies: ["Generation", "Screen", "Images", "CTerminal", "CSixel"],
            swiftSettings: swift),

        .target(
            name: "Studio",
            dependencies: ["Generation", "Prompting", "Presets", "Screen"],
            swiftSettings: swift),
        .target(
            name: "StudioRuntime",
            dependencies: [
                "Generation", "Studio", "Screen", "Terminal", "CTerminal", "Images", "History",
                "Presets", "Settings", "Hashing",
            ], swiftSettings: swift),

        // Remote services as values, and the network.
        .target(
            name: "Providers", dependencies: ["Generation", "Images", "Prompting", "Settings"],
            swiftSettings: swift),
        .target(
            name: "Transport",
            dependencies: [
                "CZlib", "Generation", "Providers",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
            ], swiftSettings: swift),

        // The program.
        .executableTarget(
            name: "latent",
            dependencies: [
                "CSignals", "Generation", "Diffusion", "EmbeddedModel", "Images", "History",
                "Presets", "Terminal", "Tensors", "StudioRuntime", "Studio", "Settings", "Hashing",
                "Providers", "Transport",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: swift),

        // Strict stand-ins for the remote services, and a program that starts them all.
        .target(
            name: "FakeServers",
            dependencies: [
                "Generation", "Images", "COpenSSL", "CZlib",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
            ], path: "Tests/FakeServers", swiftSettings: swift),
        .executableTarget(
            name: "fake-services", dependencies: ["FakeServers"], path: "Tests/FakeServices",
            swiftSettings: swift),

        // What many remote jobs cost: time and memory of the client alone.
        .executableTarget(
            name: "backend-load",
            dependencies: [
                "Providers", "Transport", "FakeServers", "Generation", "Images", "Settings",
            ], path: "Tests/BackendLoad", swiftSettings: swift),

        // Tests.
        .testTarget(
            name: "GenerationTests", dependencies: ["Generation"], swiftSettings: swift),
        .testTarget(
            name: "PromptingTests", dependencies: ["Prompting"],
            resources: [.copy("Fixtures")], swiftSettings: swift),
        .testTarget(
            name: "SettingsTests", dependencies: ["Settings", "Generation"], swiftSettings: swift),
        .testTarget(
            name: "HashingTests", dependencies: ["Hashing", "Generation"], swiftSettings: swift),
        .testTarget(name: "ScreenTests", dependencies: ["Screen"], swiftSettings: swift),
        .testTarget(
            name: "PresetsTests", dependencies: ["Presets", "Generation"], swiftSettings: swift),
        .testTarget(
            name: "ImagesTests", dependencies: ["Images", "Generation", "Hashing", "CZlib"],
            resources: [.copy("Fixtures")], swiftSettings: swift),
        .testTarget(
            name: "TensorsTests", dependencies: ["Tensors", "CKernels", "COneDNN", "COpenBLAS"],
            swiftSettings: swift),
        .testTarget(
            name: "DiffusionTests",
            dependencies: ["Diffusion", "Generation", "Tensors", "Prompting"],
            resources: [.copy("Fixtures")], swiftSettings: swift),
        .testTarget(
            name: "EmbeddedModelTests",
            dependencies: ["EmbeddedModel", "Diffusion", "Generation", "Images"],
            swiftSettings: swift),
        // A process that the journal's crash tests kill.
        .executableTarget(
            name: "journal-writer", dependencies: ["History", "Generation", "Hashing", "Settings"],
            path: "Tests/JournalWriter", swiftSettings: swift),
        .testTarget(
            name: "HistoryTests",
            dependencies: [
                "History", "Generation", "Hashing", "Images", "Settings", "journal-writer",
            ],
            swiftSettings: swift),
        .testTarget(
            name: "TerminalTests",
            dependencies: ["Terminal", "Generation", "Screen", "Images", "CTerminal"],
            swiftSettings: swift),
        .testTarget(
            name: "StudioTests",
            dependencies: ["Studio", "Generation", "Screen", "Prompting", "Presets", "History"],
            exclude: ["Snapshots"],
            swiftSettings: swift),
        .testTarget(
            name: "StudioRuntimeTests",
            dependencies: [
                "StudioRuntime", "Studio", "Generation", "Screen", "History", "Terminal",
                "Settings", "Hashing", "Presets",
            ],
            swiftSettings: swift),
        .testTarget(
            name: "ProvidersTests",
            dependencies: [
                "Providers", "Transport", "FakeServers", "Generation", "Images", "Settings",
            ], swiftSettings: swift),
        .testTarget(name: "ArchitectureTests", swiftSettings: swift),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "latent", "FakeServers", "Diffusion", "Generation", "Images", "Settings", "Studio",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], exclude: ["CommandLine/Snapshots"], swiftSettings: swift),
    ]
)
