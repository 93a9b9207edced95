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
    let feedforward: PerLayer<Matrix<Double>>
    private let weights: Parameters<Double>
    private let problem: LearningProblem<Double>
    private let output: OutputTreatment
    private let targets: Matrix<Double>
    private let inputPrediction: Matrix<Double>
    /// `π₁ … π_N`.
    var precisions: PerLayer<Double>
    /// `c`, the step of the output's proximal point or mixture: `α` over the output's precision.
    var outputStep: Double

    private(set) var activities: PerLayer<Matrix<Double>>
    private(set) var weightedErrors: PerLayer<Matrix<Double>>
    private(set) var feedback: PerLayer<Matrix<Double>>
    private var rates: PerLayer<Matrix<Double>>
    private var outputPrediction: Matrix<Double>
    /// `π_N e_N` and the point at which the loss curves: `p_N`, or the proximal point.
    private var outputError: Matrix<Double>
    private var outputPoint: Matrix<Double>

    init(_ problem: LearningProblem<Double>, output: OutputTreatment) {
        self.problem = problem
        self.output = output
        targets = output.targets(of: problem)
        architecture = problem.network.architecture
        weights = problem.network.parameters
        let pass = Linearization(network: problem.network, batch: problem.batch, loss: problem.loss)
        feedforward = pass.activities.dropLast()
        inputPrediction = pass.activities[1]
        activities = feedforward
        weightedErrors = feedforward
        feedback = feedforward
        rates = pass.rates
        outputPrediction = pass.logits
        outputError = outputPrediction
        outputPoint = outputPrediction
        precisions = PerLayer(architecture.layers) { _ in 1 }
        if case .free(let strength) = output {
            outputStep = strength
        } else {
            outputStep = Double(problem.learningRate)
        }
    }

    /// Whether the output is at the proximal point of `p_N` with step `outputStep`.
    private var hasOutputOfItsOwn: Bool {
        switch output {
        case .proximalPoint, .free: true
        case .clamped, .nudged, .nudgedTarget, .mixedTarget: false
        }
    }

    /// `s₀ … s_{N−1}` of the last evaluated rates.
    var squaredNorms: [Double] {
        rates.enumerated().map { $1.squaredNorm + problem.biasShare(ofLayer: $0) }
    }

    private var depth: Int { architecture.depth }

    mutating func evaluate(at displacements: PerLayer<Matrix<Double>>) -> Double {
        var energy = 0.0
        for n in architecture.hiddenLayers {
            activities[n] = feedforward[n]
            activities[n].add(displacements[n])
            if n == 1 {
                weightedErrors[1] = displacements[1]
            } else {
                problem.network.predict(layer: n - 1, rates: rates[n - 1], into: &weightedErrors[n])
                weightedErrors[n].scale(by: -1)
                weightedErrors[n].add(activities[n])
            }
            energy += precisions[n] * weightedErrors[n].squaredNorm / 2
            weightedErrors[n].scale(by: precisions[n])
            architecture.activation(ofLayer: n).evaluate(activities[n], into: &rates[n])
        }
        problem.network.predict(
            layer: depth - 1, rates: rates[depth - 1], into: &outputPrediction)
        energy += evaluateOutput()
        return energy.isNaN ? .infinity : energy
    }

    /// `V(p_N)`, leaving `π_N e_N` and the point where the loss curves.
    private mutating func evaluateOutput() -> Double {
        let precision = precisions[depth]
        outputPoint = outputPrediction
        if hasOutputOfItsOwn {
            outputPoint = Matrix(
                column: problem.loss.proximalPoint(
                    logits: outputPrediction.elements, target: targets.elements,
                    step: outputStep))
        }
        problem.loss.gradient(outputPoint, targets: targets, into: &outputError)
        let lossValue = problem.loss.total(outputPoint, targets: targets)
        let weight = outputWeight
        outputError.scale(by: -weight)
        guard hasOutputOfItsOwn else { return weight * lossValue }
        return weight * lossValue + precision * (outputPoint - outputPrediction).squaredNorm / 2
    }

    /// The weight of the loss in `V`, as a multiple of the output's precision where that is frozen.
    private var outputWeight: Double {
        switch output {
        case .clamped, .nudgedTarget: 1
        case .nudged(let strength): strength
        case .mixedTarget: precisions[depth] * outputStep / (1 + outputStep)
        case .proximalPoint, .free: precisions[depth] * outputStep
        }
    }

    mutating func differentiate() {
        for n in architecture.hiddenLayers {
            let next = n + 1 == depth ? outputError : weightedErrors[n + 1]
            architecture.weightLayers[n].pullBackToRates(
                next, weights: weights.layers[n], keep: 0, into: &feedback[n])
        }
    }

    func gradient(slopes: PerLayer<Matrix<Double>>, into gradient: inout PerLayer<Matrix<Double>>) {
        for n in architecture.hiddenLayers {
            gradient[n] = feedback[n]
            gradient[n].multiply(elementwise: slopes[n])
            gradient[n].scale(by: -1)
            gradient[n].add(weightedErrors[n])
        }
    }

    /// The field relative to its two parts, which balance at the equilibrium.
    func residual(gradient: PerLayer<Matrix<Double>>, slopes: PerLayer<Matrix<Double>>) -> Double {
        let field = gradient.reduce(0) { $0 + $1.squaredNorm }
        let parts = weightedErrors.reduce(0) { $0 + $1.squaredNorm }
            + feedback.reduce(0) { $0 + $1.squaredNorm }
        return field == 0 ? 0 : (field / parts).squareRoot()
    }

    func makeWorkspace() -> PerLayer<Matrix<Double>> {
        PerLayer(architecture.hiddenLayers) {
            Matrix(rows: architecture.widths[$0 + 1], columns: architecture.widths[$0])
        }
    }

    /// Diagonal blocks `πₙI + Dₙ Wₙᵀ(πₙ₊₁I or ∇²V)Wₙ Dₙ − diag(φ″ₙ ⊙ cₙ)`, below `−πₙ₊₁WₙDₙ`.
    func assembleHessian(
        slopes: PerLayer<Matrix<Double>>, curvatures: PerLayer<Matrix<Double>>, workspace: inout PerLayer<Matrix<Double>>,
        into hessian: inout BlockTridiagonalMatrix
    ) {
        for (block, n) in architecture.hiddenLayers.enumerated() {
            assignScaledWeights(n, slopes[n], to: &workspace[n])
            if n + 1 == depth {
                let curved = outputCurvature(times: workspace[n])
                hessian.diagonal[block].assignProduct(workspace[n], .transposed, curved)
            } else {
                hessian.diagonal[block].assignSymmetricProduct(
                    workspace[n], .transposed, scale: precisions[n + 1])
                hessian.below[block].copy(from: workspace[n])
                hessian.below[block].scale(by: -precisions[n + 1])
            }
            for i in 0..<architecture.widths[n] {
                hessian.diagonal[block][i, i] +=
                    precisions[n] - curvatures[n][i, 0] * feedback[n][i, 0]
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
        let hessian = problem.loss.hessian(outputPoint, targets: targets, example: 0)
        var product = columns
        guard hasOutputOfItsOwn else {
            product.assignProduct(hessian, columns, scale: outputWeight)
            return product
        }
        let system = Matrix<Double>.identity(hessian.rows) + outputStep * hessian
        guard let factor = try? CholeskyFactorization(system),
            let solved = try? factor.solve(columns)
        else { return product }
        return precisions[depth] * (columns - solved)
    }

    func addMetric(scaledBy scale: Double, to hessian: inout BlockTridiagonalMatrix) {
        for (block, n) in architecture.hiddenLayers.enumerated() {
            for i in 0..<hessian.diagonal[block].rows {
                hessian.diagonal[block][i, i] += scale * precisions[n]
            }
        }
    }
}
