internal import LinearAlgebra
internal import Networks

/// The energy `½Σ πₙ‖eₙ‖²` of one example over its activities, with any precisions and a clamped or a free output, from
/// the definitions: the independent counterpart of `InferenceEnergy`.
///
/// The unknowns are `h₁ … h_{N−1}`, and `h_N` where the output is free; activations have two derivatives.
struct SmoothInference {
    /// What holds the output.
    enum Output {
        case clamped(Matrix<Double>)
        /// `+ βℓ(h_N)`; `β` may be negative.
        case free(Loss, target: Matrix<Double>, strength: Double)
    }

    let network: Network<Double>
    let input: Matrix<Double>
    /// `π₁ … π_N`.
    let precisions: PerLayer<Double>
    let output: Output

    private var architecture: Architecture { network.architecture }
    private var depth: Int { architecture.depth }
    private var weights: [Matrix<Double>] { network.parameters.layers }
    /// The layers that move.
    private var moving: Range<Int> {
        if case .clamped = output { 1..<depth } else { 1..<(depth + 1) }
    }

    /// `h₁ … h_N` of the feedforward pass, the output at its target where that is clamped.
    var start: PerLayer<Matrix<Double>> {
        var activities = PerLayer<Matrix<Double>>(from: 1, [])
        for n in 0..<depth { activities.append(weights[n].times(extendedRates(activities, below: n))) }
        if case .clamped(let target) = output { activities[depth] = target }
        return activities
    }

    /// `āₙ`.
    func extendedRates(_ activities: PerLayer<Matrix<Double>>, below n: Int) -> Matrix<Double> {
        guard n > 0 else { return input.extended(architecture.biases[0]) }
        var rates = activities[n]
        architecture.activation(ofLayer: n).evaluate(activities[n], into: &rates)
        return rates.extended(architecture.biases[n])
    }

    /// `e₁ … e_N`.
    func errors(_ activities: PerLayer<Matrix<Double>>) -> PerLayer<Matrix<Double>> {
        PerLayer(activities.indices) {
            activities[$0] - weights[$0 - 1].times(extendedRates(activities, below: $0 - 1))
        }
    }

    func energy(_ activities: PerLayer<Matrix<Double>>) -> Double {
        let errors = errors(activities)
        let local = errors.indices.reduce(0) { $0 + precisions[$1] * errors[$1].squaredNorm / 2 }
        guard case .free(let loss, let target, let strength) = output else { return local }
        return local + strength * loss.total(activities[depth], targets: target)
    }

    /// The slopes and the feedback `Wₙᵀπₙ₊₁eₙ₊₁` of hidden layer `n`.
    private func feedback(
        _ n: Int, _ activities: PerLayer<Matrix<Double>>, _ errors: PerLayer<Matrix<Double>>
    ) -> (slopes: Matrix<Double>, feedback: Matrix<Double>) {
        var slopes = activities[n]
        architecture.activation(ofLayer: n).slope(activities[n], into: &slopes)
        return (slopes, precisions[n + 1] * local(n).transposed.times(errors[n + 1]))
    }

    /// `Wₙ` without its bias column.
    private func local(_ n: Int) -> Matrix<Double> { weights[n].columns(0..<architecture.widths[n]) }

    /// `∂F/∂hₙ` of the layers that move.
    func gradient(_ activities: PerLayer<Matrix<Double>>) -> PerLayer<Matrix<Double>> {
        let errors = errors(activities)
        return PerLayer(moving) { n in
            var part = precisions[n] * errors[n]
            if n < depth {
                let (slopes, feedback) = feedback(n, activities, errors)
                part.add(slopes.scaled(elementwise: feedback), scaledBy: -1)
            } else if case .free(let loss, let target, let strength) = output {
                var lossGradient = part
                loss.gradient(activities[n], targets: target, into: &lossGradient)
                part.add(lossGradient, scaledBy: strength)
            }
            return part
        }
    }

    /// `∂²F/∂h²` over the stacked layers that move.
    func hessian(_ activities: PerLayer<Matrix<Double>>) -> Matrix<Double> {
        let errors = errors(activities)
        let offsets = offsets
        var result = Matrix<Double>(rows: offsets.total, columns: offsets.total)
        func add(_ block: Matrix<Double>, _ row: Int, _ column: Int) {
            for j in 0..<block.columns {
                for i in 0..<block.rows { result[row + i, column + j] += block[i, j] }
            }
        }
        for n in moving {
            let at = offsets.of[n]
            add(precisions[n] * .identity(architecture.widths[n]), at, at)
            guard n < depth else {
                if case .free(let loss, let target, let strength) = output {
                    add(strength * loss.hessian(activities[n], targets: target, example: 0), at, at)
                }
                continue
            }
            let (slopes, feedback) = feedback(n, activities, errors)
            var bends = slopes
            architecture.activation(ofLayer: n).curvature(activities[n], into: &bends)
            let own = local(n)
            let scaled = Matrix<Double>(rows: own.rows, columns: own.columns) { own[$0, $1] * slopes[$1, 0] }
            add(precisions[n + 1] * scaled.transposed.times(scaled), at, at)
            add(
                Matrix(rows: bends.rows, columns: bends.rows) {
                    $0 == $1 ? -bends[$0, 0] * feedback[$0, 0] : 0
                }, at, at)
            guard moving.contains(n + 1) else { continue }
            add(-precisions[n + 1] * scaled, offsets.of[n + 1], at)
            add(-precisions[n + 1] * scaled.transposed, at, offsets.of[n + 1])
        }
        return result
    }

    private var offsets: (of: PerLayer<Int>, total: Int) {
        var offsets = PerLayer<Int>(from: 1, [])
        var total = 0
        for n in moving {
            offsets.append(total)
            total += architecture.widths[n]
        }
        return (offsets, total)
    }

    /// A column of the stacked layers that move, layer by layer.
    func unstacked(_ column: Matrix<Double>) -> PerLayer<Matrix<Double>> {
        let offsets = offsets
        return PerLayer(moving) { n in
            Matrix(rows: architecture.widths[n], columns: 1) { i, _ in column[offsets.of[n] + i, 0] }
        }
    }

    /// `h + t v` for a direction `v` of the layers that move.
    func moved(
        _ activities: PerLayer<Matrix<Double>>, along direction: PerLayer<Matrix<Double>>, by t: Double
    ) -> PerLayer<Matrix<Double>> {
        var result = activities
        for n in direction.indices { result[n].add(direction[n], scaledBy: t) }
        return result
    }

    /// The stationary point that full Newton steps from the start reach; nil if they do not settle.
    func equilibrium() -> PerLayer<Matrix<Double>>? {
        var point = start
        if moving.isEmpty { return point }
        var before = Double.infinity
        for _ in 0..<30 {
            let gradient = gradient(point)
            let right = Matrix(column: gradient.elements.flatMap(\.elements))
            guard let factor = try? CholeskyFactorization(hessian(point)), let step = try? factor.solve(right) else {
                return nil
            }
            let size = step.norm
            guard size.isFinite else { return nil }
            point = moved(point, along: unstacked(step), by: -1)
            let scale = point.elements.reduce(0) { $0 + $1.norm }
            // Quadratic convergence ends where rounding begins: there steps no longer fall.
            if size <= unitRoundoff * scale || (size >= before / 2 && size <= 1e-9 * scale) { return point }
            before = size
        }
        return nil
    }
}
