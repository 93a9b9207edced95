internal import ImplicitSGD
internal import LinearAlgebra
internal import Networks
internal import PropertyTesting

private enum Variant: Sendable { case correct, doubledRate, backpropagation }

/// Chains of two or three scalar linear layers, started at any distance from the saddle at the origin. The rate is a share
/// of the inverse of a bound on the curvature, so that steps follow the gradient flow.
private let chains = Generator<NetworkCase> { source in
    let depth = try source.draw(.int(in: 2...3))
    let (input, size) = (try source.draw(.logUniform(in: 0.3...3)), try source.draw(.logUniform(in: 0.3...3)))
    let target = try source.draw(.bool()) ? -size : size
    let norm = try source.draw(.logUniform(in: 1e-3...9))
    let share = try source.draw(.logUniform(in: 0.01...0.1))
    var direction = try source.draw(.array(of: .gaussian(), count: depth))
    let length = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
    direction = length > 1e-3 ? direction.map { $0 / length } : (0..<depth).map { $0 == 0 ? 1 : 0 }
    let curvature = (input * input + input * size + size * size)
        * (1..<depth).reduce(1) { product, _ in product * (1 + norm * norm) }
    let network = try Network(
        architecture: Architecture(widths: Array(repeating: 1, count: depth + 1), activation: .identity, bias: false),
        parameters: Parameters(layers: direction.map { Matrix(column: [norm * $0]) }))
    return NetworkCase(
        problem: try ProximalProblem(
            network: network, batch: Batch(inputs: Matrix(column: [input]), targets: Matrix(column: [target])),
            loss: .squaredError, learningRate: share / curvature))
}

private func makeCondition(_ layers: String, recorded: Finding) -> ClaimCondition {
    ClaimCondition(
        "escape, \(layers) layers", words: "leaves the saddle in fewer steps than bp: il-equilibrium, \(layers) layers",
        group: "steps until half of the saddle's loss", column: "\(layers) layers", smaller: "steps il-equilibrium, \(layers) layers",
        bound: .measurement("steps bp, \(layers) layers"), recorded: recorded, isHeadline: true)
}

extension Claim {
    /// C13: how many steps of the same rate gradient descent on `L` and predictive coding at its equilibrium, that is on
    /// `F*` (T12, T13), need from one start until `L` is half of its value at the saddle; fractions of a step by
    /// interpolation. Both gradients are the closed forms that T12 and T20 check against the rules.
    ///
    /// Teeth: BP with twice the rate is faster; BP is never strictly faster than BP.
    static let escapesSaddles = Claim.from(
        .escapesSaddles, title: "Predictive coding leaves saddles faster",
        statement: #"""
            At the same learning rate predictive coding leaves the saddle at the origin in fewer steps than gradient descent.
            """#,
        population: "1-1-1 and 1-1-1-1, linear, no biases, one example with |x| and |y| log-uniform over 0.3–3; starts of norm "
            + "log-uniform over 0.001–9 in a uniform direction, whose loss is more than half of the saddle's; α a share of 0.01 to "
            + "0.1 of the inverse of a bound on the curvature there",
        quantity: "steps until L ≤ y²/4, of at most 20,000",
        conditions: [makeCondition("two", recorded: .conditional), makeCondition("three", recorded: .conditional)],
        axes: [
            RegionAxis(
                title: "norm of the start", measurement: "start",
                regions: [(1e-3, 1e-2), (1e-2, 0.1), (0.1, 1), (1, 9)].map { low, high in
                    .init(label: "\(low) to \(high)", range: low..<(high == 9 ? 10 : high))
                })
        ],
        defaultCases: 600, plantCases: 300, generator: chains, correct: Variant.correct,
        plants: [("bp at twice the rate", .holds, .doubledRate), ("bp", .refuted, .backpropagation)]
    ) { networkCase, variant, _, context in
        let chain = ScalarChain(networkCase)
        context.measure("start", networkCase.problem.network.parameters.norm)
        context.label("layers", networkCase.architecture.depth)
        try assume(chain.loss(chain.start) > chain.threshold, "begins below half of the saddle's loss")
        let alpha = networkCase.alpha
        let plain = chain.steps { chain.gradient($0, ofEnergy: false).map { -alpha * $0 } }
        let contender: Double? =
            switch variant {
            case .correct: chain.steps { chain.gradient($0, ofEnergy: true).map { -alpha * $0 } }
            case .doubledRate: chain.steps { chain.gradient($0, ofEnergy: false).map { -2 * alpha * $0 } }
            case .backpropagation: plain
            }
        try assume(plain != nil || contender != nil, "neither leaves the saddle in 20,000 steps")
        let layers = networkCase.architecture.depth == 2 ? "two" : "three"
        context.measure("steps bp, \(layers) layers", plain ?? .infinity)
        context.measure("steps il-equilibrium, \(layers) layers", contender ?? .infinity)
    }
}

/// `f = w_{N−1}…w₀x` with the closed gradients of `L` and `F* = L/S`.
private struct ScalarChain {
    let start: [Double]
    private let input: Double
    private let target: Double

    /// Half of the loss at the saddle.
    var threshold: Double { target * target / 4 }

    init(_ networkCase: NetworkCase) {
        start = networkCase.problem.network.parameters.flattened
        input = networkCase.problem.batch.inputs[0, 0]
        target = networkCase.problem.batch.targets[0, 0]
    }

    func loss(_ weights: [Double]) -> Double {
        let residual = target - weights.reduce(input, *)
        return residual * residual / 2
    }

    func gradient(_ weights: [Double], ofEnergy: Bool) -> [Double] {
        let residual = target - weights.reduce(input, *)
        let slopes = weights.indices.map { i in
            weights.indices.reduce(input) { $1 == i ? $0 : $0 * weights[$1] }
        }
        guard ofEnergy else { return slopes.map { -residual * $0 } }
        // S = 1 + Σ_{k≥1} Π_{j≥k} w_j², and its derivatives without dividing by a weight.
        var scale = 1.0
        var bends = weights.map { _ in 0.0 }
        for k in 1..<weights.count {
            scale += (k..<weights.count).reduce(1) { $0 * weights[$1] * weights[$1] }
            for i in k..<weights.count {
                bends[i] += (k..<weights.count).reduce(2 * weights[i]) { $1 == i ? $0 : $0 * weights[$1] * weights[$1] }
            }
        }
        return weights.indices.map { -residual * slopes[$0] / scale - residual * residual / (2 * scale * scale) * bends[$0] }
    }

    /// How many steps it takes to the threshold; nil for more than 20,000.
    func steps(_ step: ([Double]) -> [Double]) -> Double? {
        var point = start
        var before = loss(point)
        for count in 0..<20_000 {
            point = zip(point, step(point)).map { $0 + $1 }
            let after = loss(point)
            if after <= threshold { return Double(count) + (before - threshold) / (before - after) }
            before = after
        }
        return nil
    }
}
