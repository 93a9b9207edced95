public import ImplicitSGD
public import LinearAlgebra
internal import Networks

extension LearningProblem<Double> {
    /// A rule is given what the exact update is looked for of.
    public init(_ problem: ProximalProblem) {
        self.init(
            network: problem.network, batch: problem.batch, loss: problem.loss, learningRate: problem.learningRate,
            held: problem.held)
    }
}

extension LearningProblem {
    /// The same problem in double precision, for rules that solve.
    func inDouble() throws(RuleError) -> LearningProblem<Double> {
        do {
            return LearningProblem<Double>(
                network: network.converted(to: Double.self),
                batch: try batch.converted(to: Double.self), loss: loss,
                learningRate: Double(learningRate), held: held)
        } catch {
            throw .unsolved("\(error)")
        }
    }

    /// The problem of one example of the mini-batch.
    func example(_ index: Int) throws(RuleError) -> LearningProblem {
        do {
            let single = try Batch(
                inputs: batch.inputs.columns(index..<(index + 1)),
                targets: batch.targets.columns(index..<(index + 1)))
            return LearningProblem(
                network: network, batch: single, loss: loss, learningRate: learningRate, held: held)
        } catch {
            throw .unsolved("\(error)")
        }
    }

    /// What the bias of layer `n` adds to `sₙ`: 1, or 0 if there is none that moves.
    func biasShare(ofLayer n: Int) -> Scalar {
        network.architecture.biases[n] && !held.holdsBias(ofLayer: n) ? 1 : 0
    }
}
