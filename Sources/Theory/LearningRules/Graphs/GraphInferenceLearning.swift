public import Graphs
public import LinearAlgebra
public import Networks

/// Inference learning on graphs: Euler steps on the activities of all hidden nodes, with errors fed back along the edges, and
/// then an update of the tensors from the errors that are left.
///
/// One step changes every hidden node at once by `h ← h + γ(φ′ ⊙ rΣFᵀe − λe)`, the sum over the edges that leave it, as
/// `EulerInference` does for chains; `r` is 1, or for each example and edge the ratio of the sizes `s` of node and target.
public struct GraphInferenceLearning: GraphRule {
    /// What becomes of errors and rates.
    public enum Normalization: Sendable, Hashable {
        /// `Δ = α/B Σ A(a)ᵀe`.
        case local
        /// `Δ = A⁺e`: the least change of the tensors that moves all predictions by `e` (T17), or comes nearest.
        case leastNorm
        /// The paper's code for convolutions: `1/B Σ A(a)ᵀe` of each map, divided by the mean over examples and places
        /// of its input's channel-summed square, plus 1.
        case published
    }

    public let name: String
    public var steps: Int
    public var stepSize: Double
    public var normalization: Normalization
    /// Whether the output aims at the mixture `c/(1 + c)` of target and response, `c = αs`, and errors have precisions `1/s`.
    private let isProximal: Bool

    /// `il`: 25 steps of 0.015, the output clamped, the local gradient.
    public static func standard(steps: Int = 25, stepSize: Double = 0.015) -> GraphInferenceLearning {
        GraphInferenceLearning(
            name: "il", steps: steps, stepSize: stepSize, normalization: .local, isProximal: false)
    }

    /// `il-prox`: 25 steps of 0.015, the output mixed of response and target, the least-norm update.
    public static func proximal(steps: Int = 25, stepSize: Double = 0.015) -> GraphInferenceLearning {
        GraphInferenceLearning(
            name: "il-prox", steps: steps, stepSize: stepSize, normalization: .leastNorm, isProximal: true)
    }

    /// `paper-conv`: `il-prox` with the normalization of the paper's code for convolutional networks.
    public static func publishedConvolution(steps: Int = 25, stepSize: Double = 0.015) -> GraphInferenceLearning {
        GraphInferenceLearning(
            name: "paper-conv", steps: steps, stepSize: stepSize, normalization: .published, isProximal: true)
    }

    public func update(_ problem: GraphProblem) throws(RuleError) -> Parameters<Double> {
        let state = inferred(problem)
        switch normalization {
        case .local:
            var result = state.design.pullBack(state.errors)
            result.scale(by: problem.learningRate / Double(problem.batch.size))
            return result
        case .leastNorm: return try state.design.leastNorm(state.errors).update
        case .published: return state.design.published(state.errors)
        }
    }

    /// The rates and the errors that are left after the steps.
    package func inferred(_ problem: GraphProblem) -> (design: GraphDesign, errors: PerLayer<Matrix<Double>>) {
        let architecture = problem.network.architecture
        let depth = architecture.depth
        var pass = GraphPass(architecture, parameters: problem.network.parameters, inputs: problem.batch.inputs)
        pass.runForward()
        var activities = pass.activities
        var rates = pass.rates
        var errors = activities.mapValues { 0 * $0 }
        for step in 0...steps {
            for n in architecture.hiddenNodes {
                architecture.nodes[n].activation.evaluate(activities[n], into: &rates[n])
            }
            let design = GraphDesign(architecture, rates: rates)
            let predictions = design.predictions(problem.network.parameters)
            let sizes = isProximal ? design.sizes() : nil
            for n in architecture.hiddenNodes { errors[n] = activities[n] - predictions[n] }
            problem.loss.gradient(predictions[depth], targets: problem.batch.targets, into: &errors[depth])
            for example in 0..<problem.batch.size {
                let c = problem.learningRate * (sizes.map { $0[depth][example] } ?? 1)
                let factor = isProximal ? -c / (1 + c) : -1
                for i in 0..<errors[depth].rows { errors[depth][i, example] *= factor }
            }
            if step == steps { return (design, errors) }
            let feedback = design.feedback(errors, problem.network.parameters, sizes: sizes)
            for n in architecture.hiddenNodes {
                var slope = activities[n]
                architecture.nodes[n].activation.slope(activities[n], into: &slope)
                activities[n].add(errors[n], scaledBy: -stepSize)
                slope.multiply(elementwise: feedback[n])
                activities[n].add(slope, scaledBy: stepSize)
            }
        }
        return (GraphDesign(architecture, rates: rates), errors)
    }
}
