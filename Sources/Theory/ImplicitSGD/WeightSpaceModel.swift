package import LinearAlgebra
package import Networks

/// `P(Δ) = L(θ_b + Δ) + Σ ‖Δₙ‖²/(2αₙ)` at one point: value, gradient, and what second derivatives need.
///
/// Activations with kinks are treated in one of two ways (`KinkTreatment`), both of which make `P`
/// differentiable. This is a workspace: `move` and `differentiate` fill it, the rest reads it, and
/// products with vectors allocate nothing.
package struct WeightSpaceModel: WeightSpaceObjective {
    package typealias Kernel = WeightSpaceKernel<Double>
    package typealias CoarseKernel = WeightSpaceKernel<Float>

    package let problem: ProximalProblem
    package let architecture: Architecture
    let depth: Int
    package let examples: Int

    /// `Δ`.
    package private(set) var update: Parameters<Double>
    /// `P`, after `move`; `+∞` where it overflows.
    package private(set) var value = Double.infinity
    /// `∇P`, after `differentiate`.
    package private(set) var gradient: Parameters<Double>
    /// The passes at `θ_b + Δ`, and second derivatives after `differentiate`.
    package var point: WeightSpacePoint<Double>
    package var kinks: KinkTreatment

    package init(_ problem: ProximalProblem) {
        self.problem = problem
        architecture = problem.network.architecture
        depth = architecture.depth
        examples = problem.batch.size
        update = Parameters(zerosFor: architecture)
        gradient = update
        point = WeightSpacePoint(problem)
        kinks = KinkTreatment(architecture, examples: examples)
    }

    /// `θ_b + Δ`.
    var weights: Parameters<Double> { point.pass.weights }
    /// `h₁ … h_N`.
    package var activities: PerLayer<Matrix<Double>> { point.pass.activities }
    /// `a₀ … a_{N−1}`.
    var rates: PerLayer<Matrix<Double>> { point.pass.rates }
    /// `φ′ₙ` of the hidden layers.
    package var slopes: PerLayer<Matrix<Double>> { point.pass.slopes }
    /// `∂ℓᵢ/∂aₙ` of the hidden layers, not divided by `B`.
    package var feedback: PerLayer<Matrix<Double>> { point.pass.feedback }
    /// The derivatives of the activities along the last direction.
    package var activityTangents: PerLayer<Matrix<Double>> { point.activityTangents }

    package var learningRates: LearningRates { problem.rates }
    package var hasKinks: Bool { architecture.hasKinks }
    package var hiddenLayers: Range<Int> { architecture.hiddenLayers }
    package var outputRows: Int { architecture.outputWidth * examples }
    package func activation(ofLayer n: Int) -> Activation { architecture.activation(ofLayer: n) }
    package func metricNorm(_ direction: Parameters<Double>) -> Double { problem.metricNorm(direction) }

    /// `α‖∇P‖/‖Δ‖`, the implicit residual with the slopes in use, `αₙ∇ₙP` and `Δₙ` in the problem's metric.
    package var residual: Double {
        let deviation = problem.metricNorm(ofScaled: gradient)
        return deviation == 0 ? 0 : deviation / problem.metricNorm(update)
    }

    /// Whether a descent could not leave this point's neighbourhood of symmetric ones: a layer has not moved at
    /// all, or two units of a hidden layer have the same weights. Only such a descent comes to rest at a saddle point.
    package var isSymmetric: Bool {
        update.layers.enumerated().contains {
            $1.norm == 0 && !problem.held.movingColumns(ofLayer: $0, in: architecture).isEmpty
        } || architecture.hiddenLayers.contains { n in
            weights.layers[n - 1].hasEqualRows
        }
    }

    /// Runs the feedforward pass of `θ_b + Δ`.
    package mutating func move(to update: Parameters<Double>) {
        self.update = update
        // Eigenvectors of one eigenvalue mix what is held with what moves, as far as rounding goes.
        problem.held.clear(&self.update, in: architecture)
        for n in 0..<depth {
            point.pass.weights.layers[n].assignSum(problem.network.parameters.layers[n], self.update.layers[n])
        }
        let (architecture, kinks) = (architecture, kinks)
        point.pass.runForward { n, activity, rate in
            let activation = architecture.activation(ofLayer: n)
            if let kink = activation.kink {
                kinks.activate(n, kink, activity, into: &rate)
            } else {
                activation.evaluate(activity, into: &rate)
            }
        }
        value = problem.loss.total(point.pass.logits, targets: problem.batch.targets)
            / Double(examples) + problem.proximalTerm(self.update)
        if !value.isFinite { value = .infinity }
    }

    /// Runs the backward pass at the present point.
    package mutating func differentiate() {
        for n in architecture.hiddenLayers { bend(n) }
        point.pass.runBackward(problem.loss, targets: problem.batch.targets)
        for n in architecture.hiddenLayers {
            point.bends[n].multiply(elementwise: point.pass.feedback[n])
            if architecture.activation(ofLayer: n).kink != nil { KinkTreatment.keepConvex(&point.bends[n]) }
        }
        point.pass.assignGradient(to: &gradient)
        problem.held.clear(&gradient, in: architecture)
        gradient.add(update, dividedBy: learningRates)
    }

    /// `φ′ₙ` and `φ″ₙ`; from the rates where they determine them, which saves the exponentials.
    private mutating func bend(_ n: Int) {
        let activation = architecture.activation(ofLayer: n)
        if let kink = activation.kink {
            kinks.bend(n, kink, point.pass.activities[n], slopes: &point.pass.slopes[n], bends: &point.bends[n])
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
            activation.slope(point.pass.activities[n], into: &point.pass.slopes[n])
            activation.curvature(point.pass.activities[n], into: &point.bends[n])
        }
    }

    @inline(__always)
    private mutating func bend(_ n: Int, _ formula: (Double) -> (Double, Double)) {
        let count = point.bends[n].count
        point.pass.rates[n].withPointer { rate in
            point.pass.slopes[n].withMutablePointer { slope in
                point.bends[n].withMutablePointer { bend in
                    for i in 0..<count { (slope[i], bend[i]) = formula(rate[i]) }
                }
            }
        }
    }

    /// The derivatives of all activities along `direction`, into `activityTangents`.
    package mutating func linearize(along direction: Parameters<Double>) {
        point.linearize(along: direction)
    }

    /// `result ← Σ (∂hₙ/∂θ)ᵀ uₙ` for weights `uₙ` on the activities.
    package mutating func pullBack(_ seeds: PerLayer<Matrix<Double>>, into result: inout Parameters<Double>) {
        point.pullBack(seeds, into: &result)
    }

    /// `result ← ∇²P v`, and `linearize(along: v)`.
    package mutating func hessianProduct(_ direction: Parameters<Double>, into result: inout Parameters<Double>) {
        point.hessianProduct(direction, into: &result)
    }

    /// The point in single precision; `nil` for few weights, where a product takes as long in either.
    package func coarsePoint() -> WeightSpacePoint<Float>? {
        update.count < Self.leastCoarseCount ? nil : WeightSpacePoint(rounding: point)
    }

    /// 64-32-32-10 is slower in single precision by 7 % at a mini-batch of 16, 784-64-64-10 faster by 5 % at one of 4, which has
    /// 5,100 weights in the span of its inputs.
    private static let leastCoarseCount = 5000
}

extension Matrix<Double> {
    /// Whether two rows have the same entries. Only rows that begin alike are looked at further.
    fileprivate var hasEqualRows: Bool {
        guard columns > 0 else { return rows > 1 }
        return Dictionary(grouping: 0..<rows) { self[$0, 0] }.values.contains { alike in
            alike.count > 1 && Set(alike.map { i in (0..<columns).map { self[i, $0] } }).count < alike.count
        }
    }
}
