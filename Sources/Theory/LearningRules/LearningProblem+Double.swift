internal import LinearAlgebra
internal import Networks

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
