internal import DataSets
internal import LinearAlgebra
internal import Networks

/// The data sets that studies can draw examples from.
public enum DataSource: String, CaseIterable, Sendable, Hashable {
    /// The 1,797 digits of 8×8 pixels that travel with the package.
    case digits
    /// Fashion-MNIST, 28×28 pixels, from Debian's package `dataset-fashion-mnist` or a directory.
    case fashionMNIST = "fashion-mnist"
    /// The MNIST digits, 28×28 pixels, from a directory of the user's.
    case mnist
    /// CIFAR-10, 32×32 pixels in three colours, from a directory of the user's.
    case cifar10 = "cifar-10"
    /// Standard normal inputs of any width with random labels.
    case gaussian

    /// The width of an example, `nil` where any is possible.
    public var inputWidth: Int? {
        switch self {
        case .digits: 64
        case .fashionMNIST, .mnist: 784
        case .cifar10: 3072
        case .gaussian: nil
        }
    }

    /// Draws `count` examples, the same for the same seed.
    ///
    /// - Parameter directory: where the IDX files lie, for data sets that are files.
    func examples(
        count: Int, architecture: Architecture, seed: UInt64, directory: String?
    ) throws(DataSetError) -> LabeledExamples {
        switch self {
        case .digits: try Digits.load(.random(count, seed: seed))
        case .fashionMNIST:
            // The first examples are as good as random ones, and need not inflate the whole file.
            try FashionMNIST.load(
                .train, .first(count), from: directory ?? FashionMNIST.defaultDirectory)
        case .mnist: try MNIST.load(.train, .first(count), from: directory ?? Self.workingDirectory)
        case .cifar10: try CIFAR10.load(.train, .first(count), from: directory ?? Self.workingDirectory)
        case .gaussian:
            try GaussianData.examples(
                count: count, width: architecture.inputWidth,
                classCount: architecture.outputWidth, seed: seed)
        }
    }

    /// Where files are looked for that no package brings.
    package static let workingDirectory = "."
}
