public import Graphs
package import LinearAlgebra
package import Networks

/// Inference learning on graphs: Euler steps on the activities of all hidden nodes, with errors fed back along the edges, and
/// then an update of the tensors from the errors that are left.
///
/// One step changes every hidden node at once by `h ← h + γφ′ ⊙ rΣFᵀe − γλe`, the sum over the edges that leave it, as
/// `EulerInference` does for chains; `r` is 1, or for each example and edge the ratio of the sizes `s` of node and target.
public struct GraphInferenceLearning: GraphRule {
    /// What becomes of errors and rates.
    public enum Normalization: Sendable, Hashable {
        /// `Δ = α/B Σ A(a)ᵀe`.
        case local
        /// `Δ = A⁺e`: the least change of the tensors that moves all predictions by `e` (T17), or comes nearest.
        case leastNorm
        /// The paper's code for convolutions: `1/B Σ A(a)ᵀe` of each map, divided by the mean over examples and places
        /// of its input's channel-summed square, plus 1 and `ε`.
        case published(epsilon: Double)
    }

    public let name: String
    public var steps: Int
    public var stepSize: Double
    /// The step size of a node's own error, `γλ`.
    public var leakStepSize: Double
    public var normalization: Normalization
    /// The `α` of the output's mixture, `c = αs`, where it is another than the learning rate: with Adam the learning rate is
    /// the size of its step.
    public var targetRate: Double?
    /// Whether predictions and slopes stay those of the feedforward pass.
    private var fixesPredictions = false
    /// Whether the output aims at the mixture `c/(1 + c)` of target and response, `c = αs`, and errors have precisions `1/s`.
    private let isProximal: Bool

    /// `il`: 25 steps of 0.015, the output clamped, the local gradient.
    public static func standard(steps: Int = 25, stepSize: Double = 0.015) -> GraphInferenceLearning {
        GraphInferenceLearning("il", steps, stepSize, .local, isProximal: false)
    }

    /// `fpa`: `il` with predictions and slopes fixed at the feedforward pass (T22).
    public static func fixedPredictions(steps: Int = 25, stepSize: Double = 0.015) -> GraphInferenceLearning {
        var rule = GraphInferenceLearning("fpa", steps, stepSize, .local, isProximal: false)
        rule.fixesPredictions = true
        return rule
    }

    /// `il-prox`: 25 steps of 0.015, the output mixed of response and target, the least-norm update.
    public static func proximal(steps: Int = 25, stepSize: Double = 0.015) -> GraphInferenceLearning {
        GraphInferenceLearning("il-prox", steps, stepSize, .leastNorm, isProximal: true)
    }

    /// `il-prox-fast`: 12 steps of 0.025 without the nodes' own errors, else as `il-prox`.
    public static func proximalFast(steps: Int = 12, stepSize: Double = 0.025) -> GraphInferenceLearning {
        var rule = GraphInferenceLearning("il-prox-fast", steps, stepSize, .leastNorm, isProximal: true)
        rule.leakStepSize = 0
        return rule
    }

    /// `paper-conv`: `il-prox` with the normalization of the paper's code for convolutional networks, whose experiment has
    /// `ε = 15`.
    public static func publishedConvolution(
        steps: Int = 25, stepSize: Double = 0.015, epsilon: Double = 0
    ) -> GraphInferenceLearning {
        GraphInferenceLearning("paper-conv", steps, stepSize, .published(epsilon: epsilon), isProximal: true)
    }

    private init(_ name: String, _ steps: Int, _ stepSize: Double, _ normalization: Normalization, isProximal: Bool) {
        self.name = name
        self.steps = steps
        self.stepSize = stepSize
        self.normalization = normalization
        self.isProximal = isProximal
        leakStepSize = stepSize
    }

    public var settings: Set<RuleSetting> {
        var settings: Set<RuleSetting> = [.steps, .stepSize, .leakStepSize]
        if isProximal { settings.insert(.targetRate) }
        if case .published = normalization { settings.insert(.epsilon) }
        return settings
    }

    public func with(_ constants: RuleSettings) -> GraphInferenceLearning {
        var rule = self
        rule.steps = constants.steps ?? steps
        rule.stepSize = constants.stepSize ?? stepSize
        // Without a size of its own it follows the other, unless the rule has no such step.
        rule.leakStepSize = constants.leakStepSize ?? (leakStepSize == 0 ? 0 : rule.stepSize)
        if isProximal { rule.targetRate = constants.targetRate ?? targetRate }
        if case .published = normalization, let epsilon = constants.epsilon {
            rule.normalization = .published(epsilon: epsilon)
        }
        return rule
    }

    public func step(_ problem: GraphProblem) throws(RuleError) -> GraphStep {
        let state = inferred(problem)
        switch normalization {
        case .local:
            var direction = state.design.pullBack(state.errors)
            direction.scale(by: 1 / Double(problem.batch.size))
            return GraphStep(direction: direction, length: problem.learningRate, lossBefore: state.lossBefore)
        case .leastNorm:
            let direction = try state.design.leastNorm(state.errors).update
            return GraphStep(direction: direction, length: 1, lossBefore: state.lossBefore)
        case .published(let epsilon):
            let direction = state.design.published(state.errors, epsilon: epsilon)
            return GraphStep(direction: direction, length: 1, lossBefore: state.lossBefore)
        }
    }

    /// The rates and the errors that are left after the steps, and the loss before them.
    package func inferred(
        _ problem: GraphProblem
    ) -> (design: GraphDesign, errors: PerLayer<Matrix<Double>>, lossBefore: Double) {
        let architecture = problem.network.architecture
        let depth = architecture.depth
        var pass = GraphPass(architecture, parameters: problem.network.parameters, inputs: problem.batch.inputs)
        pass.runForward()
        pass.assignSlopes()
        var (activities, rates, slopes) = (pass.activities, pass.rates, pass.slopes)
        var errors = activities.mapValues { 0 * $0 }
        var design = GraphDesign(architecture, rates: rates)
        var predictions = design.predictions(problem.network.parameters)
        for step in 0...steps {
            if step > 0 && !fixesPredictions {
                for n in architecture.hiddenNodes {
                    architecture.nodes[n].activation.evaluate(activities[n], into: &rates[n])
                    architecture.nodes[n].activation.slope(activities[n], into: &slopes[n])
                }
                design = GraphDesign(architecture, rates: rates)
                predictions = design.predictions(problem.network.parameters)
            }
            let sizes = isProximal ? design.sizes() : nil
            for n in architecture.hiddenNodes { errors[n] = activities[n] - predictions[n] }
            errors[depth] = problem.outputError(predictions[depth], rate: targetRate, sizes: sizes?[depth])
            if step == steps { break }
            let feedback = design.feedback(errors, problem.network.parameters, sizes: sizes)
            for n in architecture.hiddenNodes {
                var change = slopes[n]
                change.multiply(elementwise: feedback[n])
                activities[n].add(errors[n], scaledBy: -leakStepSize)
                activities[n].add(change, scaledBy: stepSize)
            }
        }
        return (design, errors, problem.meanLoss(pass))
    }
}

extension GraphProblem {
    /// `−∂ℓ/∂h_N`, or with the sizes of the output's maps `c/(1 + c)` of it, `c = αs`: the mixture of response and target.
    ///
    /// - Parameter rate: the `α` of the mixture; `nil` for the learning rate.
    package func outputError(
        _ prediction: Matrix<Double>, rate: Double? = nil, sizes: [Double]?
    ) -> Matrix<Double> {
        var result = prediction
        loss.gradient(prediction, targets: batch.targets, into: &result)
        for example in 0..<batch.size {
            let c = (rate ?? learningRate) * (sizes?[example] ?? 1)
            let factor = sizes == nil ? -1 : -c / (1 + c)
            for i in 0..<result.rows { result[i, example] *= factor }
        }
        return result
    }
}
