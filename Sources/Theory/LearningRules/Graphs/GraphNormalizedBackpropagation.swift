public import Graphs
internal import LinearAlgebra
internal import Networks

/// `bp-prox` on graphs: backpropagation with the output error and the least-norm update of `il-prox`, what `il-prox` would do
/// without inference (C11).
///
/// `Δ = A⁺e` at the feedforward pass, with the output's error that of the mixture of response and target, and hidden errors
/// `e = φ′ ⊙ ΣFᵀe`, the sum over the edges that leave a node.
public struct GraphNormalizedBackpropagation: GraphRule {
    public let name = "bp-prox"

    public init() {}

    public func step(_ problem: GraphProblem) throws(RuleError) -> GraphStep {
        let (architecture, parameters) = (problem.network.architecture, problem.network.parameters)
        var pass = GraphPass(architecture, parameters: parameters, inputs: problem.batch.inputs)
        pass.runForward()
        pass.assignSlopes()
        let design = GraphDesign(architecture, rates: pass.rates)
        pass.runBackward(from: problem.outputError(pass.logits, sizes: design.sizes()[architecture.depth]))
        return GraphStep(
            direction: try design.leastNorm(pass.errors).update, length: 1, lossBefore: problem.meanLoss(pass))
    }
}
