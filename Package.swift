// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// Tests and executables export nothing, so the visibility of their imports says nothing.
let closed: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"), .treatAllWarnings(as: .error),
]

let real = Target.Dependency.product(name: "RealModule", package: "swift-numerics")
let sqlite = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

/// A module of `Sources/<floor>`. It names every module that it imports: one that it got by way of another would
/// not make it compile again, and after a change of a private property the two would lay out values differently.
func module(
    _ name: String, on floor: String, imports dependencies: [Target.Dependency] = [],
    exclude: [String] = [], resources: [Resource] = []
) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Sources/\(floor)/\(name)", exclude: exclude,
        resources: resources, swiftSettings: strict)
}

/// The tests of a module, at the same place in `Tests`.
func tests(
    of name: String, on floor: String, imports dependencies: [Target.Dependency] = [],
    exclude: [String] = [], resources: [Resource] = []
) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.init(stringLiteral: name)] + dependencies,
        path: "Tests/\(floor)/\(name)Tests", exclude: exclude, resources: resources, swiftSettings: closed)
}

let foundations: [Target] = [
    .systemLibrary(
        name: "CLAPACKE", path: "Sources/Foundations/CLAPACKE", pkgConfig: "openblas",
        providers: [.apt(["libopenblas-dev", "liblapacke-dev"])]),
    .target(name: "CVectorKernels", path: "Sources/Foundations/CVectorKernels"),
    module("LinearAlgebra", on: "Foundations", imports: ["CLAPACKE", "CVectorKernels", real]),
    module("Intervals", on: "Foundations", imports: ["LinearAlgebra"]),
    module("Files", on: "Foundations"),
    module("JSON", on: "Foundations"),
    module("Randomness", on: "Foundations", imports: [real]),
    module("Statistics", on: "Foundations"),
    module("PropertyTesting", on: "Foundations", imports: ["Randomness"]),

    tests(of: "LinearAlgebra", on: "Foundations", imports: ["Randomness", real]),
    tests(of: "Intervals", on: "Foundations", imports: ["LinearAlgebra", "Randomness"]),
    tests(of: "Files", on: "Foundations"),
    tests(of: "JSON", on: "Foundations"),
    tests(of: "Randomness", on: "Foundations", imports: [real]),
    tests(of: "Statistics", on: "Foundations", imports: ["PropertyTesting"]),
    tests(of: "PropertyTesting", on: "Foundations", imports: ["Randomness"]),
]

let theory: [Target] = [
    module("Networks", on: "Theory", imports: ["LinearAlgebra", "Randomness", real]),
    module("ImplicitSGD", on: "Theory", imports: ["LinearAlgebra", "Intervals", "Networks", "Randomness"]),
    module("Graphs", on: "Theory", imports: ["JSON", "LinearAlgebra", "Networks", "ImplicitSGD", "Randomness"]),
    module(
        "Certificates", on: "Theory", imports: ["LinearAlgebra", "Intervals", "Networks", "ImplicitSGD"]),
    module(
        "LearningRules", on: "Theory",
        imports: ["LinearAlgebra", "Networks", "ImplicitSGD", "Graphs", "Randomness", real]),
    module(
        "Comparison", on: "Theory", imports: ["LinearAlgebra", "Intervals", "Networks", "ImplicitSGD", "Certificates", "LearningRules"]),
    module(
        "Training", on: "Theory",
        imports: [
            "JSON", "LinearAlgebra", "Networks", "ImplicitSGD", "Graphs", "Certificates", "LearningRules", "Comparison",
            "Randomness", "Statistics",
        ]),
    module(
        "Theorems", on: "Theory",
        imports: [
            "LinearAlgebra", "Networks", "ImplicitSGD", "Graphs", "Certificates", "LearningRules", "Comparison", "PropertyTesting",
            "Randomness", "Statistics", real,
        ]),

    tests(of: "Networks", on: "Theory", imports: ["LinearAlgebra", "Randomness", real]),
    tests(of: "ImplicitSGD", on: "Theory", imports: ["LinearAlgebra", "Networks", "Randomness", real]),
    tests(of: "Graphs", on: "Theory", imports: ["LinearAlgebra", "Networks", "ImplicitSGD", "Randomness"]),
    tests(
        of: "Certificates", on: "Theory",
        imports: ["LinearAlgebra", "Intervals", "Networks", "ImplicitSGD", "Randomness", real]),
    tests(
        of: "LearningRules", on: "Theory",
        imports: ["LinearAlgebra", "Networks", "ImplicitSGD", "Graphs", "Randomness"]),
    tests(
        of: "Comparison", on: "Theory",
        imports: ["LinearAlgebra", "Intervals", "Networks", "ImplicitSGD", "Certificates", "LearningRules", "Randomness"]),
    tests(
        of: "Training", on: "Theory",
        imports: [
            "JSON", "LinearAlgebra", "Networks", "ImplicitSGD", "Graphs", "Certificates", "LearningRules", "Comparison",
            "Randomness",
        ]),
    tests(
        of: "Theorems", on: "Theory", imports: ["LinearAlgebra", "Networks", "PropertyTesting"],
        exclude: ["Corpus"]),
]

let data: [Target] = [
    .systemLibrary(
        name: "CZlib", path: "Sources/Data/CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    module(
        "DataSets", on: "Data", imports: ["CZlib", "Files", "JSON", "Randomness"],
        exclude: ["Resources/digits/ATTRIBUTION.md"],
        resources: [
            .embedInCode("Resources/digits/digits-images-idx3-ubyte.gz"),
            .embedInCode("Resources/digits/digits-labels-idx1-ubyte.gz"),
        ]),
    module(
        "CaseFiles", on: "Data",
        imports: ["Files", "JSON", "LinearAlgebra", "Networks", "ImplicitSGD", "Graphs", "DataSets"]),
    module("RunStore", on: "Data", imports: ["Files", "JSON", sqlite]),

    tests(
        of: "DataSets", on: "Data", imports: ["CZlib", "Files", "Randomness"], exclude: ["Fixtures/README.md"],
        resources: [.embedInCode("Fixtures/python-written.safetensors")]),
    tests(of: "RunStore", on: "Data", imports: ["JSON"]),
]

let output: [Target] = [
    module("Documents", on: "Output", imports: ["Files", "JSON"]),
    module("Charts", on: "Output", imports: ["Files", "JSON", "Documents"]),

    tests(of: "Documents", on: "Output", imports: ["JSON"]),
    tests(of: "Charts", on: "Output", imports: ["JSON", "Documents"]),
]

let studies: [Target] = [
    module(
        "ErrorTables", on: "Studies",
        imports: [
            "LinearAlgebra", "Intervals", "Randomness", "Statistics", "Networks", "ImplicitSGD", "Certificates", "LearningRules",
            "Comparison", "DataSets", "Documents",
        ]),
    module(
        "Audits", on: "Studies",
        imports: [
            "JSON", "LinearAlgebra", "Intervals", "Networks", "ImplicitSGD", "Graphs", "Certificates", "LearningRules", "Comparison",
            "Randomness", "DataSets", "CaseFiles", "Documents",
            "ErrorTables", real,
        ]),
    module(
        "TrainingStudies", on: "Studies",
        imports: [
            "JSON", "LinearAlgebra", "Randomness", "Statistics", "Networks", "ImplicitSGD", "Graphs", "Certificates",
            "LearningRules", "Comparison", "Training", "DataSets", "RunStore", "Documents", "ErrorTables",
        ]),
    module(
        "TheoremStudies", on: "Studies",
        imports: ["PropertyTesting", "Statistics", "LearningRules", "Theorems", "Documents"]),
    module(
        "Reports", on: "Studies",
        imports: [
            "PropertyTesting", "Statistics", "Networks", "ImplicitSGD", "Certificates", "LearningRules", "Theorems", "RunStore",
            "Documents", "Charts", "ErrorTables", "TheoremStudies", "TrainingStudies",
        ]),
    module(
        "Benchmarks", on: "Studies",
        imports: [
            "LinearAlgebra", "Randomness", "Statistics", "Networks", "ImplicitSGD", "Certificates", "LearningRules", "Training",
            "Documents",
        ]),

    tests(
        of: "ErrorTables", on: "Studies",
        imports: ["LinearAlgebra", "Networks", "ImplicitSGD", "Certificates", "LearningRules", "Statistics", "Documents", real]),
    tests(
        of: "TrainingStudies", on: "Studies",
        imports: [
            "LinearAlgebra", "JSON", "Randomness", "Statistics", "Networks", "ImplicitSGD", "Graphs", "LearningRules",
            "Comparison", "Training", "RunStore", "Documents", "ErrorTables",
        ]),
    tests(of: "TheoremStudies", on: "Studies", imports: ["PropertyTesting", "Theorems", "Documents"]),
    tests(
        of: "Reports", on: "Studies",
        imports: ["PropertyTesting", "Theorems", "Documents", "TheoremStudies"]),
]

let commandLine: [Target] = [
    .executableTarget(
        name: "verify-cli",
        dependencies: [
            "Files", "LinearAlgebra", "PropertyTesting", "Statistics", "Networks", "ImplicitSGD", "Graphs", "Certificates",
            "LearningRules", "Comparison", "Training", "Theorems", "CaseFiles", "RunStore", "Documents", "Charts", "ErrorTables",
            "Audits", "TheoremStudies", "TrainingStudies", "Reports", "Benchmarks", argumentParser,
        ],
        swiftSettings: closed),
    .testTarget(
        name: "VerifyCLITests",
        dependencies: [
            "verify-cli", "LinearAlgebra", "Randomness", "Networks", "ImplicitSGD", "LearningRules", "DataSets",
            "CaseFiles",
        ],
        swiftSettings: closed),
]

let package = Package(
    name: "implicit-sgd-verification",
    platforms: [.macOS(.v15)],
    products: [
        .library(
            name: "ImplicitSGD",
            targets: [
                "LinearAlgebra", "Intervals", "Randomness", "Networks", "ImplicitSGD", "Certificates",
                "LearningRules", "Comparison",
            ]),
        .executable(name: "verify-cli", targets: ["verify-cli"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-numerics", from: "1.1.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: foundations + theory + data + output + studies + commandLine,
    swiftLanguageModes: [.v6]
)

// Only `make docs` needs the documentation plugin, and asks for it: a build or a test should not resolve it.
if Context.environment["DOCUMENTATION"] != nil {
    package.dependencies.append(
        .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.4.3"))
}
