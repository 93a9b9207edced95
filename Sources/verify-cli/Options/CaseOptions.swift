import ArgumentParser
import ErrorTables
import Networks

extension Activation: ExpressibleByArgument {}
extension Loss: ExpressibleByArgument {}
extension Initialization: ExpressibleByArgument {}
extension DataSource: ExpressibleByArgument {}

/// Layer widths as they are written in papers: `784-256-256-10`.
struct Widths: ExpressibleByArgument {
    let values: [Int]

    init(_ values: [Int]) { self.values = values }

    init?(argument: String) {
        let parts = argument.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        let values = parts.compactMap { $0 }
        guard values.count == parts.count, values.count >= 2, values.allSatisfy({ $0 > 0 }) else {
            return nil
        }
        self.values = values
    }

    var defaultValueDescription: String { values.map(String.init).joined(separator: "-") }

    /// The number of weights without biases, `nil` if it overflows.
    var weightCount: Int? {
        var count = 0
        for (width, next) in zip(values, values.dropFirst()) {
            let (product, overflows) = width.multipliedReportingOverflow(by: next)
            let (sum, alsoOverflows) = count.addingReportingOverflow(product)
            if overflows || alsoOverflows { return nil }
            count = sum
        }
        return count
    }
}

/// Which networks and examples a study draws.
struct CaseOptions: ParsableArguments {
    @Option(
        name: .long,
        help: """
            Data set. digits is built in, fashion-mnist a Debian package, mnist and cifar-10 need \
            --data-directory, gaussian has any width.
            """)
    var data: DataSource = .digits

    @Option(
        name: .long,
        help: "Directory with the data set's files: IDX with MNIST's names, or CIFAR-10's binary batches.")
    var dataDirectory: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Layer widths, e.g. 784-256-256-10. Default: the paper's hidden layers for the data set.",
            valueName: "widths"))
    var sizes: Widths?

    @Option(name: .long, help: "Hidden activation.")
    var activation: Activation = .relu

    @Option(name: .long, help: "Loss.")
    var loss: Loss = .softmaxCrossEntropy

    @Flag(name: .long, inversion: .prefixedNo, help: "Whether layers have biases, which then move too.")
    var bias = true

    @Option(
        name: .long,
        help: "Of the weights; uniform is ±1/√fan-in, PyTorch's default.")
    var initialization: Initialization = .uniform

    @Option(name: .long, help: ArgumentHelp("Examples in a mini-batch.", valueName: "size"))
    var batchSize: Int = 1

    @Option(name: .long, help: ArgumentHelp("Number of cases (networks with a mini-batch).", valueName: "count"))
    var cases: Int = 20

    @Option(name: .long, help: "Seed of networks and examples.")
    var seed: UInt64 = 1

    func validate() throws {
        guard batchSize >= 1 else { throw ValidationError("--batch-size must be at least 1.") }
        guard cases >= 1 else { throw ValidationError("--cases must be at least 1.") }
        guard let sizes else { return }
        guard sizes.weightCount ?? .max <= Self.weightLimit else {
            throw ValidationError(
                "--sizes \(sizes.defaultValueDescription): expected at most \(Self.weightLimit) weights.")
        }
    }

    /// Half a gibibyte of weights in double precision.
    private static let weightLimit = 1 << 26

    /// The cases that the options describe.
    func distribution() throws -> CaseDistribution {
        let widths = sizes?.values ?? data.defaultWidths
        return CaseDistribution(
            architecture: try Architecture(widths: widths, activation: activation, bias: bias),
            initialization: initialization, loss: loss, source: data, dataDirectory: dataDirectory,
            batchSize: batchSize, count: cases, seed: seed)
    }
}

extension DataSource {
    /// The paper's hidden layers for the data set.
    var defaultWidths: [Int] {
        switch self {
        case .digits: [64, 32, 32, 10]
        case .fashionMNIST, .mnist: [784, 256, 256, 10]
        case .cifar10: [3072, 256, 256, 10]
        case .gaussian: [6, 8, 7, 3]
        }
    }
}
