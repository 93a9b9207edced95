// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// The executable exports nothing, so the visibility of its imports says nothing.
let executable: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"), .treatAllWarnings(as: .error),
]

let package = Package(
    name: "implicit-sgd-verification",
    platforms: [.macOS(.v15)],
    products: [
        .library(
            name: "ImplicitSGD",
            targets: [
                "LinearAlgebra", "Randomness", "Networks", "ImplicitSGD", "LearningRules",
                "Comparison",
            ]),
        .executable(name: "verify-cli", targets: ["verify-cli"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-numerics", from: "1.1.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    // A target names every module that it imports. One that it gets by way of another would not make it
    // compile again, and after a change of a private property the two would lay out values differently.
    targets: [
        .systemLibrary(
            name: "CLAPACKE", pkgConfig: "openblas",
            providers: [.apt(["libopenblas-dev", "liblapacke-dev"])]),
        .target(
            name: "LinearAlgebra",
            dependencies: ["CLAPACKE", .product(name: "RealModule", package: "swift-numerics")],
            swiftSettings: strict),
        .target(
            name: "Randomness",
            dependencies: [.product(name: "RealModule", package: "swift-numerics")],
            swiftSettings: strict),
        .target(
            name: "Networks",
            dependencies: [
                "LinearAlgebra", "Randomness", .product(name: "RealModule", package: "swift-numerics"),
            ],
            swiftSettings: strict),
        .target(
            name: "ImplicitSGD", dependencies: ["LinearAlgebra", "Networks", "Randomness"], swiftSettings: strict),
        .target(
            name: "LearningRules",
            dependencies: [
                "LinearAlgebra", "Networks", "ImplicitSGD", "Randomness",
                .product(name: "RealModule", package: "swift-numerics"),
            ],
            swiftSettings: strict),
        .target(
            name: "Comparison", dependencies: ["LinearAlgebra", "Networks", "ImplicitSGD", "LearningRules"],
            swiftSettings: strict),
        .target(
            name: "Training",
            dependencies: [
                "LinearAlgebra", "Networks", "ImplicitSGD", "LearningRules", "Comparison", "Randomness",
            ],
            swiftSettings: strict),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(
            name: "DataSets", dependencies: ["CZlib", "Randomness"],
            exclude: ["Resources/digits/ATTRIBUTION.md"],
            resources: [
                .embedInCode("Resources/digits/digits-images-idx3-ubyte.gz"),
                .embedInCode("Resources/digits/digits-labels-idx1-ubyte.gz"),
            ],
            swiftSettings: strict),
        .target(name: "Reports", swiftSettings: strict),
        .target(name: "Charts", dependencies: ["Reports"], swiftSettings: strict),
        .target(
            name: "Experiments", dependencies: [.product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: strict),
        .target(name: "PropertyTesting", swiftSettings: strict),
        .target(
            name: "Theorems",
            dependencies: [
                "LinearAlgebra", "Networks", "ImplicitSGD", "LearningRules", "Comparison", "PropertyTesting",
                "Randomness",
                .product(name: "RealModule", package: "swift-numerics"),
            ],
            swiftSettings: strict),
        .target(
            name: "Studies",
            dependencies: [
                "LinearAlgebra", "Networks", "ImplicitSGD", "LearningRules", "Comparison", "Training", "DataSets",
                "Experiments", "PropertyTesting", "Reports", "Charts", "Randomness",
                .product(name: "RealModule", package: "swift-numerics"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "verify-cli",
            dependencies: [
                "LinearAlgebra", "Networks", "ImplicitSGD", "LearningRules", "Comparison", "Training",
                "PropertyTesting", "Theorems", "Experiments", "Reports", "Charts", "Studies",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: executable),
        .testTarget(
            name: "DataSetsTests", dependencies: ["DataSets", "CZlib", "Randomness"],
            exclude: ["Fixtures/README.md"],
            resources: [.embedInCode("Fixtures/python-written.safetensors")],
            swiftSettings: strict),
        .testTarget(
            name: "PropertyTestingTests", dependencies: ["PropertyTesting"], swiftSettings: strict),
        .testTarget(
            name: "LearningRulesTests",
            dependencies: ["LinearAlgebra", "Networks", "ImplicitSGD", "LearningRules", "Randomness"],
            swiftSettings: executable),
        .testTarget(
            name: "ComparisonTests",
            dependencies: [
                "LinearAlgebra", "Networks", "ImplicitSGD", "LearningRules", "Comparison", "Randomness",
            ],
            swiftSettings: executable),
        .testTarget(
            name: "TrainingTests",
            dependencies: [
                "LinearAlgebra", "Networks", "ImplicitSGD", "LearningRules", "Comparison", "Training", "Randomness",
            ],
            swiftSettings: executable),
        .testTarget(
            name: "StudiesTests",
            dependencies: [
                "LinearAlgebra", "Networks", "ImplicitSGD", "LearningRules", "Training", "Experiments", "Reports",
                "Charts", "Studies", .product(name: "RealModule", package: "swift-numerics"),
            ],
            swiftSettings: executable),
        .testTarget(
            name: "TheoremsTests", dependencies: ["LinearAlgebra", "Networks", "Theorems", "PropertyTesting"],
            exclude: ["Corpus"], swiftSettings: executable),
        .testTarget(
            name: "VerifyCLITests", dependencies: [
                "LinearAlgebra", "Networks", "ImplicitSGD", "LearningRules", "verify-cli", "Studies", "DataSets",
                "Randomness",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ExperimentsTests", dependencies: ["Experiments"], swiftSettings: strict),
        .testTarget(name: "ReportsTests", dependencies: ["Reports"], swiftSettings: strict),
        .testTarget(name: "ChartsTests", dependencies: ["Charts", "Reports"], swiftSettings: executable),
        .testTarget(
            name: "RandomnessTests",
            dependencies: ["Randomness", .product(name: "RealModule", package: "swift-numerics")],
            swiftSettings: strict),
        .testTarget(
            name: "LinearAlgebraTests",
            dependencies: ["LinearAlgebra", "Randomness", .product(name: "RealModule", package: "swift-numerics")],
            swiftSettings: strict),
        .testTarget(
            name: "NetworksTests",
            dependencies: ["Networks", "LinearAlgebra", "Randomness",
                .product(name: "RealModule", package: "swift-numerics")],
            swiftSettings: strict),
        .testTarget(
            name: "ImplicitSGDTests",
            dependencies: [
                "LinearAlgebra", "Networks", "ImplicitSGD", "Randomness",
                .product(name: "RealModule", package: "swift-numerics"),
            ],
            swiftSettings: executable),
    ],
    swiftLanguageModes: [.v6]
)

// Only `make docs` needs the documentation plugin, and asks for it: a build or a test should not resolve it.
if Context.environment["DOCUMENTATION"] != nil {
    package.dependencies.append(
        .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.4.3"))
}
