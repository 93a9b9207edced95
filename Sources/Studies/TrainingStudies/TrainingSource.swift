internal import DataSets
public import ErrorTables
internal import LinearAlgebra
internal import Synchronization
public import Training

/// The examples of a training study, read when the first run needs them and shared by all.
public final class TrainingSource: Sendable {
    /// What is to be learned.
    public enum Task: Sendable, Hashable { case classification, autoencoder }

    public let dataSet: DataSource
    public let directory: String?
    public let task: Task
    /// How many examples are read; `nil` for all.
    public let trainingExamples: Int?
    public let testExamples: Int?
    /// How they differ from those of the data set.
    public let variation: ExampleVariation
    /// What tables call the data. Results are stored under it, unless it does not say what the files hold.
    let name: String
    private let needsFingerprint: Bool
    private let loaded = Mutex<TrainingData?>(nil)

    public init(
        _ dataSet: DataSource, directory: String? = nil, task: Task = .classification,
        trainingExamples: Int? = nil, testExamples: Int? = nil, variation: ExampleVariation = .none
    ) {
        self.dataSet = dataSet
        self.directory = directory
        self.task = task
        self.trainingExamples = trainingExamples
        self.testExamples = testExamples
        self.variation = variation
        name = ([dataSet.rawValue] + variation.words).joined(separator: " ")
        needsFingerprint = directory != nil || dataSet.isTheUsers
    }

    /// The source of runs that are stored already: their tables need no examples.
    ///
    /// - Parameter storedName: such as `digits`, `digits noise=0.2`, or `cifar-10 1a2b`, with the fingerprint of the files.
    /// - Returns: `nil` if `storedName()` gives no such name.
    package init?(
        storedName: String, task: Task, trainingExamples: Int? = nil, testExamples: Int? = nil
    ) {
        let parts = storedName.split(separator: " ", omittingEmptySubsequences: false)
        guard let first = parts.first, let dataSet = DataSource(rawValue: String(first)) else { return nil }
        let isFingerprinted = parts.count > 1 && UInt64(parts[1], radix: 16) != nil
        guard isFingerprinted || !dataSet.isTheUsers,
            let variation = ExampleVariation(words: Array(parts.dropFirst(isFingerprinted ? 2 : 1)))
        else { return nil }
        self.dataSet = dataSet
        directory = nil
        self.task = task
        self.trainingExamples = trainingExamples
        self.testExamples = testExamples
        self.variation = variation
        name = storedName
        needsFingerprint = false
    }

    /// The name under which results are stored. Files from a directory of the user's may be anything,
    /// so their fingerprint is part of it.
    ///
    /// - Throws: as `data()`, where a directory is given.
    public func storedName() throws -> String {
        guard needsFingerprint else { return name }
        let fingerprint = String(try data().fingerprint, radix: 16)
        return ([dataSet.rawValue, fingerprint] + variation.words).joined(separator: " ")
    }

    /// The examples.
    ///
    /// - Throws: `DataSetError`, `StudyError.notForTraining` and `.classes`, `TrainingError`.
    public func data() throws -> TrainingData {
        try loaded.withLock { loaded in
            if let loaded { return loaded }
            let data = try load()
            loaded = data
            return data
        }
    }

    private func load() throws -> TrainingData {
        let (training, test) = try examples()
        switch task {
        case .classification:
            return try TrainingData(
                training: Self.pairs(training), test: Self.pairs(test), task: .classification)
        case .autoencoder:
            return try .autoencoder(training: Self.inputs(training), test: Self.inputs(test))
        }
    }

    private func examples() throws -> (training: LabeledExamples, test: LabeledExamples) {
        // Which are the first of some classes is known when all are read.
        let readsAll = variation.classes != nil
        let (training, test) = try dataSet.trainingExamples(
            training: readsAll ? nil : trainingExamples, test: readsAll ? nil : testExamples, directory: directory)
        return (
            try variation.withNoise(variation.examples(training, count: trainingExamples)),
            try variation.examples(test, count: testExamples)
        )
    }

    private static func inputs(_ examples: LabeledExamples) throws -> Matrix<Float> {
        try Matrix(
            rows: examples.width, columns: examples.count, elements: examples.inputs.map { Float($0) })
    }

    private static func pairs(_ examples: LabeledExamples) throws -> ExamplePairs {
        ExamplePairs(
            inputs: try inputs(examples),
            targets: try Matrix(
                rows: examples.classCount, columns: examples.count,
                elements: examples.oneHotTargets().map { Float($0) }))
    }
}

extension DataSource {
    /// The part to train on and the part to test on; `nil` counts for all.
    func trainingExamples(
        training: Int?, test: Int?, directory: String?
    ) throws -> (training: LabeledExamples, test: LabeledExamples) {
        switch self {
        case .digits:
            // A fixed shuffle, the same in every study; 1,437 to train on and 360 to test on.
            let count = Self.digitsForTraining
            let all = try Digits.load(.random(Self.digitsForTraining + Self.digitsForTest, seed: 0))
            return (
                try all.slice(0..<(training ?? count), of: 0..<count),
                try all.slice(
                    count..<(count + (test ?? Self.digitsForTest)),
                    of: count..<(count + Self.digitsForTest))
            )
        case .fashionMNIST, .mnist, .cifar10:
            return (
                try load(.train, ExampleSelection(first: training), from: directory),
                try load(.test, ExampleSelection(first: test), from: directory)
            )
        case .gaussian: throw StudyError.notForTraining(source: self)
        }
    }

    /// Whether no package brings it, so that its files may be anything.
    var isTheUsers: Bool {
        switch self {
        case .mnist, .cifar10: true
        case .digits, .fashionMNIST, .gaussian: false
        }
    }

    private static let digitsForTraining = 1437
    private static let digitsForTest = 360
}

extension LabeledExamples {
    /// The examples in `range`, which must lie in `part`.
    fileprivate func slice(_ range: Range<Int>, of part: Range<Int>) throws -> LabeledExamples {
        guard part.lowerBound <= range.lowerBound, range.upperBound <= part.upperBound else {
            throw DataSetError.selection(
                dataSet: name, requested: range.count, available: part.count)
        }
        return try examples(at: Array(range))
    }
}
