import ArgumentParser
import ErrorTables
import Networks

extension Loss: NamedArgument {}

/// Which networks and examples a study draws.
struct CaseOptions: ParsableArguments {
    @OptionGroup var network: NetworkOptions

    @Option(name: .long, help: "Loss.")
    var loss: Loss = .softmaxCrossEntropy

    @Option(name: .long, help: ArgumentHelp("Examples in a mini-batch.", valueName: "size"))
    var batchSize: Int = 1

    @Option(name: .long, help: ArgumentHelp("Number of cases (networks with a mini-batch).", valueName: "count"))
    var cases: Int = 20

    @Option(name: .long, help: "Seed of networks and examples.")
    var seed: UInt64 = 1

    func validate() throws {
        try Bounds.check("--batch-size", batchSize, in: 1...)
        try Bounds.check("--cases", cases, in: 1...)
    }

    /// The cases that the options describe.
    func distribution() throws -> CaseDistribution {
        CaseDistribution(
            architecture: try Architecture(
                widths: network.sizes?.values ?? network.data.defaultWidths, activation: network.activation,
                bias: network.bias),
            initialization: network.initialization, loss: loss, source: network.data,
            dataDirectory: network.dataDirectory, batchSize: batchSize, count: cases, seed: seed)
    }
}

extension DataSource {
    /// The paper's layers for MNIST and Fashion-MNIST; elsewhere smaller ones, for CIFAR-10 than the paper's
    /// 3072-1024-1024-1024-10 (`PublishedExperiment`).
    var defaultWidths: [Int] {
        switch self {
        case .digits: [64, 32, 32, 10]
        case .fashionMNIST, .mnist: [784, 256, 256, 10]
        case .cifar10: [3072, 256, 256, 10]
        case .gaussian: [6, 8, 7, 3]
        }
    }
}
