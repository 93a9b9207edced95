package import ImplicitSGD
package import Intervals
internal import LinearAlgebra
package import Networks

/// `αE` of one example (T2) over boxes of activities, with its derivatives.
///
/// With `qₙ = 1/(sₙ + σₙ)` and `eₙ₊₁ = hₙ₊₁ − Wₙāₙ` it is `αE = ½Σ qₙ‖eₙ₊₁‖² + αℓ(h_N)`. For the squared error the best
/// output is known, `min_h ½‖h − y‖² + ‖h − p‖²/(2αs) = ‖y − p‖²/(2α(s + 1/α))`: the last term has the target for its
/// activity, `σ = 1/α`, and no loss besides. Otherwise the output is one of the variables and every `σ` is 0.
///
/// An evaluation costs about `Σ dₙdₙ₊₁` interval operations, the Hessian `(Σ dₙ)²` more and `Σ dₙ²dₙ₊₁` once.
package struct BoxEnergy: Sendable {
    let problem: ProximalProblem
    /// Whether the output is eliminated.
    let isReduced: Bool
    private let input: [Interval]
    private let target: [Interval]
    private let weights: [Matrix<Double>]
    /// `WₙᵀWₙ` without the bias.
    private let squares: [[[Interval]]]
    private let activations: [Activation]
    private let rate: Interval

    /// `nil` for more than one example.
    package init?(_ problem: ProximalProblem) {
        guard problem.batch.size == 1 else { return nil }
        self.problem = problem
        let architecture = problem.network.architecture
        isReduced = problem.loss == .squaredError
        input = problem.batch.inputs.column(0).map { Interval($0) }
        target = problem.batch.targets.column(0).map { Interval($0) }
        let weights = problem.network.parameters.layers
        self.weights = weights
        squares = (0..<architecture.depth).map { n in
            (0..<architecture.widths[n]).map { p in
                (0..<architecture.widths[n]).map { q in
                    (0..<weights[n].rows).reduce(Interval.zero) {
                        $0 + Interval(weights[n][$1, p]) * Interval(weights[n][$1, q])
                    }
                }
            }
        }
        activations = (0...architecture.depth).map(architecture.activation(ofLayer:))
        rate = Interval(problem.learningRate)
    }

    /// The number of layers that vary.
    var variableLayers: Int { weights.count - (isReduced ? 1 : 0) }
    /// Their units.
    package var widths: [Int] { Array(problem.network.architecture.widths.dropFirst().prefix(variableLayers)) }
    /// Whether their units have kinks.
    package var kinks: [Bool] { (0..<variableLayers).map { $0 + 1 < weights.count && activations[$0 + 1].kink != nil } }

    // MARK: Evaluation

    /// What one evaluation finds; layers are counted from 0.
    package struct Value {
        /// `αE`.
        var energy = Interval.zero
        /// The loss's part of it.
        var loss = Interval.zero
        /// `½qₙ‖eₙ₊₁‖²`.
        var terms: [Interval] = []
        var predictions: [[Interval]] = []
        var errors: [[Interval]] = []
        var squaredRates: [Interval] = []
        /// `qₙ`.
        var precisions: [Interval] = []
        var rates: [[Interval]] = []
        var slopes: [[Interval]] = []
        /// `cₙ₊₁ = Wₙ₊₁ᵀeₙ₊₂` at index `n`.
        var pulled: [[Interval]] = []
    }

    package func evaluate(_ box: ActivityBox) -> Value {
        var value = Value()
        var rates = input
        for n in weights.indices {
            let hasBias = problem.network.architecture.biases[n]
            let prediction = predict(n, rates, hasBias)
            let activity = n < variableLayers ? box.activities[n] : target
            let error = zip(activity, prediction).map { $0 - $1 }
            let size = rates.reduce(Interval(hasBias ? 1 : 0)) { $0 + $1.squared }
            let shift = n == variableLayers ? Interval(1) / rate : .zero
            let precision = Interval(1) / (size + shift)
            let square = error.reduce(Interval.zero) { $0 + $1.squared }
            // Where s may be 0 the term is at least 0.
            let term = precision.isFinite
                ? Interval(0.5) * precision * square
                : Interval(lower: (square.lower / (2 * (size + shift).upper)).nextDown, upper: .infinity)
            value.terms.append(Interval(lower: max(0, term.lower), upper: term.upper))
            value.predictions.append(prediction)
            value.errors.append(error)
            value.squaredRates.append(size)
            value.precisions.append(precision)
            if n > 0 { value.pulled.append(pullBack(n, error)) }
            guard n + 1 < weights.count else { break }
            let activation = activations[n + 1]
            rates = activity.map(activation.enclosure)
            value.rates.append(rates)
            value.slopes.append(zip(activity, box.pieces[n]).map { slope(activation, $0, $1) })
        }
        if !isReduced {
            let logits = BallMatrix(rows: target.count, columns: 1) { i, _ in box.activities[weights.count - 1][i] }
            value.loss = rate * problem.loss.totalEnclosure(logits, targets: problem.batch.targets)
        }
        value.energy = value.terms.reduce(Interval(lower: max(0, value.loss.lower), upper: value.loss.upper), +)
        return value
    }

    private func predict(_ n: Int, _ rates: [Interval], _ hasBias: Bool) -> [Interval] {
        (0..<weights[n].rows).map { i in
            rates.indices.reduce(hasBias ? Interval(weights[n][i, rates.count]) : .zero) {
                $0 + weights[n][i, $1] * rates[$1]
            }
        }
    }

    private func pullBack(_ n: Int, _ error: [Interval]) -> [Interval] {
        (0..<problem.network.architecture.widths[n]).map { j in
            error.indices.reduce(.zero) { $0 + weights[n][$1, j] * error[$1] }
        }
    }

    private func slope(_ activation: Activation, _ activity: Interval, _ piece: ActivityBox.Piece) -> Interval {
        guard let kink = activation.kink else { return activation.slopeEnclosure(activity) }
        switch piece {
        case .left: return Interval(kink.leftSlope)
        case .right: return Interval(kink.rightSlope)
        case .smooth, .both, .held: return Interval(lower: kink.leftSlope, upper: kink.rightSlope)
        }
    }

    // MARK: Derivatives

    /// `∂αE/∂hₙ₊₁` at index `n`, for the slopes of the pieces.
    package func gradient(_ value: Value, _ box: ActivityBox) -> [[Interval]] {
        let outputs = isReduced ? [] : lossGradient(box)
        return (0..<variableLayers).map { n in
            value.errors[n].indices.map { i in
                let own = value.precisions[n] * value.errors[n][i]
                if n + 1 == weights.count { return own + rate * outputs[i] }
                return own - value.slopes[n][i] * back(value, n, i)
            }
        }
    }

    /// Whether `E` falls to one side of the held unit, everywhere in the box.
    func fallsBesideKink(_ value: Value, layer n: Int, unit: Int) -> Bool {
        guard let kink = activations[n + 1].kink else { return false }
        let own = value.precisions[n] * value.errors[n][unit]
        let above = back(value, n, unit)
        return (own - kink.rightSlope * above).upper < 0 || (own - kink.leftSlope * above).lower > 0
    }

    /// What the layer above feeds back to a rate: `qc + εq²a`.
    private func back(_ value: Value, _ n: Int, _ i: Int) -> Interval {
        let above = value.precisions[n + 1]
        return above * value.pulled[n][i] + Interval(2) * value.terms[n + 1] * above * value.rates[n][i]
    }

    private func lossGradient(_ box: ActivityBox) -> [Interval] {
        let logits = BallMatrix(rows: target.count, columns: 1) { i, _ in box.activities[weights.count - 1][i] }
        let gradient = problem.loss.gradientEnclosure(logits, targets: problem.batch.targets)
        return (0..<target.count).map { gradient[$0, 0] }
    }

    /// The Hessian on the free units of a smooth box, without that of the loss, which is not negative: the lower
    /// triangle (theory, section 7).
    package func hessian(_ value: Value, _ box: ActivityBox) -> [[Interval]] {
        let free = box.free
        return free.indices.map { row in
            (0...row).map { column in
                let (a, b) = (free[row], free[column])
                if a.layer == b.layer { return diagonalEntry(value, box, a.layer, a.unit, b.unit) }
                return a.layer == b.layer + 1 ? couplingEntry(value, b.layer, a.unit, b.unit) : .zero
            }
        }
    }

    private func diagonalEntry(_ value: Value, _ box: ActivityBox, _ n: Int, _ i: Int, _ j: Int) -> Interval {
        let own = i == j ? value.precisions[n] : .zero
        guard n + 1 < weights.count else { return own }
        let (q, c) = (value.precisions[n + 1], value.pulled[n])
        // ε = 2·term/q.
        let square = Interval(2) * value.terms[n + 1]
        let (a, slopes) = (value.rates[n], value.slopes[n])
        let cross = c[i] * a[j] + c[j] * a[i]
        let inner = squares[n + 1][i][j] + Interval(2) * q * cross + Interval(4) * square * q * a[i] * a[j]
        var result = own + q * slopes[i] * slopes[j] * inner
        if i == j {
            let bend = activations[n + 1].curvatureEnclosure(box.activities[n][i])
            result = result - q * (bend * (c[i] + square * a[i]) + square * slopes[i].squared)
        }
        return result
    }

    /// The entry of `hₙ₊₂` and `hₙ₊₁`: `−(WD + 2q e vᵀ)q`.
    private func couplingEntry(_ value: Value, _ n: Int, _ above: Int, _ below: Int) -> Interval {
        let q = value.precisions[n + 1]
        let inner = Interval(weights[n + 1][above, below]) + Interval(2) * q * value.errors[n + 1][above] * value.rates[n][below]
        return -(q * value.slopes[n][below] * inner)
    }

    // MARK: Boxes and points

    /// A box that holds every global minimiser, if `αE` is not above `energy` at one: `½qₙ‖eₙ₊₁‖² ≤ αE` layer by layer.
    /// `nil` if something overflows.
    func startingBox(energy: Double) -> ActivityBox? {
        let kinks = kinks
        var activities: [[Interval]] = []
        var rates = input
        for n in 0..<variableLayers {
            let hasBias = problem.network.architecture.biases[n]
            let size = rates.reduce(Interval(hasBias ? 1 : 0)) { $0 + $1.squared }
            let reach = (Interval(2) * Interval(energy) * Interval(size.upper)).squareRoot.upper
            activities.append(predict(n, rates, hasBias).map { $0 + Interval(lower: -reach, upper: reach) })
            if n + 1 < weights.count { rates = activities[n].map(activations[n + 1].enclosure) }
        }
        return activities.allSatisfy { $0.allSatisfy(\.isFinite) } ? ActivityBox(activities, kinks: kinks) : nil
    }

    /// The part of the box where `αE` can be at most `energy`: `hₙ₊₁` no further from its prediction than the other terms
    /// leave for its own. `nil` if there is none.
    func contracted(_ box: ActivityBox, _ value: Value, energy: Double) -> ActivityBox? {
        var result = box
        let others = Interval(energy) - Interval(max(0, value.loss.lower))
        for n in 0..<variableLayers {
            let rest = value.terms.indices.reduce(others) { $1 == n ? $0 : $0 - Interval(value.terms[$1].lower) }
            guard rest.upper >= 0 else { return nil }
            let reach = (Interval(2) * Interval(rest.upper) * Interval(value.squaredRates[n].upper)).squareRoot.upper
            guard reach.isFinite else { continue }
            for i in result.activities[n].indices where result.pieces[n][i] != .held {
                let range = value.predictions[n][i] + Interval(lower: -reach, upper: reach)
                guard let limited = result.limited(layer: n, unit: i, to: range) else { return nil }
                result = limited
            }
        }
        return result
    }

    /// The update that has the middle of the box for its activities, `ΔWₙ = eₙ₊₁āₙᵀ/sₙ`, with the best output where
    /// that is eliminated.
    package func update(_ box: ActivityBox) -> Parameters<Double> {
        let value = evaluate(box.middle)
        var result = problem.network.parameters
        var rates = input
        for n in weights.indices {
            let hasBias = problem.network.architecture.biases[n]
            let inputs = rates.map(\.midpoint) + (hasBias ? [1] : [])
            let size = value.squaredRates[n].midpoint
            let scale = n == variableLayers ? value.precisions[n].midpoint : size > 0 ? 1 / size : 0
            let error = value.errors[n].map(\.midpoint)
            result.layers[n] = Matrix(rows: error.count, columns: inputs.count) { scale * error[$0] * inputs[$1] }
            if n + 1 < weights.count { rates = value.rates[n] }
        }
        return result
    }
}
