package import DataSets
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

    /// Height and width of an image, or channels, height and width; `nil` for vectors.
    public var imageShape: [Int]? {
        switch self {
        case .digits: [8, 8]
        case .fashionMNIST, .mnist: [28, 28]
        case .cifar10: [3, 32, 32]
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
        case .gaussian:
            try GaussianData.examples(
                count: count, width: architecture.inputWidth,
                classCount: architecture.outputWidth, seed: seed)
        // The first examples are as good as random ones, and need not inflate the whole file.
        case .fashionMNIST, .mnist, .cifar10: try load(.train, .first(count), from: directory)
        }
    }

    /// A part of a data set that is files.
    ///
    /// - Parameter directory: where they lie; `nil` for Debian's place or, where no package brings them, here.
    package func load(
        _ part: DataSetPart, _ selection: ExampleSelection, from directory: String?
    ) throws(DataSetError) -> LabeledExamples {
        switch self {
        case .mnist: try MNIST.load(part, selection, from: directory ?? ".")
        case .cifar10: try CIFAR10.load(part, selection, from: directory ?? ".")
        case .digits, .fashionMNIST, .gaussian:
            try FashionMNIST.load(part, selection, from: directory ?? FashionMNIST.defaultDirectory)
        }
    }
}
