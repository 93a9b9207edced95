internal import LearningRules
internal import LinearAlgebra
internal import Networks

/// What one update tells of itself.
struct StepOutcome {
    /// The mini-batch loss before the update.
    var loss: Double
    /// `‖Δ‖`.
    var updateNorm: Double
    /// False if a solver of exact updates stopped short of its tolerance.
    var isCertified = true

    /// Whether loss and update are finite.
    var isFinite: Bool { loss.isFinite && updateNorm.isFinite }
}

/// A network, its current mini-batch, and the workspace of a rule that trains it: a step of a local rule changes the
/// weights in place and allocates nothing of the size of a layer. Other rules, such as the solvers of exact updates,
/// make their one-shot update.
struct Trainer<Scalar: BLASScalar>: Sendable {
    private let method: Method
    let adamConstants: AdamConstants
    var problem: LearningProblem<Scalar>
    /// Adam's means, for the rules that use it.
    var moments: AdamMoments<Scalar>?
    /// The means of matrix update equalization, for the rules that use it.
    var equalization: MatrixEqualization<Scalar>?
    private var state: InferenceState<Scalar>
    private var buffer: Parameters<Scalar>

    private enum Method {
        case local(any LocalLearningRule)
        case step(any LearningRule)
    }

    /// A trainer whose mini-batch is still zeros.
    init(
        _ configuration: TrainingConfiguration, network: Network<Scalar>
    ) throws(TrainingError) {
        let architecture = network.architecture
        do {
            let batch = try Batch(
                inputs: Matrix<Scalar>(
                    rows: architecture.inputWidth, columns: configuration.batchSize),
                targets: Matrix<Scalar>(
                    rows: architecture.outputWidth, columns: configuration.batchSize))
            problem = LearningProblem(
                network: network, batch: batch, loss: configuration.loss,
                learningRate: Scalar(configuration.learningRate), held: configuration.held)
        } catch {
            throw .network(error)
        }
        let rule = configuration.learningRule
        method = (rule as? any LocalLearningRule).map(Method.local) ?? .step(rule)
        adamConstants = configuration.adam
        moments = configuration.rule.usesAdam ? AdamMoments(zerosLike: network.parameters) : nil
        equalization = configuration.rule.optimizer == .mq ? MatrixEqualization() : nil
        state = InferenceState(architecture: architecture, examples: configuration.batchSize, use: .repeatedly)
        buffer = Parameters(zerosFor: architecture)
    }

    /// The same trainer in double precision: same weights, mini-batch and moments.
    init(_ configuration: TrainingConfiguration, doubling other: Trainer<Float>)
    throws(TrainingError) where Scalar == Double {
        try self.init(configuration, network: other.problem.network.converted(to: Double.self))
        do {
            problem.batch = try other.problem.batch.converted(to: Double.self)
        } catch {
            throw .network(error)
        }
        makeRoom(for: problem.batch.size)
        moments = other.moments.map {
            AdamMoments(
                means: $0.means.converted(to: Double.self),
                squares: $0.squares.converted(to: Double.self), count: $0.count)
        }
        equalization = other.equalization.map {
            MatrixEqualization(means: $0.means.map(Double.init), count: $0.count)
        }
    }

    /// Makes the given training examples the mini-batch, of whatever size.
    mutating func load(_ examples: ArraySlice<Int>, of pairs: ExamplePairs) throws(TrainingError) {
        if examples.count != problem.batch.size {
            do {
                problem.batch = try Batch(
                    inputs: Matrix<Scalar>(rows: pairs.inputs.rows, columns: examples.count),
                    targets: Matrix<Scalar>(rows: pairs.targets.rows, columns: examples.count))
            } catch {
                throw .network(error)
            }
            makeRoom(for: examples.count)
        }
        problem.batch.assign(examples: examples, inputs: pairs.inputs, targets: pairs.targets)
    }

    /// Makes the workspace that of a mini-batch of another size.
    private mutating func makeRoom(for examples: Int) {
        guard examples != state.errors[state.errors.startIndex].columns else { return }
        state = InferenceState(architecture: problem.network.architecture, examples: examples, use: .repeatedly)
    }

    /// The norm of the change of the weights without the biases.
    func weightChange(since before: Parameters<Scalar>) -> Double {
        let architecture = problem.network.architecture
        var change = problem.network.parameters - before
        HeldParameters([.biases]).clear(&change, in: architecture)
        return Double(change.norm)
    }

    /// Makes one update on the mini-batch.
    ///
    /// - Parameter iteration: its number from 0, for errors and random starts.
    /// - Throws: `TrainingError.rule`; the weights may then have moved in part.
    mutating func step(iteration: Int) throws(TrainingError) -> StepOutcome {
        do throws(RuleError) {
            switch method {
            case .local(let rule):
                rule.inIteration(iteration).infer(problem, in: &state)
                return try applyLocalUpdate(rule.weightUpdate)
            case .step(let rule): return try applyStep(rule.inIteration(iteration))
            }
        } catch .zeroRates {
            // What division by zero leaves of the weights.
            return StepOutcome(loss: lossBefore(), updateNorm: .infinity)
        } catch {
            throw .rule(iteration: iteration, error)
        }
    }

    private mutating func applyLocalUpdate(
        _ weightUpdate: WeightUpdate
    ) throws(RuleError) -> StepOutcome {
        let loss = lossBefore()
        guard loss.isFinite else { return StepOutcome(loss: loss, updateNorm: .infinity) }
        guard hasMemory else {
            let squaredNorm = try weightUpdate.apply(state, to: &problem, buffer: &buffer)
            return StepOutcome(loss: loss, updateNorm: Double(squaredNorm).squareRoot())
        }
        if moments != nil { return StepOutcome(loss: loss, updateNorm: try applyAdam(weightUpdate)) }
        try weightUpdate.assignDirection(state, problem.network.architecture, held: problem.held, to: &buffer)
        return StepOutcome(loss: loss, updateNorm: applyOptimizer())
    }

    /// Whether an optimiser makes the steps.
    private var hasMemory: Bool { moments != nil || equalization != nil }

    /// Adam's step along what the state asks for; returns its norm.
    private mutating func applyAdam(_ weightUpdate: WeightUpdate) throws(RuleError) -> Double {
        // Taken out, so that they have one owner and are changed in place.
        guard var current = moments.take() else { return 0 }
        defer { moments = current }
        let squaredNorm = try weightUpdate.apply(
            state, to: &problem, through: &current, adamConstants, buffer: &buffer)
        return Double(squaredNorm).squareRoot()
    }

    /// The optimiser's step along the direction in the buffer; returns its norm.
    private mutating func applyOptimizer() -> Double {
        let (rate, constants) = (problem.learningRate, adamConstants)
        let squaredNorm = moments?.apply(
            direction: buffer, learningRate: rate, constants, to: &problem.network.parameters)
            ?? equalization?.apply(direction: &buffer, learningRate: rate, to: &problem.network) ?? 0
        return Double(squaredNorm).squareRoot()
    }

    private mutating func applyStep(_ rule: any LearningRule) throws(RuleError) -> StepOutcome {
        state.begin(problem, at: .feedforward, output: .clamped)
        let loss = lossBefore()
        guard loss.isFinite else { return StepOutcome(loss: loss, updateNorm: .infinity) }
        let step = try rule.step(problem)
        let isCertified = step.equilibrium?.isConverged ?? true
        guard hasMemory else {
            problem.network.apply(step.update)
            return StepOutcome(
                loss: loss, updateNorm: Double(step.update.norm), isCertified: isCertified)
        }
        buffer = (1 / problem.learningRate) * step.update
        return StepOutcome(loss: loss, updateNorm: applyOptimizer(), isCertified: isCertified)
    }

    /// The mini-batch loss of the feedforward pass, which a rule with a random start has not made.
    private func lossBefore() -> Double {
        guard state.lossAtStart.isNaN else { return Double(state.lossAtStart) }
        let logits = problem.network.logits(problem.batch.inputs)
        return Double(problem.loss.total(logits, targets: problem.batch.targets))
            / Double(problem.batch.size)
    }
}
