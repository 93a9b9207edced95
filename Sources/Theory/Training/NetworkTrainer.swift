internal import LearningRules
internal import LinearAlgebra
internal import Networks

/// A network, its current mini-batch, and the rule that trains it: what a run needs of a chain or a graph.
protocol NetworkTrainer: Sendable {
    associatedtype Scalar: BLASScalar

    /// The weights as they are now.
    var parameters: Parameters<Scalar> { get }

    /// Makes the given training examples the mini-batch, of whatever size.
    mutating func load(_ examples: ArraySlice<Int>, of pairs: ExamplePairs) throws(TrainingError)

    /// Makes one update on the mini-batch.
    ///
    /// - Parameter iteration: its number from 0, for errors and random starts.
    /// - Throws: `TrainingError.rule`; the weights may then have moved in part.
    mutating func step(iteration: Int) throws(TrainingError) -> StepOutcome

    /// How far the update that is due is from the exact one; `nil` if that one did not get its certificate.
    func comparison(
        _ configuration: TrainingConfiguration, iteration: Int
    ) throws(TrainingError) -> ExactComparison?

    /// The norm of the change of the weights without the biases.
    func weightChange(since before: Parameters<Scalar>) -> Double

    func evaluation(on examples: ExamplePairs, task: TrainingData.Task) -> Evaluation

    /// What the last hidden layer makes of the examples; `nil` for networks of which this is not measured.
    func representation(on examples: ExamplePairs) -> Representation?

    func write(to writer: inout CheckpointWriter)
    mutating func restore(from reader: inout CheckpointReader) throws(CheckpointError)
}

extension AdamMoments {
    func write(to writer: inout CheckpointWriter) {
        writer.append(count)
        writer.append(means)
        writer.append(squares)
    }

    mutating func restore(from reader: inout CheckpointReader) throws(CheckpointError) {
        count = try reader.count()
        means = try reader.parameters(like: means)
        squares = try reader.parameters(like: squares)
    }
}
