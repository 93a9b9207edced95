internal import DataSets
public import LinearAlgebra
public import Networks
internal import Randomness

/// A reproducible sequence of cases: case `i` is a network with fresh random weights and a
/// mini-batch of its own.
public struct CaseDistribution: Sendable {
    public var architecture: Architecture
    public var initialization: Initialization
    public var loss: Loss
    public var source: DataSource
    /// Where IDX files lie; `nil` for the data set's own place.
    public var dataDirectory: String?
    public var batchSize: Int
    public var count: Int
    public var seed: UInt64

    public init(
        architecture: Architecture, initialization: Initialization = .uniform,
        loss: Loss = .softmaxCrossEntropy, source: DataSource, dataDirectory: String? = nil,
        batchSize: Int = 1, count: Int = 20, seed: UInt64 = 1
    ) {
        self.architecture = architecture
        self.initialization = initialization
        self.loss = loss
        self.source = source
        self.dataDirectory = dataDirectory
        self.batchSize = batchSize
        self.count = count
        self.seed = seed
    }

    /// Network, data and loss on one line.
    public var summary: String {
        "\(architecture.summary), \(source.rawValue), \(loss.name), mini-batch \(batchSize)"
    }

    /// Reads the examples and makes all cases.
    ///
    /// - Throws: `StudyError`.
    public func cases() throws -> [StudyCase] {
        guard batchSize > 0, count > 0 else { throw StudyError.noCases }
        if let width = source.inputWidth, width != architecture.inputWidth {
            throw StudyError.inputWidth(
                source: source, expected: width, found: architecture.inputWidth)
        }
        let (needed, overflow) = batchSize.multipliedReportingOverflow(by: count)
        guard !overflow else { throw StudyError.noCases }
        let examples = try source.examples(
            count: needed, architecture: architecture, seed: seed, directory: dataDirectory)
        guard examples.classCount <= architecture.outputWidth else {
            throw StudyError.outputWidth(
                source: source, expected: examples.classCount, found: architecture.outputWidth)
        }
        return try (0..<count).map { index in
            var generator = RandomGenerator(seed: seed, stream: UInt64(index))
            let network = Network<Double>(
                architecture: architecture, initialization: initialization, using: &generator)
            let range = (index * batchSize)..<((index + 1) * batchSize)
            return StudyCase(index: index, network: network, batch: try batch(examples, range))
        }
    }

    private func batch(_ examples: LabeledExamples, _ range: Range<Int>) throws -> Batch<Double> {
        let width = examples.width
        let inputs = try Matrix(
            rows: width, columns: range.count,
            elements: Array(
                examples.inputs[(range.lowerBound * width)..<(range.upperBound * width)]))
        var targets = Matrix<Double>(rows: architecture.outputWidth, columns: range.count)
        for (column, index) in range.enumerated() { targets[examples.labels[index], column] = 1 }
        return try Batch(inputs: inputs, targets: targets)
    }
}

/// One network with one mini-batch.
public struct StudyCase: Sendable {
    public let index: Int
    public let network: Network<Double>
    public let batch: Batch<Double>

    public init(index: Int, network: Network<Double>, batch: Batch<Double>) {
        self.index = index
        self.network = network
        self.batch = batch
    }
}

/// Why a study cannot be made.
public enum StudyError: Error, Equatable, Sendable, CustomStringConvertible {
    case noCases
    case inputWidth(source: DataSource, expected: Int, found: Int)
    case outputWidth(source: DataSource, expected: Int, found: Int)
    case notForTraining(source: DataSource)
    case classes(requested: Int, available: Int)
    case graphInput(source: DataSource, images: [Int], found: [Int])
    case graphOutput(expected: Int, found: Int)

    public var description: String {
        switch self {
        case .noCases: "a study needs at least one case and a mini-batch of at least one example"
        case .inputWidth(let source, let expected, let found):
            """
            the data set \(source.rawValue) has inputs of width \(expected), but the network's first \
            width is \(found); choose --sizes \(expected)-…
            """
        case .outputWidth(let source, let expected, let found):
            """
            the data set \(source.rawValue) has \(expected) classes, but the network has only \
            \(found) outputs; choose --sizes …-\(expected)
            """
        case .notForTraining(let source):
            "the data set \(source.rawValue) has no examples to train and to test on"
        case .classes(let requested, let available):
            "there are \(available) classes, and the first \(requested) of them were asked for; choose --classes 1 to \(available)"
        case .graphInput(let source, let images, let found):
            """
            the graph's input has shape \(found), and the images of \(source.rawValue) have \(images): they can be padded to \
            channels, height and width that grow by the same number of pixels at each side, of one channel or as many
            """
        case .graphOutput(let expected, let found):
            "the graph has \(found) outputs, expected \(expected)"
        }
    }
}
