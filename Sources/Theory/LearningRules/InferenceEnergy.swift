internal import ImplicitSGD
internal import LinearAlgebra
internal import Networks

/// The energy that inference lowers when precisions and feedback weights are frozen, for one example:
///
/// `F(h₁ … h_{N−1}) = ½ Σ_{n<N} πₙ‖hₙ − pₙ‖² + V(p_N)`,
///
/// where the output is eliminated: `V` is the output treatment's potential with `−∇V(p) = π_N e_N`.
/// With unit precisions and a clamped output it is the energy of standard inference learning; with
/// `πₙ = 1/sₙ₋₁` of the present rates its stationary points are the equilibria of `il-prox`, once
/// the rates have stopped to change.
struct InferenceEnergy: LayeredEnergy {
    let architecture: Architecture
    let examples = 1
    let feedforward: [Matrix<Double>]
    private let weights: Parameters<Double>
    private let problem: LearningProblem<Double>
    private let output: OutputTreatment
    private let inputPrediction: Matrix<Double>
    /// `π₁ … π_N` at index `n − 1`.
    var precisions: [Double]
    /// `c`, the step of the output's proximal point or mixture: `α` over the output's precision.
    var outputStep: Double

    private(set) var activities: [Matrix<Double>]
    private(set) var responses: [Matrix<Double>]
    private(set) var feedback: [Matrix<Double>]
    private var rates: [Matrix<Double>]
    private var outputPrediction: Matrix<Double>
    /// `π_N e_N` and the point at which the loss curves: `p_N`, or the proximal point.
    private var outputError: Matrix<Double>
    private var outputPoint: Matrix<Double>

    init(_ problem: LearningProblem<Double>, output: OutputTreatment) {
        self.problem = problem
        self.output = output
        architecture = problem.network.architecture
        weights = problem.network.parameters
        let pass = Linearization(network: problem.network, batch: problem.batch, loss: problem.loss)
        let depth = architecture.depth
        feedforward = Array(pass.activities.prefix(depth - 1))
        inputPrediction = pass.activities[0]
        activities = feedforward
        responses = feedforward
        feedback = feedforward
        rates = pass.rates
        outputPrediction = pass.activities[depth - 1]
        outputError = outputPrediction
        outputPoint = outputPrediction
        precisions = Array(repeating: 1, count: depth)
        outputStep = Double(problem.learningRate)
    }

    var hiddenLayers: Int { architecture.depth - 1 }

    /// `sₙ` of the last evaluated rates, at index `n`.
    var squaredNorms: [Double] {
        rates.enumerated().map { $1.squaredNorm + (architecture.biases[$0] ? 1 : 0) }
    }

    mutating func evaluate(at displacements: [Matrix<Double>]) -> Double {
        var energy = 0.0
        for n in 1..<(hiddenLayers + 1) {
            activities[n - 1] = feedforward[n - 1]
            activities[n - 1].add(displacements[n - 1])
            if n == 1 {
                responses[0] = displacements[0]
            } else {
                problem.network.predict(layer: n - 1, rates: rates[n - 1], into: &responses[n - 1])
                responses[n - 1].scale(by: -1)
                responses[n - 1].add(activities[n - 1])
            }
            energy += precisions[n - 1] * responses[n - 1].squaredNorm / 2
            responses[n - 1].scale(by: precisions[n - 1])
            architecture.activation(ofLayer: n).evaluate(activities[n - 1], into: &rates[n])
        }
        problem.network.predict(
            layer: hiddenLayers, rates: rates[hiddenLayers], into: &outputPrediction)
        energy += evaluateOutput()
        return energy.isNaN ? .infinity : energy
    }

    /// `V(p_N)`, leaving `π_N e_N` and the point where the loss curves.
    private mutating func evaluateOutput() -> Double {
        let precision = precisions[hiddenLayers]
        outputPoint = outputPrediction
        if case .proximalPoint = output {
            outputPoint = Matrix(
                column: problem.loss.proximalPoint(
                    logits: outputPrediction.elements, target: problem.batch.targets.elements,
                    step: outputStep))
        }
        problem.loss.gradient(outputPoint, targets: problem.batch.targets, into: &outputError)
        let lossValue = problem.loss.total(outputPoint, targets: problem.batch.targets)
        let weight = outputWeight
        outputError.scale(by: -weight)
        guard case .proximalPoint = output else { return weight * lossValue }
        return weight * lossValue + precision * (outputPoint - outputPrediction).squaredNorm / 2
    }

    /// The weight of the loss in `V`, as a multiple of the output's precision where that is frozen.
    private var outputWeight: Double {
        switch output {
        case .clamped: 1
        case .nudged(let strength): strength
        case .mixedTarget: precisions[hiddenLayers] * outputStep / (1 + outputStep)
        case .proximalPoint: precisions[hiddenLayers] * outputStep
        }
    }

    mutating func differentiate() {
        for n in 1..<(hiddenLayers + 1) {
            let next = n == hiddenLayers ? outputError : responses[n]
            feedback[n - 1].assignProduct(
                weights.layers[n], .transposed, next, width: architecture.widths[n])
        }
    }

    func gradient(slopes: [Matrix<Double>], into gradient: inout [Matrix<Double>]) {
        for n in 1..<(hiddenLayers + 1) {
            gradient[n - 1] = feedback[n - 1]
            gradient[n - 1].multiply(elementwise: slopes[n - 1])
            gradient[n - 1].scale(by: -1)
            gradient[n - 1].add(responses[n - 1])
        }
    }

    /// The field relative to its two parts, which balance at the equilibrium.
    func residual(gradient: [Matrix<Double>], slopes: [Matrix<Double>]) -> Double {
        let field = gradient.reduce(0) { $0 + $1.squaredNorm }
        let parts = responses.reduce(0) { $0 + $1.squaredNorm }
            + feedback.reduce(0) { $0 + $1.squaredNorm }
        return field == 0 ? 0 : (field / parts).squareRoot()
    }

    func makeWorkspace() -> [Matrix<Double>] {
        (1..<(hiddenLayers + 1)).map {
            Matrix(rows: architecture.widths[$0 + 1], columns: architecture.widths[$0])
        }
    }

    /// Diagonal blocks `πₙI + Dₙ Wₙᵀ(πₙ₊₁I or ∇²V)Wₙ Dₙ − diag(φ″ₙ ⊙ cₙ)`, below `−πₙ₊₁WₙDₙ`.
    func assembleHessian(
        slopes: [Matrix<Double>], curvatures: [Matrix<Double>], workspace: inout [Matrix<Double>],
        into hessian: inout BlockTridiagonalMatrix
    ) {
        for n in 1..<(hiddenLayers + 1) {
            let width = architecture.widths[n]
            let isLast = n == hiddenLayers
            assignScaledWeights(n, slopes[n - 1], to: &workspace[n - 1])
            if isLast {
                let curved = outputCurvature(times: workspace[n - 1])
                hessian.diagonal[n - 1].assignProduct(workspace[n - 1], .transposed, curved)
            } else {
                hessian.diagonal[n - 1].assignSymmetricProduct(
                    workspace[n - 1], .transposed, scale: precisions[n])
                hessian.below[n - 1].copy(from: workspace[n - 1])
                hessian.below[n - 1].scale(by: -precisions[n])
            }
            for i in 0..<width {
                hessian.diagonal[n - 1][i, i] +=
                    precisions[n - 1] - curvatures[n - 1][i, 0] * feedback[n - 1][i, 0]
            }
        }
    }

    /// `target ← WₙDₙ`, without the bias column.
    private func assignScaledWeights(
        _ n: Int, _ slopes: Matrix<Double>, to target: inout Matrix<Double>
    ) {
        let (height, width) = (target.rows, target.columns)
        target.withMutablePointer { output in
            weights.layers[n].withPointer { w in
                for j in 0..<width {
                    let slope = slopes[j, 0]
                    for i in 0..<height { output[i + j * height] = slope * w[i + j * height] }
                }
            }
        }
    }

    /// `∇²V · B`. For the proximal point `V` is a Moreau envelope, whose Hessian is
    /// `π(I − (I + c∇²ℓ)⁻¹)`.
    private func outputCurvature(times columns: Matrix<Double>) -> Matrix<Double> {
        let hessian = problem.loss.hessian(outputPoint, targets: problem.batch.targets, example: 0)
        var product = columns
        guard case .proximalPoint = output else {
            product.assignProduct(hessian, columns, scale: outputWeight)
            return product
        }
        let system = Matrix<Double>.identity(hessian.rows) + outputStep * hessian
        guard let factor = try? CholeskyFactorization(system),
            let solved = try? factor.solve(columns)
        else { return product }
        return precisions[hiddenLayers] * (columns - solved)
    }

    func addMetric(scaledBy scale: Double, to hessian: inout BlockTridiagonalMatrix) {
        for n in hessian.diagonal.indices {
            for i in 0..<hessian.diagonal[n].rows {
                hessian.diagonal[n][i, i] += scale * precisions[n]
            }
        }
    }
}
