package import ImplicitSGD
package import Intervals
internal import LinearAlgebra
internal import Networks

/// The implicit equation with the error signals as unknowns, for every choice of them in a box.
///
/// `Δ = −α∇L(θ⁺)` says `ΔWₙ = κₙΓₙRₙᵀ` with `Γₙ = −∂ℓ/∂Hₙ₊₁`, `κₙ = αₙ/B` and the regressors `Rₙ` of the weights that move: the
/// rates `Aₙ`, the 1 of a bias. Signals fix the forward pass,
///
/// `Hₙ₊₁ = WₙĀₙ + ΓₙPₙ`, `Pₙ = κₙRₙᵀRₙ`,
///
/// and the point is stationary where they are also what the pass sends back: `Γ_{N−1} = −∇ℓ(H_N)` and
/// `Γₙ₋₁ = φ′ₙ⊙Cₙ`, `Cₙ = Wₙ⁺ᵀΓₙ`, `Wₙ⁺ = Wₙ + κₙΓₙAₙᵀ`. No Gram matrix is inverted, so rates may depend on each other, parameters be
/// held, and each layer have its own learning rate.
///
/// A unit that is held on its kink has `Hⱼ = 0` for its equation, a rate of 0, and its signal free.
package struct ErrorSignals {
    let problem: ProximalProblem
    let face: HeldFace
    /// `Γ₀ … Γ_{N−1}`.
    let signals: [BallMatrix]
    /// `H₁ … H_N` at index `n − 1`, held units with what the pass gives them.
    let activities: [BallMatrix]
    /// `A₀ … A_{N−1}`.
    let rates: [BallMatrix]
    /// `R₀ … R_{N−1}`.
    let regressors: [BallMatrix]
    /// `P₀ … P_{N−1}`.
    let metrics: [BallMatrix]
    /// `W₀⁺ … W_{N−1}⁺` without the column of the bias.
    let weights: [BallMatrix]
    /// `C₁ … C_{N−1}` at index `n − 1`.
    let feedback: [BallMatrix]

    init(_ problem: ProximalProblem, _ face: HeldFace, _ signals: [BallMatrix]) {
        let architecture = problem.network.architecture
        var rates = [BallMatrix(exactly: problem.batch.inputs)]
        var (activities, regressors, metrics, weights): ([BallMatrix], [BallMatrix], [BallMatrix], [BallMatrix]) = ([], [], [], [])
        for n in 0..<architecture.depth {
            let before = BallMatrix(exactly: problem.network.parameters.layers[n])
            let moving = Self.regressors(problem, n, rates[n])
            let metric = BallMatrix.product(moving, .transposed, moving).map { Self.step(problem, n) * $0 }
            let height = BallMatrix.prediction(before, rates[n], hasBias: architecture.biases[n])
                + .product(signals[n], .none, metric)
            let matrix = before.leadingColumns(architecture.widths[n])
            weights.append(
                problem.held.holdsWeights(ofLayer: n)
                    ? matrix
                    : matrix + BallMatrix.product(signals[n], .none, rates[n], .transposed).map { Self.step(problem, n) * $0 })
            activities.append(height)
            regressors.append(moving)
            metrics.append(metric)
            if n + 1 < architecture.depth {
                rates.append(face.clearingHeld(height.map(architecture.activation(ofLayer: n + 1).enclosure), layer: n + 1))
            }
        }
        feedback = architecture.hiddenLayers.map { .product(weights[$0], .transposed, signals[$0]) }
        (self.problem, self.face, self.signals) = (problem, face, signals)
        (self.activities, self.rates, self.regressors) = (activities, rates, regressors)
        (self.metrics, self.weights) = (metrics, weights)
    }

    /// With units on their kinks that are named by layer, unit and example.
    package init(
        _ problem: ProximalProblem, holding units: [(layer: Int, unit: Int, example: Int)] = [], _ signals: [BallMatrix]
    ) {
        var face = HeldFace(problem)
        for (layer, unit, example) in units { face.hold(layer: layer, unit: unit, example: example) }
        self.init(problem, face, signals)
    }

    var architecture: Architecture { problem.network.architecture }

    /// `κₙ`.
    static func step(_ problem: ProximalProblem, _ n: Int) -> Interval {
        let multiple = Interval(problem.learningRate) * Interval(problem.rates.multiple(ofLayer: n))
        let rate = problem.rates.isUniform ? Interval(problem.learningRate) : multiple.union(Interval(problem.rates[n]))
        return rate / Interval(Double(problem.batch.size))
    }

    /// The rows of `Āₙ` whose weights move.
    private static func regressors(_ problem: ProximalProblem, _ n: Int, _ rates: BallMatrix) -> BallMatrix {
        let (center, columns) = problem.regressors(ofLayer: n, rates.center)
        return BallMatrix(
            center: center,
            radius: Matrix(rows: center.rows, columns: center.columns) { i, j in
                columns.lowerBound + i < rates.rows ? rates.radius[columns.lowerBound + i, j] : 0
            })
    }

    /// `φ′ₙ`, 0 where a unit is held.
    func slope(_ n: Int) -> BallMatrix {
        face.clearingHeld(activities[n - 1].map(architecture.activation(ofLayer: n).slopeEnclosure), layer: n)
    }

    /// `φ″ₙ`, 0 where a unit is held.
    func bend(_ n: Int) -> BallMatrix {
        face.clearingHeld(activities[n - 1].map(architecture.activation(ofLayer: n).curvatureEnclosure), layer: n)
    }

    /// What is zero at a stationary point, in the order of the signals: layer by layer, example by example.
    package var deviation: [Interval] {
        var entries: [Interval] = []
        for n in architecture.hiddenLayers {
            let away = signals[n - 1].zip(with: slope(n).zip(with: feedback[n - 1], *), -)
            entries += away.entries
        }
        let outputs = problem.loss.gradientEnclosure(activities[architecture.depth - 1], targets: problem.batch.targets)
        entries += (signals[architecture.depth - 1] + outputs).entries
        let heights = activities.flatMap(\.entries)
        for k in face.held { entries[k] = heights[k] }
        return entries
    }

    /// A free unit whose activity may be on its kink.
    var unitNearKink: Int? {
        let heights = activities.flatMap(\.entries)
        return face.free.first { face.hasKink($0) && heights[$0].contains(0) }
    }

    /// `ΔWₙ = κₙΓₙRₙᵀ`, exactly 0 for what is held.
    var update: [BallMatrix] {
        signals.indices.map { n in
            let before = problem.network.parameters.layers[n]
            let moving = problem.held.movingColumns(ofLayer: n, in: architecture)
            let change = BallMatrix.product(signals[n], .none, regressors[n], .transposed)
            return BallMatrix(rows: before.rows, columns: before.columns) { i, j in
                moving.contains(j) ? Self.step(problem, n) * change[i, j - moving.lowerBound] : .zero
            }
        }
    }

    /// `L`.
    var loss: Interval {
        problem.loss.totalEnclosure(activities[architecture.depth - 1], targets: problem.batch.targets)
            / Interval(Double(problem.batch.size))
    }

    /// `L + Σ ‖ΔWₙ‖²/(2αₙ) = L + Σ tr ΓₙPₙΓₙᵀ/(2B)`.
    var objective: Interval {
        let squares = signals.indices.reduce(Interval.zero) { sum, n in
            let product = BallMatrix.product(signals[n], .none, metrics[n])
            return Swift.zip(product.entries, signals[n].entries).reduce(sum) { $0 + $1.0 * $1.1 }
        }
        return loss + Interval(max(0, squares.lower)).union(Interval(squares.upper)) / Interval(2 * Double(problem.batch.size))
    }
}
