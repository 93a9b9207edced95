internal import LinearAlgebra
internal import Networks

/// `P(Δ) = L(θ_b + Δ) + ‖Δ‖²/(2α)` at one point: value, gradient, and what second derivatives need.
///
/// Activations with kinks are treated in one of two ways (`KinkTreatment`), both of which make `P`
/// differentiable. This is a workspace: `move` and `differentiate` fill it, the rest reads it, and
/// products with vectors allocate nothing.
struct WeightSpaceModel {
    let problem: ProximalProblem
    let architecture: Architecture
    let depth: Int
    let examples: Int

    /// `Δ`.
    private(set) var update: Parameters<Double>
    private(set) var weights: Parameters<Double>
    /// `P`, after `move`; `+∞` where it overflows.
    private(set) var value = Double.infinity
    /// `∇P`, after `differentiate`.
    private(set) var gradient: Parameters<Double>
    /// `h₁ … h_N`.
    private(set) var activities: PerLayer<Matrix<Double>>
    /// `a₀ … a_{N−1}`.
    private(set) var rates: PerLayer<Matrix<Double>>
    /// `φ′ₙ` for `n = 1..<N`.
    private(set) var slopes: PerLayer<Matrix<Double>>
    /// `∂ℓᵢ/∂aₙ = Wₙᵀδₙ₊₁` for `n = 1..<N`, not divided by `B`.
    private(set) var feedback: PerLayer<Matrix<Double>>
    private var bends: PerLayer<Matrix<Double>>
    private var errors: PerLayer<Matrix<Double>>

    var kinks: KinkTreatment

    // Tangents along a direction; what `linearize` and `hessianProduct` leave.
    private(set) var activityTangents: PerLayer<Matrix<Double>>
    private var rateTangents: PerLayer<Matrix<Double>>
    private var backward: PerLayer<Matrix<Double>>

    init(_ problem: ProximalProblem) {
        self.problem = problem
        architecture = problem.network.architecture
        depth = architecture.depth
        examples = problem.batch.size
        let columns = problem.batch.size
        update = Parameters(zerosFor: architecture)
        weights = problem.network.parameters
        gradient = update
        activities = architecture.activities(examples: columns)
        rates = PerLayer(from: 0, [problem.batch.inputs] + activities.dropLast())
        slopes = activities.dropLast()
        feedback = slopes
        bends = slopes
        errors = activities
        activityTangents = activities
        rateTangents = rates
        backward = activities
        kinks = KinkTreatment(architecture, examples: columns)
    }

    var learningRate: Double { problem.learningRate }
    var hasKinks: Bool { architecture.hasKinks }

    /// `α‖∇P‖/‖Δ‖`, the implicit residual with the slopes in use.
    var residual: Double {
        let deviation = learningRate * gradient.norm
        return deviation == 0 ? 0 : deviation / update.norm
    }

    /// Runs the feedforward pass of `θ_b + Δ`.
    mutating func move(to update: Parameters<Double>) {
        self.update = update
        for n in 0..<depth {
            let count = update.layers[n].count
            weights.layers[n].withMutablePointer { target in
                problem.network.parameters.layers[n].withPointer {
                    target.update(from: $0, count: count)
                }
            }
            weights.layers[n].add(update.layers[n])
        }
        for n in 0..<depth {
            weights.layers[n].predict(
                rates[n], hasBias: architecture.biases[n], into: &activities[n + 1])
            if n + 1 < depth { activate(n + 1) }
        }
        let norm = update.norm
        value = problem.loss.total(activities[depth], targets: problem.batch.targets)
            / Double(examples) + norm * norm / (2 * learningRate)
        if !value.isFinite { value = .infinity }
    }

    /// Runs the backward pass at the present point.
    mutating func differentiate() {
        problem.loss.gradient(
            activities[depth], targets: problem.batch.targets, into: &errors[depth])
        for n in architecture.hiddenLayers.reversed() {
            feedback[n].assignProduct(
                weights.layers[n], .transposed, errors[n + 1], width: architecture.widths[n])
            bend(n)
            let count = slopes[n].count
            errors[n].withMutablePointer { target in
                feedback[n].withPointer { target.update(from: $0, count: count) }
            }
            errors[n].multiply(elementwise: slopes[n])
            bends[n].multiply(elementwise: feedback[n])
        }
        for n in 0..<depth {
            gradient.layers[n].assignOuterProduct(
                errors[n + 1], rates[n], hasBias: architecture.biases[n], scale: 1 / Double(examples))
            gradient.layers[n].add(update.layers[n], scaledBy: 1 / learningRate)
        }
    }

    /// `aₙ` at the present `hₙ`.
    private mutating func activate(_ n: Int) {
        let activation = architecture.activation(ofLayer: n)
        if let kink = activation.kink {
            kinks.activate(n, kink, activities[n], into: &rates[n])
        } else {
            activation.evaluate(activities[n], into: &rates[n])
        }
    }

    /// `φ′ₙ` and `φ″ₙ`; from the rates where they determine them, which saves the exponentials.
    private mutating func bend(_ n: Int) {
        let activation = architecture.activation(ofLayer: n)
        if let kink = activation.kink {
            kinks.bend(n, kink, activities[n], slopes: &slopes[n], bends: &bends[n])
            return
        }
        switch activation {
        case .tanh:
            bend(n) { rate in
                let slope = (1 - rate) * (1 + rate)
                return (slope, -2 * rate * slope)
            }
        case .sigmoid:
            bend(n) { rate in
                let slope = rate * (1 - rate)
                return (slope, slope * (1 - 2 * rate))
            }
        default:
            activation.slope(activities[n], into: &slopes[n])
            activation.curvature(activities[n], into: &bends[n])
        }
    }

    @inline(__always)
    private mutating func bend(_ n: Int, _ formula: (Double) -> (Double, Double)) {
        let count = slopes[n].count
        rates[n].withPointer { rate in
            slopes[n].withMutablePointer { slope in
                bends[n].withMutablePointer { bend in
                    for i in 0..<count { (slope[i], bend[i]) = formula(rate[i]) }
                }
            }
        }
    }

    /// The derivatives of all activities along `direction`, into `activityTangents`:
    /// `ḣₙ₊₁ = Vₙāₙ + Wₙ(φ′ₙ ⊙ ḣₙ)`.
    mutating func linearize(along direction: Parameters<Double>) {
        for n in 0..<depth {
            direction.layers[n].predict(
                rates[n], hasBias: architecture.biases[n], into: &activityTangents[n + 1])
            if n > 0 {
                assign(slopes[n], times: activityTangents[n], to: &rateTangents[n])
                activityTangents[n + 1].assignProduct(
                    weights.layers[n], rateTangents[n], width: architecture.widths[n], keep: 1)
            }
        }
    }

    /// `result ← Σ (∂hₙ/∂θ)ᵀ uₙ` for weights `uₙ` on the activities (layer `n`).
    mutating func pullBack(_ seeds: PerLayer<Matrix<Double>>, into result: inout Parameters<Double>) {
        for n in stride(from: depth - 1, through: 0, by: -1) {
            if n + 1 < depth {
                backward[n + 1].assignProduct(
                    weights.layers[n + 1], .transposed, backward[n + 2],
                    width: architecture.widths[n + 1])
                backward[n + 1].multiply(elementwise: slopes[n + 1])
                backward[n + 1].add(seeds[n + 1])
            } else {
                backward[n + 1].scale(by: 0)
                backward[n + 1].add(seeds[n + 1])
            }
            result.layers[n].assignOuterProduct(
                backward[n + 1], rates[n], hasBias: architecture.biases[n], scale: 1)
        }
    }

    /// `result ← ∇²P v` (Pearlmutter's two differentiated passes), and `linearize(along: v)`.
    mutating func hessianProduct(
        _ direction: Parameters<Double>, into result: inout Parameters<Double>
    ) {
        linearize(along: direction)
        problem.loss.hessianProduct(
            activities[depth], targets: problem.batch.targets,
            direction: activityTangents[depth], into: &backward[depth])
        let scale = 1 / Double(examples)
        for n in stride(from: depth - 1, through: 0, by: -1) {
            result.layers[n].assignOuterProduct(
                backward[n + 1], rates[n], hasBias: architecture.biases[n], scale: scale)
            result.layers[n].add(direction.layers[n], scaledBy: 1 / learningRate)
            if n == 0 { break }
            result.layers[n].addOuterProductBeforeBias(errors[n + 1], rateTangents[n], scale: scale)
            let width = architecture.widths[n]
            backward[n].assignProduct(
                direction.layers[n], .transposed, errors[n + 1], width: width)
            backward[n].assignProduct(
                weights.layers[n], .transposed, backward[n + 1], width: width, keep: 1)
            backward[n].multiply(elementwise: slopes[n])
            addProduct(bends[n], activityTangents[n], to: &backward[n])
        }
    }

    private func assign(
        _ left: Matrix<Double>, times right: Matrix<Double>, to result: inout Matrix<Double>
    ) {
        let count = left.count
        result.withMutablePointer { r in
            left.withPointer { x in
                right.withPointer { y in for i in 0..<count { r[i] = x[i] * y[i] } }
            }
        }
    }

    private func addProduct(
        _ left: Matrix<Double>, _ right: Matrix<Double>, to result: inout Matrix<Double>
    ) {
        let count = left.count
        result.withMutablePointer { r in
            left.withPointer { x in
                right.withPointer { y in for i in 0..<count { r[i] += x[i] * y[i] } }
            }
        }
    }
}

extension Matrix<Double> {
    /// `self ← self + scale · E Rᵀ` on the leading columns; a bias column has a constant rate.
    fileprivate mutating func addOuterProductBeforeBias(
        _ errors: Matrix<Double>, _ tangents: Matrix<Double>, scale: Double
    ) {
        let (height, width, examples) = (rows, tangents.rows, errors.columns)
        withMutablePointer { target in
            errors.withPointer { e in
                tangents.withPointer { r in
                    Double._gemm(
                        .none, .transposed, height, width, examples, scale, e, height, r, width, 1,
                        target, height)
                }
            }
        }
    }
}
