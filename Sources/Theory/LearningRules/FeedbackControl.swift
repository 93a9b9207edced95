public import LinearAlgebra
internal import Networks

/// `dfc`: deep feedback control. A controller reads the loss at the output and moves all hidden activities until nothing
/// moves; weights follow what is left of it at each layer.
///
/// With `Qₙ = (∂h_N/∂hₙ)ᵀ` of the feedforward pass and the gain `k`, at the controller's steady state
///
/// `hₙ = Wₙ₋₁āₙ₋₁ + Qₙu` for `n < N`, `u = −k∇ℓ(p_N)`, and `ΔWₙ₋₁ = α/(Bk) Σ eₙāₙ₋₁ᵀ` with `eₙ = Qₙu`, `e_N = u`.
///
/// For `k → 0` it is backpropagation. To first order in the residual `r` of squared error `eₙ/k = Jₙᵀ(I + kS)⁻¹r` with
/// `S = Σ_{n<N} JₙJₙᵀ`: with `k = 1` that is `il-equilibrium` (T19), and implicit SGD has `αK`, `K = Σ sₙJₙ₊₁Jₙ₊₁ᵀ`, in the place
/// of `kS`. So control weighs the error as a second-order step does, with the gain for the learning rate.
///
/// A. Meulemans et al., *Credit assignment in neural networks through deep feedback control*, NeurIPS 2021 (arXiv
/// 2106.07887); K. Kaleb et al., *Feedback control guides credit assignment in recurrent neural networks*, NeurIPS 2024,
/// where the network runs in time and feedback weights are learned. Here feedback is ideal and the controller at rest.
public struct FeedbackControl: LearningRule {
    public let name = "dfc"
    /// `k`.
    public var gain: Double
    /// The bound on the controller's residual.
    public var tolerance: Double

    public init(gain: Double = 1, tolerance: Double = 1e-10) {
        self.gain = gain
        self.tolerance = tolerance
    }

    /// - Throws: `RuleError.unsolved` where the controller overflows.
    public func step<Scalar: BLASScalar>(
        _ problem: LearningProblem<Scalar>
    ) throws(RuleError) -> LearningStep<Scalar> {
        let wide = try problem.inDouble()
        let architecture = wide.network.architecture
        let controller = FeedbackController(gain: gain, tolerance: tolerance)
        var update = Parameters<Double>(zerosFor: architecture)
        var worst = EquilibriumStatus(isConverged: true, residual: 0, tolerance: tolerance, iterations: 0)
        let scale = wide.learningRate / (gain * Double(wide.batch.size))
        for example in 0..<wide.batch.size {
            var pass = ControlledChain(wide.network, input: wide.batch.inputs.columns(example..<example + 1))
            let target = wide.batch.targets.columns(example..<example + 1)
            let (control, status) = try controller.settle(&pass, wide.loss, target: target)
            worst = worst.including(status)
            for n in update.layers.indices {
                let error = n + 1 < architecture.depth ? pass.directions[n + 1].dotted(control) : control
                architecture.weightLayers[n].pullBackToWeights(
                    error, pass.rates[n], scale: scale, keep: 1, into: &update.layers[n])
            }
        }
        wide.held.clear(&update, in: architecture)
        return LearningStep(update: update.converted(to: Scalar.self), equilibrium: worst)
    }
}

extension EquilibriumStatus {
    /// The status of a mini-batch: the worst of its examples.
    func including(_ other: EquilibriumStatus) -> EquilibriumStatus {
        EquilibriumStatus(
            isConverged: isConverged && other.isConverged, residual: max(residual, other.residual), tolerance: tolerance,
            iterations: iterations + other.iterations)
    }
}

/// A chain under control.
private struct ControlledChain: ControlledPass {
    let network: Network<Double>
    /// `Qₙ` for `n = 1…N−1`, a column for each output.
    let directions: PerLayer<Matrix<Double>>
    /// `a₀ … a_{N−1}`.
    private(set) var rates: PerLayer<Matrix<Double>>
    private var activities: PerLayer<Matrix<Double>>

    init(_ network: Network<Double>, input: Matrix<Double>) {
        self.network = network
        var pass = Pass(network, inputs: input)
        pass.runForward()
        (activities, rates) = (pass.activities, pass.rates)
        let architecture = network.architecture
        var directions = PerLayer(architecture.hiddenLayers) {
            Matrix<Double>(rows: architecture.widths[$0], columns: architecture.outputWidth)
        }
        for n in architecture.hiddenLayers.reversed() {
            let above = n + 1 < architecture.depth ? directions[n + 1] : .identity(architecture.outputWidth)
            architecture.weightLayers[n].pullBackToRates(
                above, weights: network.parameters.layers[n], keep: 0, into: &directions[n])
            directions[n].scaleRows(by: architecture.activation(ofLayer: n).slopes(activities[n]))
        }
        self.directions = directions
    }

    var response: Matrix<Double> { activities[network.architecture.depth] }

    mutating func run(_ control: Matrix<Double>) {
        let architecture = network.architecture
        for n in 0..<architecture.depth {
            network.predict(layer: n, rates: rates[n], into: &activities[n + 1])
            guard n + 1 < architecture.depth else { return }
            activities[n + 1].add(directions[n + 1].dotted(control))
            architecture.activation(ofLayer: n + 1).evaluate(activities[n + 1], into: &rates[n + 1])
        }
    }

    func sensitivity() -> Matrix<Double> {
        let architecture = network.architecture
        var change = Matrix<Double>(rows: architecture.outputWidth, columns: architecture.outputWidth)
        for n in architecture.hiddenLayers {
            var moved = directions[n]
            if n > 1 { moved.add(change) }
            moved.scaleRows(by: architecture.activation(ofLayer: n).slopes(activities[n]))
            var next = Matrix<Double>(rows: architecture.widths[n + 1], columns: moved.columns)
            architecture.weightLayers[n].propagate(
                moved, weights: network.parameters.layers[n], scale: 1, keep: 0, into: &next)
            change = next
        }
        return change
    }
}

extension Activation {
    /// `φ′` of one example's activities.
    func slopes(_ activities: Matrix<Double>) -> Matrix<Double> {
        var result = activities
        slope(activities, into: &result)
        return result
    }
}

extension Matrix<Double> {
    /// Multiplies row `i` by the `i`-th entry of a column.
    mutating func scaleRows(by factors: Matrix<Double>) {
        for j in 0..<columns {
            for i in 0..<rows { self[i, j] *= factors[i, 0] }
        }
    }
}

extension RuleEntry {
    public static let feedbackControl = RuleEntry(
        name: "dfc", summary: "a controller of gain 1 moves hidden activities by the loss at the output until it rests (feedback control)",
        settings: [.gain, .tolerance], chartStyle: 30, paper: "Kaleb 2024"
    ) { FeedbackControl(gain: $0.gain ?? 1, tolerance: $0.equilibriumTolerance) }
}
