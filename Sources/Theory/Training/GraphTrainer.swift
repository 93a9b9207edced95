internal import Comparison
internal import Graphs
internal import ImplicitSGD
internal import LearningRules
internal import LinearAlgebra
internal import Networks

/// A graph, its current mini-batch, and the rule that trains it, in double precision.
struct GraphTrainer: NetworkTrainer {
    private(set) var network: GraphNetwork
    private let rule: any GraphRule
    private let loss: Loss
    private let learningRate: Double
    private let adamConstants: AdamConstants
    /// Adam's means, for the rules that use it.
    private var moments: AdamMoments<Double>?
    /// In the order of a file, as the examples are.
    private var batch: Batch<Double>

    /// A trainer whose mini-batch is still zeros.
    ///
    /// - Throws: `TrainingError.configuration` if graphs have no such rule.
    init(_ configuration: TrainingConfiguration, network: GraphNetwork) throws(TrainingError) {
        guard let rule = configuration.rule.entry.graphRule(
            configuration.constants, optimizer: configuration.rule.optimizer)
        else {
            throw .configuration(field: "rule", reason: "there is no rule '\(configuration.rule.entry.name)' for graphs")
        }
        self.rule = rule
        self.network = network
        loss = configuration.loss
        learningRate = configuration.learningRate
        adamConstants = configuration.adam
        moments = configuration.rule.usesAdam ? AdamMoments(zerosLike: network.parameters) : nil
        batch = try Self.room(for: configuration.batchSize, network.architecture)
    }

    private static func room(
        for examples: Int, _ architecture: GraphArchitecture
    ) throws(TrainingError) -> Batch<Double> {
        do {
            return try Batch(
                inputs: Matrix(rows: architecture.inputShape.count, columns: examples),
                targets: Matrix(rows: architecture.outputWidth, columns: examples))
        } catch {
            throw .network(error)
        }
    }

    var parameters: Parameters<Double> { network.parameters }

    mutating func load(_ examples: ArraySlice<Int>, of pairs: ExamplePairs) throws(TrainingError) {
        if examples.count != batch.size { batch = try Self.room(for: examples.count, network.architecture) }
        batch.assign(examples: examples, inputs: pairs.inputs, targets: pairs.targets)
    }

    mutating func step(iteration: Int) throws(TrainingError) -> StepOutcome {
        let step: GraphStep
        do throws(RuleError) {
            step = try rule.step(try problem())
        } catch {
            throw .rule(iteration: iteration, error)
        }
        guard step.lossBefore.isFinite else { return StepOutcome(loss: step.lossBefore, updateNorm: .infinity) }
        let (rate, constants) = (learningRate, adamConstants)
        let squaredNorm = moments?.apply(
            direction: step.direction, learningRate: rate, constants, to: &network.parameters)
        if let squaredNorm { return StepOutcome(loss: step.lossBefore, updateNorm: squaredNorm.squareRoot()) }
        let update = step.update
        network.parameters.add(update)
        return StepOutcome(loss: step.lossBefore, updateNorm: update.norm)
    }

    /// The case of the mini-batch. Examples were checked when the data were made, so that there is nothing to refuse.
    private func problem() throws(RuleError) -> GraphProblem {
        do {
            return try GraphProblem(
                network: network, inputs: batch.inputs, targets: batch.targets, loss: loss, learningRate: learningRate)
        } catch {
            throw .unsolved("\(error)")
        }
    }

    func comparison(
        _ configuration: TrainingConfiguration, iteration: Int
    ) throws(TrainingError) -> ExactComparison? {
        guard let problem = try? problem(),
            let report = try? GraphSolver(options: SolverOptions(tolerance: configuration.solverTolerance)).solve(problem),
            GraphCertifier(tolerance: configuration.solverTolerance).certify(report.update, for: problem).isExact
        else { return nil }
        var copy = self
        guard try copy.step(iteration: iteration).isFinite else { return nil }
        return ExactComparison(UpdateDistance(of: copy.parameters - parameters, to: report.update))
    }

    func weightChange(since before: Parameters<Double>) -> Double {
        let change = network.parameters - before
        return zip(change.layers, network.architecture.tensors).reduce(0) { sum, pair in
            pair.1.role == .bias ? sum : sum + pair.0.squaredNorm
        }.squareRoot()
    }

    func evaluation(on examples: ExamplePairs, task: TrainingData.Task) -> Evaluation {
        Evaluation(loss, on: examples, task: task) { (inputs: Matrix<Double>) in network.logits(inputs) }
    }

    func representation(on examples: ExamplePairs) -> Representation? { nil }

    func write(to writer: inout CheckpointWriter) {
        writer.append(network.parameters)
        moments?.write(to: &writer)
    }

    mutating func restore(from reader: inout CheckpointReader) throws(CheckpointError) {
        network.parameters = try reader.parameters(like: network.parameters)
        try moments?.restore(from: &reader)
    }
}
