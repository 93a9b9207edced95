public import ImplicitSGD
public import LinearAlgebra
internal import Networks

extension LearningProblem<Double> {
    /// A rule is given what the exact update is looked for of.
    public init(_ problem: ProximalProblem) {
        self.init(
            network: problem.network, batch: problem.batch, loss: problem.loss, learningRate: problem.learningRate)
    }
}

extension LearningProblem {
    /// The same problem in double precision, for rules that solve.
    func inDouble() throws(RuleError) -> LearningProblem<Double> {
        do {
            return LearningProblem<Double>(
                network: network.converted(to: Double.self),
                batch: try batch.converted(to: Double.self), loss: loss,
                learningRate: Double(learningRate))
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
                network: network, batch: single, loss: loss, learningRate: learningRate)
        } catch {
            throw .unsolved("\(error)")
        }
    }
}
