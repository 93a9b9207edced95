internal import Certificates
internal import ImplicitSGD
internal import LearningRules
internal import LinearAlgebra
internal import Networks
internal import PropertyTesting
internal import Randomness
internal import RealModule

private enum Variant: Sendable { case correct, crossTermHalf, sameCurvature, noShrinking, explicitGrowth, strictEverywhere }

/// A chain of scalar linear layers, `f = w_{N−1}…w₀x`, and how the rules move it near a point.
private struct Chain: Sendable, CustomStringConvertible {
    let depth: Int
    let input: Double
    let target: Double
    let alpha: Double
    /// Weights of a minimum: the target there is their response.
    let minimum: [Double]
    /// A unit vector.
    let direction: [Double]

    var description: String {
        "1-…-1 of \(depth) layers, x = \(input), y = \(target), α = \(alpha), minimum \(minimum), direction \(direction)"
    }

    static let generator = Generator<Chain> { source in
        let depth = try source.draw(.int(in: 2...4))
        let sizes = try source.draw(.array(of: .logUniform(in: 0.3...3), count: 2))
        let isNegative = try source.draw(.bool())
        var direction = try source.draw(.array(of: .gaussian(), count: depth))
        let norm = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
        if norm < 1e-3 { direction = (0..<depth).map { $0 == 0 ? 1 : 0 } } else { direction = direction.map { $0 / norm } }
        let share = try source.draw(.logUniform(in: 1e-2...0.9))
        return Chain(
            depth: depth, input: sizes[0], target: isNegative ? -sizes[1] : sizes[1], alpha: share / (sizes[0] * sizes[1]),
            minimum: try source.draw(.array(of: .logUniform(in: 0.3...3), count: depth)), direction: direction)
    }

    func networkCase(_ weights: [Double], target: Double) throws -> NetworkCase {
        let architecture = try Architecture(
            widths: Array(repeating: 1, count: depth + 1), activation: .identity, bias: false)
        let network = try Network(
            architecture: architecture, parameters: Parameters(layers: weights.map { Matrix(column: [$0]) }))
        return NetworkCase(
            problem: try ProximalProblem(
                network: network, batch: Batch(inputs: Matrix(column: [input]), targets: Matrix(column: [target])),
                loss: .squaredError, learningRate: alpha))
    }

    /// `∇²L` and `∇²F*` at the origin and at the minimum, in the order of `W₀ … W_{N−1}`.
    func hessian(ofEnergy: Bool, atMinimum: Bool, _ variant: Variant) -> Matrix<Double> {
        var result = Matrix<Double>(rows: depth, columns: depth)
        if atMinimum {
            let product = minimum.reduce(1, *)
            var scale = 1.0
            if ofEnergy, variant != .noShrinking {
                // S = 1 + w²_{N−1} + w²_{N−1}w²_{N−2} + … without the input layer's weight.
                var share = 1.0
                for weight in minimum.dropFirst().reversed() {
                    share *= weight * weight
                    scale += share
                }
            }
            return Matrix(rows: depth, columns: depth) {
                product / minimum[$0] * input * (product / minimum[$1]) * input / scale
            }
        }
        let cross = (variant == .crossTermHalf ? 0.5 : 1) * -input * target
        if depth == 2 {
            result[0, 1] = cross
            result[1, 0] = cross
        } else if variant == .strictEverywhere, !ofEnergy {
            result[depth - 1, depth - 1] = -target * target
        }
        if ofEnergy, variant != .sameCurvature { result[depth - 1, depth - 1] = -target * target }
        return result
    }
}

extension Theorem {
    /// T20: the updates that the rules make near the origin and near a minimum, against the closed Hessians; one step along
    /// each rule's own escape direction against its factor; the eigenvalues against the closed roots.
    ///
    /// **Tolerance.** Updates at `θ + tv` divided by `t` tend to `−αHv`, those of BP and of the implicit step of the chain to the
    /// first order in `t` at least: the order test of `RemainderOrder`, with `u(|Δ| + α(|y| + |f|)‖∂f‖)/t` for the rounding
    /// of an update and the certificates' residuals for the solved ones. Eigenvalues: `16u(x² + y² + |xy|)`.
    static let saddles = Theorem.from(
        .saddles, title: "Saddles of linear chains",
        statement: #"""
            $f=w_2w_1x$, squared error. At the origin $\lambda(\nabla^2L)=\pm xy$ and \#
            $\lambda(\nabla^2F^*)=\frac12(-y^2\pm\sqrt{y^4+4x^2y^2})$; for more layers $\nabla^2L=0$ there and \#
            $\nabla^2F^*$ has the eigenvalue $-y^2$, in the last weight. At minima $\nabla^2F^*=\nabla^2L/S$, $S=1+w_2^2$ for two layers. \#
            A small step along the escape direction grows by $1+\alpha|\lambda|$ for BP and for predictive coding, each with its own \#
            $\lambda$, and by $1/(1-\alpha|\lambda|)$ for implicit SGD.
            """#,
        hypotheses: ["Scalar linear layers, no biases, one example with $xy\\ne0$.", "$\\alpha|xy|<1$.", "The factors: two layers."],
        paper: .innocenti2023,
        quantity: "the order in t of ‖Δ(θ+tv)/t + αHv‖ for both Hessians at both points, and of |growth − factor|; closed "
            + "roots − eigenvalues",
        bound: "at least 1; zero", tolerance: "the fit's 99 % interval and 0.1; rounding",
        defaultCases: 60, generator: Chain.generator, describe: \.description, correct: Variant.correct,
        mutants: [
            ("cross terms halved", .crossTermHalf), ("∇²F* is ∇²L at the origin", .sameCurvature),
            ("∇²F* is ∇²L at minima", .noShrinking), ("implicit growth 1 + α|λ|", .explicitGrowth),
            ("∇²L strict for three layers", .strictEverywhere),
        ]
    ) { chain, variant, context in
        context.label("layers", chain.depth)
        let probe = ChainProbe(chain: chain, variant: variant)
        var worst = WorstMargin()
        var resolved = 0
        for isEnergy in [false, true] {
            for atMinimum in [false, true] {
                guard let margin = try probe.hessianOrder(ofEnergy: isEnergy, atMinimum: atMinimum) else { continue }
                worst.include(margin)
                resolved += 1
            }
        }
        context.label("all Hessians resolved", when: resolved == 4)
        guard chain.depth == 2 else { return worst.value }
        worst.include(try probe.eigenvalues())
        for rule in ChainProbe.Rule.allCases {
            if let margin = try probe.growthOrder(rule) { worst.include(margin) }
        }
        return worst.value
    }
}

private struct ChainProbe {
    enum Rule: CaseIterable { case backpropagation, energy, implicit }

    let chain: Chain
    let variant: Variant
    private var alpha: Double { chain.alpha }

    /// The update of a rule at given weights and the share of it that its certificate or rounding leaves open.
    private func update(_ rule: Rule, _ weights: [Double], target: Double) throws -> (step: [Double], noise: Double)? {
        let networkCase = try chain.networkCase(weights, target: target)
        let found: (Parameters<Double>, Double)
        switch rule {
        case .backpropagation:
            guard let update = networkCase.update(Backpropagation()) else { return nil }
            found = (update, 0)
        case .energy:
            let rule = EquilibriumInferenceLearning(
                name: "il-equilibrium", precision: .unit, output: .clamped, weightUpdate: .local, tolerance: 1e-11)
            let equilibrium = try EquilibriumCase(rule, networkCase, acceptingResidual: 1e-10)
            found = (equilibrium.update, equilibrium.residual)
        case .implicit:
            guard let exact = try? networkCase.exactUpdate(tolerance: 1e-11) else { return nil }
            found = (exact.update, exact.implicitResidual)
        }
        let size = weights.reduce(0) { $0 + abs($1) }
        let response = abs(weights.reduce(chain.input, *))
        // Each local product is one of a residual, some weights and the input.
        let local = (abs(target) + response) * max(1, size) * max(1, chain.input) * max(1, size * size)
        let noise = 64 * unitRoundoff * (found.0.norm + alpha * local * min(1, size)) + 4 * found.1 * found.0.norm
        return (found.0.flattened, noise)
    }

    private func point(_ origin: [Double], _ direction: [Double], _ t: Double) -> [Double] {
        zip(origin, direction).map { $0 + t * $1 }
    }

    /// How far the order of `‖Δ(θ+tv)/t + αHv‖` falls short of 1.
    func hessianOrder(ofEnergy: Bool, atMinimum: Bool) throws -> Double? {
        let origin = atMinimum ? chain.minimum : Array(repeating: 0, count: chain.depth)
        let target = atMinimum ? chain.minimum.reduce(chain.input, *) : chain.target
        let hessian = chain.hessian(ofEnergy: ofEnergy, atMinimum: atMinimum, variant)
        let limit = alpha * hessian.times(Matrix(column: chain.direction))
        var order = RemainderOrder()
        for k in 0..<8 {
            let t = 1e-2 / Double(1 << k)
            let rule: Rule = ofEnergy ? .energy : .backpropagation
            guard let found = try update(rule, point(origin, chain.direction, t), target: target) else { return nil }
            let deviation = ((1 / t) * Matrix(column: found.step) + limit).norm
            order.include(step: t, value: deviation, noise: found.noise / t)
        }
        return order.margin(atLeast: 1)
    }

    /// The closed roots against the eigenvalues of the closed Hessians.
    func eigenvalues() throws -> Double {
        let (x, y) = (chain.input, chain.target)
        var worst = WorstMargin()
        for ofEnergy in [false, true] {
            let values = try SymmetricEigendecomposition(
                chain.hessian(ofEnergy: ofEnergy, atMinimum: false, variant)).values
            let roots = roots(ofEnergy: ofEnergy)
            for (value, root) in zip(values, [roots.low, roots.high]) {
                worst.include(margin(value, root, tolerance: 16 * unitRoundoff * (x * x + y * y + abs(x * y))))
            }
        }
        return worst.value
    }

    private func roots(ofEnergy: Bool) -> (low: Double, high: Double) {
        let (x, y) = (chain.input, chain.target)
        guard ofEnergy else { return (-abs(x * y), abs(x * y)) }
        let root = (y * y * y * y + 4 * x * x * y * y).squareRoot()
        return ((-y * y - root) / 2, (-y * y + root) / 2)
    }

    /// How far the order of `|‖θ+Δ‖/‖θ‖ − factor|` falls short of 1, along the rule's escape direction.
    func growthOrder(_ rule: Rule) throws -> Double? {
        let hessian = chain.hessian(ofEnergy: rule == .energy, atMinimum: false, .correct)
        let escape = try SymmetricEigendecomposition(hessian).vectors.column(0)
        let rate = abs(roots(ofEnergy: rule == .energy).low)
        let isImplicit = rule == .implicit && variant != .explicitGrowth
        let factor = isImplicit ? 1 / (1 - alpha * rate) : 1 + alpha * rate
        var order = RemainderOrder()
        for k in 0..<8 {
            // An implicit step from here must stay where the quadratic form is all there is.
            let t = 1e-3 * (1 - alpha * rate).magnitude / Double(1 << k)
            let start = escape.map { t * $0 }
            guard let found = try update(rule, start, target: chain.target) else { return nil }
            let length = Matrix(column: zip(start, found.step).map { $0 + $1 }).norm
            order.include(step: t, value: abs(length / t - factor), noise: found.noise / t + 8 * unitRoundoff * factor)
        }
        return order.margin(atLeast: 1)
    }
}
