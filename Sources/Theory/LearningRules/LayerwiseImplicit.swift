public import LinearAlgebra
public import ImplicitSGD
internal import Networks

/// `implicit-layerwise`: exact implicit SGD with the learning rate for each layer that `il-prox` in effect has (C22).
///
/// `αₙ = cₖ/(sₙ + ε) · αs/(1 + αs)` with `k = N − 1 − n`, `s = s_{N−1}`, and `cₖ` the share of an error that early
/// inference lets through (T22), all at the feedforward pass and averaged over the mini-batch. This is for unit
/// precisions; with those of T9 inference multiplies layer `n`'s error by `sₙ/s_{N−1}` besides.
public struct LayerwiseImplicit: LearningRule {
    public let name = "implicit-layerwise"
    public var factors: LayerFactors
    public var precision: EulerInference.Precision
    /// `ε` of the normalization.
    public var epsilon: Double
    public var options: SolverOptions

    public init(
        factors: LayerFactors = .binomial(steps: 25, stepSize: 0.015),
        precision: EulerInference.Precision = .normalized, epsilon: Double = 0,
        options: SolverOptions = SolverOptions()
    ) {
        self.factors = factors
        self.precision = precision
        self.epsilon = epsilon
        self.options = options
    }

    /// `αₙ/α` for a problem.
    ///
    /// - Throws: `RuleError.zeroRates` where a layer has no input at all.
    public func multiples<Scalar: BLASScalar>(of problem: LearningProblem<Scalar>) throws(RuleError) -> [Double] {
        let architecture = problem.network.architecture
        var state = InferenceState<Scalar>(architecture: architecture, examples: problem.batch.size)
        state.begin(problem, at: .feedforward, output: .clamped)
        let norms = state.squaredNorms.map { $0.reduce(0) { $0 + Double($1) } / Double($0.count) }
        let top = norms[architecture.depth - 1]
        let bounded = top / (1 + Double(problem.learningRate) * top)
        var result: [Double] = []
        for n in 0..<architecture.depth {
            let size = norms[n] + epsilon
            guard size > 0 else { throw .zeroRates(layer: n, example: 0) }
            let inferred = precision == .normalized ? norms[n] / top : 1
            result.append(factors.share(below: architecture.depth - 1 - n) * inferred / size * bounded)
        }
        return result
    }

    public func step<Scalar: BLASScalar>(
        _ problem: LearningProblem<Scalar>
    ) throws(RuleError) -> LearningStep<Scalar> {
        var implicit = ImplicitGradientDescent(options: options)
        implicit.rateMultiples = try multiples(of: problem)
        return try implicit.step(problem)
    }
}

extension RuleEntry {
    public static let layerwiseImplicit = RuleEntry(
        name: "implicit-layerwise", summary: "implicit SGD with il-prox's learning rate for each layer (C22)",
        settings: [.steps, .stepSize, .precision, .epsilon, .factors, .tolerance], chartStyle: 10
    ) {
        LayerwiseImplicit(
            factors: $0.factors ?? .binomial(steps: $0.steps ?? 25, stepSize: $0.stepSize ?? 0.015),
            precision: $0.precision, epsilon: $0.epsilon ?? 0, options: $0.solverOptions)
    }
}
