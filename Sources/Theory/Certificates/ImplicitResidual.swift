internal import ImplicitSGD
internal import Intervals
internal import LinearAlgebra
internal import Networks

/// The implicit residual of an update with a bound of its rounding.
struct ImplicitResidual {
    /// As computed.
    let value: Double
    /// Not above the exact value.
    let least: Double
    /// Not below the exact value. Not a number where something overflows.
    let bound: Double

    /// `‖Δ + κδāᵀ‖` over all layers, `‖Δ‖` for what is held. The middles come from BLAS. Their distance from the exact
    /// entries is bounded in norm, by the triangle inequality over the examples, from the radii `rad δ`,
    /// `rad a` and from `γ = (B + 3)u/(1 − …)`, the rounding of `B` products and the sum with `Δ`:
    ///
    /// `γ(‖Δ‖ + κΣ‖δᵢ‖‖āᵢ‖) + κΣ(‖rad δᵢ‖(‖āᵢ‖ + ‖rad aᵢ‖) + ‖δᵢ‖‖rad aᵢ‖)`.
    ///
    /// With a learning rate for each layer `κ` is `αₙ/B`, and norms are those of the problem's metric: layer `n` counts
    /// `(α/αₙ)^½` times.
    init(_ problem: ProximalProblem, _ update: Parameters<Double>, _ pass: CertifyingPass) {
        let architecture = problem.network.architecture
        let examples = problem.batch.size
        let gamma = Double(examples + 6) * 0x1p-53 * 1.01
        var centers: [Matrix<Double>] = []
        var error = Interval.zero
        var (largestRate, largestFactor) = (1.0, 1.0)
        for n in 0..<architecture.depth {
            let (delta, rates) = (pass.errors[n], pass.rates[n])
            let step = problem.rates[n] / Double(examples)
            let factor = problem.metricFactor(ofLayer: n).squareRoot
            largestFactor = max(largestFactor, factor.upper)
            let moving = problem.held.movingColumns(ofLayer: n, in: architecture)
            var center = update.layers[n]
            architecture.weightLayers[n].pullBackToWeights(
                delta.center, rates.center, scale: step, keep: 1, into: &center)
            // What is held has no equation but that it does not move.
            for j in 0..<center.columns where !moving.contains(j) {
                for i in 0..<center.rows { center[i, j] = update.layers[n][i, j] }
            }
            centers.append(center)
            largestRate = max(largestRate, rates.center.maximumMagnitude)
            if moving.isEmpty { continue }
            let bias = Interval(architecture.biases[n] && !problem.held.holdsBias(ofLayer: n) ? 1 : 0)
            for i in 0..<examples {
                let (d, dSpread) = (Self.norm(delta.center, i), Self.norm(delta.radius, i))
                let (a, aSpread) = (
                    (Self.norm(rates.center, i).squared + bias).squareRoot, Self.norm(rates.radius, i)
                )
                let terms = Interval(gamma) * d * a + dSpread * (a + aSpread) + d * aSpread
                error = error + Interval(step) * (problem.rates.isUniform ? terms : terms * factor)
            }
        }
        let size = problem.metricNormEnclosure(update.layers)
        error = error + Interval(gamma) * size
        // What underflows in κδ or a sum is at most the least number, and is multiplied by a rate.
        let floor = Interval(
            Double(update.count * (2 * examples + 2)) * largestRate * largestFactor * .leastNonzeroMagnitude)
        let deviation = problem.metricNormEnclosure(centers)
        let isExactlyZero = deviation == .zero && error == .zero
        let middle = deviation.midpoint
        value = middle == 0 ? 0 : middle / size.midpoint
        let smallest = (deviation - error - floor).lower
        least = smallest <= 0 ? 0 : (smallest / size.upper).nextDown
        if isExactlyZero {
            bound = 0
        } else if size.lower > 0 {
            bound = ((deviation + error + floor) / Interval(size.lower)).upper
        } else {
            bound = deviation.isFinite && error.isFinite ? .infinity : .nan
        }
    }

    private static func norm(_ matrix: Matrix<Double>, _ column: Int) -> Interval {
        Interval.norm(of: [Matrix(column: matrix.column(column))])
    }
}
