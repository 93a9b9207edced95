internal import LinearAlgebra
internal import PropertyTesting
internal import Randomness
internal import RealModule

private enum Variant: Sendable { case correct, standardScaling, inputLayerSummed, rootOfWidth, hiddenTwice }

/// A deep linear network of unspecified width, and a seed for its weights at each width.
private struct WidthCase: Sendable, CustomStringConvertible {
    let depth: Int
    let inputs: Int
    let outputs: Int
    let seed: UInt64

    var description: String { "\(inputs)-M-…-M-\(outputs), \(depth) layers, seed \(seed)" }

    static let generator = Generator<WidthCase> { source in
        WidthCase(
            depth: try source.draw(.int(in: 2...4)), inputs: try source.draw(.int(in: 1...4)),
            outputs: try source.draw(.int(in: 2...4)), seed: UInt64(try source.draw(.int(in: 0...999_999))))
    }
}

extension Theorem {
    /// T21: `tr(S − I)` averaged over drawn networks of five widths against its expectation, and the order in `M` of the
    /// distance between predictive coding's update and BP's, which T19 has in closed form.
    ///
    /// With the output layer's variance `1/M²` every `E JₙJₙᵀ = I/M`, since `E[A W Wᵀ Aᵀ] = AAᵀ` for independent entries of
    /// variance `1/M` in `M` columns: `E(S − I) = (N−1)/M · I`. Under standard scaling (`1/M`) each `S − I` is `M` times as large.
    ///
    /// The weights drawn are uniform: normal ones take ten times as long.
    ///
    /// **Tolerance.** `E‖AW‖⁴ ≤ (1+2/M)‖A‖⁴` given `A` for entries of kurtosis at most 3 (uniform ones have 1.8), so `‖Jₙ‖²` has a relative variance of at most
    /// `σ² = (1 + 2/(d_N M))(1 + 2/M)^{N−2} − 1`, and so has the sum over `n` (Cauchy–Schwarz). A mean of `R` is allowed
    /// `10σ/√R`: products of matrices have heavy tails. The distance is quadratic in the `Jₙ` up to its next order, so its mean has at most `2σ/√R`; the slope is a
    /// weighted sum of its logarithms, and is allowed 10 of its standard deviations and the fit's 99 % interval, which contains
    /// the bend.
    static let width = Theorem.from(
        .width, title: "With μP wide predictive coding is backpropagation",
        statement: #"""
            Deep linear network, hidden widths $M$, independent weights of mean 0 and variance $1/\text{fan-in}$, in the output layer \#
            $1/M^2$ (μP): $\mathbb E(S-I)=\frac{N-1}MI$ exactly, and the relative distance between the updates of predictive coding at \#
            its equilibrium and of BP falls as $1/M$. With variance $1/M$ in the output layer (standard scaling) \#
            $\mathbb E(S-I)=(N-1)I$ for every width.
            """#,
        hypotheses: [
            "At initialisation, squared error, unit precisions, one example whose input has the norm $\\sqrt{d_0}$.",
        ], paper: .ishikawa2024,
        quantity: "mean M·tr(S − I)/(d_N(N−1)) − 1 at five widths; the slope of log distance over log M + 1", bound: "zero; zero",
        tolerance: "10 standard deviations of the means, from a bound on the variance; the same for the slope, and its 99 % interval",
        defaultCases: 40, generator: WidthCase.generator, describe: \.description, correct: Variant.correct,
        mutants: [
            ("standard scaling", .standardScaling), ("S with the input layer", .inputLayerSummed),
            ("1/√M for 1/M", .rootOfWidth), ("hidden weights of twice the variance", .hiddenTwice),
        ]
    ) { widthCase, variant, context in
        context.label("layers", widthCase.depth)
        var random = RandomGenerator(seed: widthCase.seed, stream: 1)
        var (widths, distances, spreads) = ([Double](), [Double](), [Double]())
        var worst = WorstMargin()
        for k in 3...7 {
            let width = 1 << k
            let draws = 512 >> k
            var (trace, distance) = (0.0, 0.0)
            for _ in 0..<draws {
                let network = WideNetwork(widthCase, width: width, variant, &random)
                trace += network.trace / Double(draws)
                distance += try network.distance() / Double(draws)
            }
            let size = Double(width)
            let variance = (1 + 2 / (Double(widthCase.outputs) * size))
                * Double.pow(1 + 2 / size, widthCase.depth - 2) - 1
            let spread = (variance / Double(draws)).squareRoot()
            let law = variant == .rootOfWidth ? size.squareRoot() : size
            let mean = law * trace / Double(widthCase.outputs * (widthCase.depth - 1))
            worst.include(abs(mean - 1) / (10 * spread))
            widths.append(size)
            distances.append(distance)
            spreads.append(2 * spread)
        }
        guard let fit = LogLogSlope(widths, distances) else { return .nan }
        let order = variant == .rootOfWidth ? -0.5 : -1
        worst.include(fit.margin(order: order, resolution: 10 * slopeSpread(widths, spreads)))
        return worst.value
    }
}

/// The standard deviation of a fitted slope whose values have these relative ones.
private func slopeSpread(_ steps: [Double], _ spreads: [Double]) -> Double {
    let x = steps.map { Double.log($0) }
    let mean = x.reduce(0, +) / Double(x.count)
    let total = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return zip(x, spreads).reduce(0) { sum, point in
        let weight = (point.0 - mean) / total * point.1
        return sum + weight * weight
    }.squareRoot()
}

/// One drawn network with what predictive coding and BP make of one example.
private struct WideNetwork {
    private let weights: [Matrix<Double>]
    private let input: Matrix<Double>
    private let target: Matrix<Double>
    /// `J₁ … J_N` at index 1, and `J₀`.
    private let jacobians: [Matrix<Double>]
    /// `tr(S − I)`.
    let trace: Double

    init(_ widthCase: WidthCase, width: Int, _ variant: Variant, _ random: inout RandomGenerator) {
        let depth = widthCase.depth
        let sizes = [widthCase.inputs] + Array(repeating: width, count: depth - 1) + [widthCase.outputs]
        weights = (0..<depth).map { n in
            var deviation = 1 / Double(sizes[n]).squareRoot()
            if n == depth - 1, variant != .standardScaling { deviation /= Double(width).squareRoot() }
            if n > 0, n < depth - 1, variant == .hiddenTwice { deviation *= 2.0.squareRoot() }
            // Uniform on an interval of variance 1.
            let scale = 12.0.squareRoot() * deviation
            return Matrix(rows: sizes[n + 1], columns: sizes[n]) { _, _ in scale * (random.nextUniform() - 0.5) }
        }
        // Of fixed size: beside rates that are small by chance any change is large, and means over draws do not settle.
        let direction = Matrix<Double>(rows: sizes[0], columns: 1) { _, _ in random.nextNormal() }
        input = Double(sizes[0]).squareRoot() / direction.norm * direction
        target = Matrix(rows: sizes[depth], columns: 1) { _, _ in random.nextNormal() }
        var jacobians: [Matrix<Double>] = [.identity(sizes[depth])]
        for n in stride(from: depth - 1, through: 0, by: -1) { jacobians.insert(jacobians[0].dotted(weights[n]), at: 0) }
        self.jacobians = jacobians
        let summed = variant == .inputLayerSummed ? 0..<depth : 1..<depth
        trace = summed.reduce(0) { $0 + jacobians[$1].squaredNorm }
    }

    /// `‖Δ_PC − Δ_BP‖/‖Δ_BP‖` by T19.
    func distance() throws -> Double {
        let depth = weights.count
        var matrix = Matrix<Double>.identity(target.rows)
        for n in 1..<depth { matrix.add(jacobians[n].dotted(jacobians[n].transposed)) }
        let residual = target - jacobians[0].dotted(input)
        let z = try CholeskyFactorization(matrix).solve(residual)
        var (difference, size) = (0.0, 0.0)
        var (rates, moved) = (input, input)
        for n in 0..<depth {
            let jacobian = jacobians[n + 1]
            let explicit = jacobian.dotted(residual, .transposed).dotted(rates.transposed)
            let error = jacobian.dotted(z, .transposed)
            difference += (error.dotted(moved.transposed) - explicit).squaredNorm
            size += explicit.squaredNorm
            rates = weights[n].dotted(rates)
            moved = weights[n].dotted(moved) + error
        }
        return (difference / size).squareRoot()
    }
}
