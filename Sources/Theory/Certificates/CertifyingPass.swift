internal import ImplicitSGD
internal import Intervals
internal import LinearAlgebra
internal import Networks

/// A forward and a backward pass with error bounds, which decide which units sit on a kink and which
/// slope makes the implicit equation hold there.
///
/// Every enclosure holds for all weights between `θ_b + Δ` and the weights written.
struct CertifyingPass {
    /// `h₁ … h_N` at index `n − 1`.
    let activities: [BallMatrix]
    /// `a₀ … a_{N−1}` at index `n`.
    let rates: [BallMatrix]
    /// `cₙ = Wₙᵀδₙ₊₁`, the derivative of `ℓᵢ` by the rates, for `n = 1..<N` at index `n − 1`.
    private(set) var feedback: [BallMatrix]
    /// `δₙ`, the derivative of `ℓᵢ` by the activities, at index `n − 1`.
    private(set) var errors: [BallMatrix]
    /// φ′ as it was used, for `n = 1..<N` at index `n − 1`.
    private(set) var slopes: [BallMatrix]
    /// The units whose activity may be 0, with the slope that was chosen.
    private(set) var kinkedUnits: [KinkedUnit] = []
    /// Whether the implicit equation left the slope of some unit open.
    private(set) var hasUndeterminedSlopes = false

    /// By hidden layer, at index `n − 1`: the units whose kinks in several examples are not left one by one.
    private(set) var linkedUnits: [Set<Int>]

    /// What to take where the equation leaves a slope open.
    enum OpenSlope: CaseIterable { case left, right }

    /// - Parameter problem: the case.
    /// - Parameter update: `Δ`.
    /// - Parameter weights: `θ_b + Δ`.
    /// - Parameter openSlope: the choice where the equation says nothing of a slope.
    init(
        _ problem: ProximalProblem, _ update: Parameters<Double>, weights: [BallMatrix],
        openSlope: OpenSlope = .left
    ) {
        let architecture = problem.network.architecture
        let depth = architecture.depth
        (activities, rates) = Self.forward(problem, weights)
        let constant = ConstantLayers(problem, activities: activities)
        var errors = [
            problem.loss.gradientEnclosure(activities[depth - 1], targets: problem.batch.targets)
        ]
        var (feedback, slopes): ([BallMatrix], [BallMatrix]) = ([], [])
        linkedUnits = Array(repeating: [], count: depth - 1)
        for n in stride(from: depth - 1, to: 0, by: -1) {
            let activation = architecture.activation(ofLayer: n)
            let pulled = BallMatrix.product(
                weights[n].leadingColumns(architecture.widths[n]), .transposed, errors[0])
            var slope = activities[n - 1].map(activation.slopeEnclosure)
            if let kink = activation.kink {
                let (inputs, columns) = problem.regressors(ofLayer: n - 1, rates[n - 1].center)
                let chosen = KinkSlopes(
                    layer: n, kink: kink, activities: activities[n - 1], feedback: pulled.center,
                    constant: constant.areConstant[n - 1],
                    update: update.layers[n - 1].columns(columns), inputs: inputs,
                    step: problem.rates[n - 1] / Double(problem.batch.size), openSlope: openSlope)
                for unit in chosen.units { slope[unit.unit, unit.example] = Interval(unit.slope) }
                kinkedUnits += chosen.units
                linkedUnits[n - 1] = chosen.linked
                hasUndeterminedSlopes = hasUndeterminedSlopes || chosen.areOpen
            }
            errors.insert(slope.zip(with: pulled, *), at: 0)
            feedback.insert(pulled, at: 0)
            slopes.insert(slope, at: 0)
        }
        (self.errors, self.feedback, self.slopes) = (errors, feedback, slopes)
    }

    /// The feedforward pass alone.
    static func forward(
        _ problem: ProximalProblem, _ weights: [BallMatrix]
    ) -> (activities: [BallMatrix], rates: [BallMatrix]) {
        let architecture = problem.network.architecture
        var rates = [BallMatrix(exactly: problem.batch.inputs)]
        var activities: [BallMatrix] = []
        for n in 0..<architecture.depth {
            activities.append(
                .prediction(weights[n], rates[n], hasBias: architecture.biases[n]))
            if n + 1 < architecture.depth {
                rates.append(activities[n].map(architecture.activation(ofLayer: n + 1).enclosure))
            }
        }
        return (activities, rates)
    }

    /// Whether everything is bounded.
    var isFinite: Bool { (activities + errors).allSatisfy(\.isFinite) }
}
