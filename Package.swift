// swift-tools-version: 6.3
import PackageDescription

/// The strict settings every Swift target shares.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableUpcomingFeature("ImmutableWeakCaptures"),
    .treatAllWarnings(as: .error),
]

/// Lets functions lend spans of bytes that the compiler keeps inside their owner's life.
let lifetimes: SwiftSetting = .enableExperimentalFeature("Lifetimes")

/// The settings of the three targets in which unsafe code may appear.
let wrapper: [SwiftSetting] = strict + [.strictMemorySafety(), lifetimes]

let argumentParser: Target.Dependency = .product(
    name: "ArgumentParser",
    package: "swift-argument-parser"
)

let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")
let jwtKit: Target.Dependency = .product(name: "JWTKit", package: "jwt-kit")

let package = Package(
    name: "botstats",
    products: [
        .executable(name: "botstats", targets: ["botstats"]),
        .executable(name: "botstats-benchmark", targets: ["Benchmark"]),
        .library(name: "BotstatsClient", targets: ["BotstatsClient"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    ],
    targets: [
        // C libraries: a header and a link instruction each. `pkgConfig:` is left out because
        // libzmq's file carries flags SwiftPM prohibits, and it warns on every build.
        .systemLibrary(name: "CLMDB"),
        .systemLibrary(name: "CZeroMQ"),
        .systemLibrary(name: "CZlib"),
        .systemLibrary(name: "CPlatform"),
        .systemLibrary(name: "CPango"),
        .systemLibrary(name: "CXLSXWriter"),
        .target(
            name: "CEventDecoder",
            cxxSettings: [.unsafeFlags(["-O3"])],
            linkerSettings: [.linkedLibrary("simdjson")]
        ),
        // Thin wrappers, without any knowledge of analytics.
        .target(name: "LMDB", dependencies: ["CLMDB", "CPlatform"], swiftSettings: wrapper),
        .target(name: "ZeroMQ", dependencies: ["CZeroMQ"], swiftSettings: wrapper),
        .target(name: "Certificates", dependencies: ["ZeroMQ"], swiftSettings: strict),
        .target(
            name: "Documents",
            dependencies: ["CPango", "CXLSXWriter"],
            swiftSettings: wrapper
        ),
        .target(name: "JSON", swiftSettings: strict),
        // The pure core and what surrounds it.
        .target(name: "Core", dependencies: ["JSON"], swiftSettings: strict + [lifetimes]),
        .target(
            name: "EventDecoding",
            dependencies: ["CEventDecoder", "Core"],
            swiftSettings: strict
        ),
        .target(name: "Zones", dependencies: ["Core"], swiftSettings: strict),
        .target(
            name: "Store",
            dependencies: ["Core", "LMDB"],
            swiftSettings: strict + [lifetimes]
        ),
        .target(
            name: "Access",
            dependencies: ["Certificates", "Core", "JSON", "LMDB", crypto, jwtKit],
            swiftSettings: strict
        ),
        // Lines on standard error, the daemon's and the bridge's.
        .target(name: "OperatorLog", dependencies: ["JSON"], swiftSettings: strict),
        // What a manager forwards: figures as documents.
        .target(
            name: "Reports",
            dependencies: ["Core", "Documents", "JSON", crypto],
            swiftSettings: strict
        ),
        .target(
            name: "Daemon",
            dependencies: [
                "Access", "CPlatform", "Certificates", "Core", "EventDecoding", "JSON", "LMDB",
                "OperatorLog", "Reports", "Store", "ZeroMQ", "Zones",
            ],
            swiftSettings: strict
        ),
        .target(
            name: "BotstatsClient",
            dependencies: ["CZlib", "Certificates", "JSON", "ZeroMQ"],
            swiftSettings: strict
        ),
        // REST over the query socket: a client like any other, without a view of the store.
        .target(name: "CBridgeAssets", exclude: ["docs.css", "docs.html", "docs.js", "page"]),
        .target(
            name: "Bridge",
            dependencies: [
                "CBridgeAssets", "CPlatform", "CZlib", "JSON", "OperatorLog", "ZeroMQ",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "botstats",
            dependencies: [
                "Access", "BotstatsClient", "Bridge", "Certificates", "Core", "Daemon", "JSON",
                "LMDB", "OperatorLog", "ZeroMQ", argumentParser, crypto,
            ],
            swiftSettings: strict
        ),
        // Test support: the reference model, workloads, the load generator.
        .target(name: "Simulation", dependencies: ["JSON"], swiftSettings: strict),
        .executableTarget(
            name: "Benchmark",
            dependencies: ["BotstatsClient", "JSON", "Simulation", "ZeroMQ", argumentParser],
            swiftSettings: strict
        ),
        // Tests, from the wrappers up to the whole daemon.
        .testTarget(
            name: "LMDBTests",
            dependencies: ["LMDB"],
            swiftSettings: strict + [lifetimes]
        ),
        .testTarget(name: "ZeroMQTests", dependencies: ["ZeroMQ"], swiftSettings: strict),
        .testTarget(
            name: "EventDecodingTests",
            dependencies: ["CEventDecoder", "Core", "EventDecoding"],
            swiftSettings: strict
        ),
        .testTarget(name: "SetsTests", dependencies: ["Core"], swiftSettings: strict),
        .testTarget(
            name: "RealtimeTests",
            dependencies: ["Core", "JSON", "Simulation"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "QueryPlanTests",
            dependencies: ["Core", "JSON", "Simulation", "Zones"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ZonesTests",
            dependencies: ["Core", "Simulation", "Zones"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "SimulationTests",
            dependencies: ["JSON", "Simulation"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "BotstatsClientTests",
            dependencies: ["BotstatsClient", "CZlib", "JSON", "ZeroMQ"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "AccessTests",
            dependencies: [
                "Access", "BotstatsClient", "Certificates", "Core", "Daemon", "JSON", "LMDB",
                "OperatorLog", "ZeroMQ", "botstats", crypto, cryptoExtras,
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ReportsTests",
            dependencies: ["Core", "JSON", "Reports", "Zones"],
            exclude: ["Fixtures"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "DaemonTests",
            dependencies: [
                "Access", "BotstatsClient", "Core", "Daemon", "JSON", "LMDB", "OperatorLog",
                "Simulation", "ZeroMQ", crypto,
            ],
            exclude: ["Fixtures"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ProtocolTests",
            dependencies: [
                "Access", "Certificates", "Core", "Daemon", "JSON", "LMDB", "Simulation", "ZeroMQ",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "BridgeTests",
            dependencies: [
                "Access", "BotstatsClient", "Bridge", "CZlib", "Core", "Daemon", "JSON",
                "OperatorLog", "Simulation", "ZeroMQ", "botstats", crypto,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: strict
        ),
        // These start the program itself, and kill it.
        .testTarget(
            name: "CrashTests",
            dependencies: [
                "BotstatsClient", "Bridge", "JSON", "OperatorLog", "Simulation", "ZeroMQ",
                "botstats",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
    ],
    cxxLanguageStandard: .cxx17
)
