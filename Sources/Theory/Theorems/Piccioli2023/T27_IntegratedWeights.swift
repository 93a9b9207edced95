internal import ImplicitSGD
internal import LinearAlgebra
internal import Networks
internal import PropertyTesting
internal import Randomness
internal import RealModule

private enum Variant: Sendable { case correct, withoutLogarithm, oneOutput, diagonalGram, temperatureTwice }

extension Theorem {
    /// T27 for one layer and any mini-batch: the density of the activities by predictive densities, one example after
    /// the other, against the slack energy and a determinant. Layers factorize once the activities are given.
    ///
    /// **Tolerance.** That of `RecursiveLeastSquares`, relative to the sum of the terms' sizes; the determinant by Cholesky
    /// factorization of `I + αK/s`, whose condition is at most `κ`, is off by less.
    static let integratedWeights = Theorem.from(
        .integratedWeights, title: "Weights integrated out",
        statement: #"""
            Noise of variance $s$ on every pre-activation, weights normal around $W^b$ with variance $\alpha$, temperature $T$ \#
            for both: $-T\log p(h)=\frac1{2\alpha}\operatorname{tr}E(K+\frac s\alpha I)^{-1}E^\top+\frac T2d\log\det(I+\alpha K/s)$ \#
            for each layer, up to a constant; $\log(1+\alpha s_n/s)$ for one example. The first term is the slack energy of T18 \#
            with $\varepsilon=s/\alpha$.
            """#,
        hypotheses: ["Checked on one layer, any mini-batch; $\\alpha\\lVert\\bar A\\rVert^2/s\\le10^4$."],
        paper: .piccioli2023,
        quantity: "the sum of the predictive densities' negative logarithms − slack energy − (T/2)d log det(I + αK/s) − constant",
        bound: "zero", tolerance: "rounding of recursive least squares, κ² at most",
        generator: NetworkCases.linearLayer.generator(), describe: \.description, correct: Variant.correct,
        mutants: [
            ("without the logarithm", .withoutLogarithm), ("the logarithm once, not for each output", .oneOutput),
            ("examples taken as orthogonal", .diagonalGram), ("2T for T", .temperatureTwice),
        ]
    ) { networkCase, variant, context in
        networkCase.label(&context)
        var random = networkCase.randomGenerator(stream: 3)
        let noise = Double.exp((2 * random.nextUniform() - 1) * Double.log(10))
        let temperature = Double.exp((2 * random.nextUniform() - 1) * Double.log(10))
        let problem = networkCase.problem
        let alpha = problem.learningRate
        let base = problem.network.parameters.layers[0]
        let rates = problem.batch.inputs.extended(networkCase.architecture.biases[0])
        let filter = try RecursiveLeastSquares(
            prior: base, variance: alpha, rates: rates, activities: problem.batch.targets, noise: noise)
        let outputs = Double(base.rows)
        let sequential = filter.misfit / 2 + temperature * outputs * filter.logVariance / 2

        let errors = problem.batch.targets - base.times(rates)
        let gram = rates.transposed.times(rates)
        let examples = gram.rows
        let damped = Matrix<Double>(rows: examples, columns: examples) { i, j in
            (i == j ? noise : 0) + (variant == .diagonalGram && i != j ? 0 : alpha * gram[i, j])
        }
        let slackEnergy = try CholeskyFactorization(damped).solve(errors.transposed).transposed.dot(errors) / 2
        let scaled = (1 / noise) * damped
        let logDeterminant = try SymmetricEigendecomposition(scaled).values.reduce(0) { $0 + Double.log($1) }
        let copies = variant == .oneOutput ? 1 : outputs
        let share = variant == .temperatureTwice ? temperature : temperature / 2
        let logarithm = variant == .withoutLogarithm ? 0 : share * copies * logDeterminant
        let constant = temperature * outputs * Double(examples) * Double.log(noise) / 2
        let size = slackEnergy + abs(logarithm) + abs(constant) + temperature * outputs * Double(examples)
        return margin(
            sequential, slackEnergy + logarithm + constant,
            tolerance: filter.relativeError * (size + filter.scale * filter.scale))
    }
}
