internal import LearningRules
internal import LinearAlgebra
internal import Networks

extension Trainer: NetworkTrainer {
    var parameters: Parameters<Scalar> { problem.network.parameters }

    func evaluation(on examples: ExamplePairs, task: TrainingData.Task) -> Evaluation {
        Evaluation(problem.loss, on: examples, task: task, logits: problem.network.logits)
    }

    func representation(on examples: ExamplePairs) -> Representation? {
        Representation(problem.network, on: examples, lastTargets: problem.batch.targets)
    }

    func comparison(
        _ configuration: TrainingConfiguration, iteration: Int
    ) throws(TrainingError) -> ExactComparison? {
        try ExactComparison.measure(try inDouble(configuration), configuration, iteration: iteration)
    }

    func write(to writer: inout CheckpointWriter) {
        writer.append(problem.network.parameters)
        moments?.write(to: &writer)
        if let equalization {
            writer.append(equalization.count)
            for mean in equalization.means { writer.append(Double(mean)) }
        }
    }

    mutating func restore(from reader: inout CheckpointReader) throws(CheckpointError) {
        problem.network.parameters = try reader.parameters(like: problem.network.parameters)
        try moments?.restore(from: &reader)
        if equalization != nil {
            let count = try reader.count()
            var means: [Scalar] = []
            if count > 0 {
                for _ in 0..<problem.network.architecture.depth { means.append(Scalar(try reader.double())) }
            }
            equalization = MatrixEqualization(means: means, count: count)
        }
    }

    /// A copy in double precision.
    private func inDouble(_ configuration: TrainingConfiguration) throws(TrainingError) -> Trainer<Double> {
        if let same = self as? Trainer<Double> { return same }
        guard let single = self as? Trainer<Float> else { preconditionFailure("Float or Double") }
        return try Trainer<Double>(configuration, doubling: single)
    }
}

