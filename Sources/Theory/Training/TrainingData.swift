public import LinearAlgebra
internal import Networks

/// Inputs and targets, one example in each column.
public struct ExamplePairs: Sendable {
    /// `d₀ × count`.
    public let inputs: Matrix<Float>
    /// `d_N × count`.
    public let targets: Matrix<Float>

    public init(inputs: Matrix<Float>, targets: Matrix<Float>) {
        self.inputs = inputs
        self.targets = targets
    }

    /// The number of examples.
    public var count: Int { inputs.columns }
}

/// What a run trains on and is tested on. A value that many runs share without copies.
public struct TrainingData: Sendable {
    /// What is to be learned, and so what can be measured.
    public enum Task: Sendable, Hashable {
        /// Targets are one-hot; the accuracy is the share of examples whose largest logit is at
        /// their class.
        case classification
        /// Targets are vectors, such as the inputs themselves; there is no accuracy.
        case regression
    }

    public let training: ExamplePairs
    public let test: ExamplePairs
    public let task: Task
    /// A hash of all numbers, by which a checkpoint knows its data again.
    public let fingerprint: UInt64

    /// - Throws: `TrainingError.network` if there are no examples, if inputs and targets differ in
    ///   number, if the parts differ in widths or something is not finite.
    public init(
        training: ExamplePairs, test: ExamplePairs, task: Task
    ) throws(TrainingError) {
        for part in [training, test] {
            do {
                _ = try Batch(inputs: part.inputs, targets: part.targets)
            } catch {
                throw .network(error)
            }
        }
        guard training.inputs.rows == test.inputs.rows else {
            throw .network(
                .shapeMismatch(
                    what: "width of the test inputs", expected: training.inputs.rows,
                    found: test.inputs.rows))
        }
        guard training.targets.rows == test.targets.rows else {
            throw .network(
                .shapeMismatch(
                    what: "width of the test targets", expected: training.targets.rows,
                    found: test.targets.rows))
        }
        self.training = training
        self.test = test
        self.task = task
        var hash = Fingerprint()
        for matrix in [training.inputs, training.targets, test.inputs, test.targets] {
            hash.combine(matrix)
        }
        fingerprint = hash.value
    }

    /// Data for an autoencoder: every input is its own target.
    ///
    /// - Throws: as the other initialiser.
    public static func autoencoder(
        training: Matrix<Float>, test: Matrix<Float>
    ) throws(TrainingError) -> TrainingData {
        try TrainingData(
            training: ExamplePairs(inputs: training, targets: training),
            test: ExamplePairs(inputs: test, targets: test), task: .regression)
    }

    /// Checks that a run of `configuration` can use these data.
    func validate(for configuration: TrainingConfiguration) throws(TrainingError) {
        let widths = configuration.widths
        for (what, expected, found) in [
            ("width of the inputs", widths.first ?? 0, training.inputs.rows),
            ("width of the targets", widths.last ?? 0, training.targets.rows),
        ] where expected != found {
            throw .network(.shapeMismatch(what: what, expected: expected, found: found))
        }
        for (what, expected, found) in [
            ("training examples", configuration.trainingExamples, training.count),
            ("test examples", configuration.testExamples, test.count),
        ] where expected != nil && expected != found {
            throw .examples(what: what, expected: "\(expected ?? 0)", found: found)
        }
        guard configuration.batchSize <= training.count else {
            throw .examples(
                what: "training examples",
                expected: "at least a mini-batch of \(configuration.batchSize)",
                found: training.count)
        }
        do {
            try configuration.loss.validate(targets: training.targets)
            try configuration.loss.validate(targets: test.targets)
        } catch {
            throw .network(error)
        }
    }
}
