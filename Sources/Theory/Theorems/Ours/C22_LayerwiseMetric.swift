internal import ImplicitSGD
internal import LearningRules
internal import LinearAlgebra
internal import Networks
internal import PropertyTesting
internal import Randomness

private enum Variant: Sendable { case correct, layerwise, reversed }

/// Networks whose layers have some units and whose weights are fresh, where `s_{N−1}` is not small.
private let networks = Generator<NetworkCase> { source in
    let depth = try source.draw(.int(in: 3...4))
    let hidden = try source.draw(.int(in: 8...16))
    let widths = [try source.draw(.int(in: 8...24))] + Array(repeating: hidden, count: depth - 1)
        + [try source.draw(.int(in: 2...6))]
    let loss = try source.draw(.element(of: [Loss.squaredError, .softmaxCrossEntropy]))
    let alpha = try source.draw(.logUniform(in: 1...100))
    let seed = UInt64(try source.draw(.int(in: 0...9999)))
    // All numbers from the seed: a smaller case is another seed, not fewer digits.
    var random = RandomGenerator(seed: seed, stream: 1)
    let architecture = try Architecture(widths: widths, activation: .tanh)
    var parameters = Parameters<Double>(zerosFor: architecture)
    for n in parameters.layers.indices {
        let deviation = 1 / Double(widths[n]).squareRoot()
        for j in 0..<widths[n] {
            for i in 0..<widths[n + 1] { parameters.layers[n][i, j] = deviation * random.nextNormal() }
        }
    }
    let example = Example(widths, &random)
    return NetworkCase(
        problem: try ProximalProblem(
            network: Network(architecture: architecture, parameters: parameters),
            batch: Batch(inputs: example.input, targets: example.target), loss: loss, learningRate: alpha),
        seed: seed)
}

/// A normal input with a class as its target.
private struct Example {
    let input: Matrix<Double>
    let target: Matrix<Double>

    init(_ widths: [Int], _ random: inout RandomGenerator) {
        input = Matrix(rows: widths[0], columns: 1) { _, _ in random.nextNormal() }
        let outputs = widths[widths.count - 1]
        let label = min(outputs - 1, Int(Double(outputs) * random.nextUniform()))
        target = Matrix(rows: outputs, columns: 1) { row, _ in row == label ? 1 : 0 }
    }
}

private func makeConditions() -> [ClaimCondition] {
    func condition(
        _ stage: String, _ name: String, _ words: String, _ bound: ClaimCondition.Bound, recorded: Finding
    ) -> ClaimCondition {
        ClaimCondition(
            "\(name), \(stage)", words: "\(words), \(stage)", group: stage, column: name,
            smaller: "layerwise, \(stage)", bound: bound, recorded: recorded, isHeadline: true)
    }
    let all = ["fresh", "after 30 steps"].flatMap { stage in
        [
            condition(stage, "near", "layerwise implicit SGD within 50 % of il-prox", .constant(0.5), recorded: .holds),
            condition(
                stage, "one rate", "layerwise nearer to il-prox than one α", .measurement("one rate, \(stage)"), recorded: .holds),
            condition(
                stage, "reversed", "layerwise nearer to il-prox than with reversed shares", .measurement("reversed, \(stage)"),
                recorded: .holds),
            condition(
                stage, "bp", "layerwise nearer to il-prox than bp at its layer rates", .measurement("bp-binomial, \(stage)"),
                recorded: .mixed),
        ]
    }
    return all
}

extension Claim {
    /// C22: how far exact implicit updates, and BP, are from `il-prox`, relative to its length: with the learning rate for each
    /// layer that its inference, its output target and its normalization in effect have, with one α, and with the shares of the
    /// layers reversed. Half of the cases at fresh weights, half after 30 steps of `il-prox` on other examples.
    ///
    /// Teeth: the layerwise update itself is at no distance; with reversed shares it is far.
    static let layerwiseMetric = Claim.from(
        .layerwiseMetric, title: "IL-prox is near to layerwise implicit SGD",
        statement: #"""
            The update of `il-prox` with $T$ steps of $\gamma$ is near to the exact implicit update with the learning rates \#
            $\alpha_n=\frac{c_{N-1-n}}{s_n+\epsilon}\cdot\frac{s_n}{s_{N-1}}\cdot\frac{\alpha s_{N-1}}{1+\alpha s_{N-1}}$, \#
            $c_k=\Pr[\mathrm{Bin}(T,\gamma)\ge k]$ (with unit precisions without the factor $s_n/s_{N-1}$).
            """#,
        population: "mini-batch 1; 3 or 4 layers with biases, tanh, 8–24 inputs, 8–16 hidden units, 2–6 classes; squared error or "
            + "softmax cross-entropy; α log-uniform over 1–100; weights normal with standard deviation 1/√(fan-in); half of the "
            + "networks trained by 30 steps of il-prox on other examples",
        quantity: "‖Δ − Δ_il-prox‖/‖Δ_il-prox‖", conditions: makeConditions(), axes: [.learningRate(decades: 0..<2), .depth(3...4)],
        defaultCases: 300, plantCases: 300, generator: networks, correct: Variant.correct,
        plants: [
            ("the layerwise update for il-prox", .holds, .layerwise), ("shares reversed", .refuted, .reversed),
        ]
    ) { fresh, variant, scope, context in
        let isTrained = fresh.seed % 2 == 1
        let networkCase = isTrained ? try fresh.trained() : fresh
        let stage = isTrained ? "after 30 steps" : "fresh"
        try networkCase.measureFeatures(&context)
        let factors = LayerFactors.binomial(steps: 25, stepSize: 0.015)
        let depth = networkCase.architecture.depth
        let shares = (0..<depth).map { factors.share(below: $0) }
        let layerwise = networkCase.update(LayerwiseImplicit(epsilon: 1))
        let reversed = networkCase.update(LayerwiseImplicit(factors: .given(shares.reversed()), epsilon: 1))
        let reference = variant == .layerwise ? layerwise : networkCase.update(InferenceLearning.proximal())
        guard let reference, reference.norm > 0, reference.norm.isFinite else {
            return context.recordNoUpdate("il-prox", ["layerwise, \(stage)"])
        }
        func include(_ name: String, _ update: Parameters<Double>?) {
            guard let update else { return context.recordNoUpdate(name, ["\(name), \(stage)"]) }
            context.measure("\(name), \(stage)", (update - reference).norm / reference.norm)
        }
        include("layerwise", variant == .reversed ? reversed : layerwise)
        guard scope == .everything else { return }
        include("reversed", reversed)
        include("one rate", networkCase.update(ImplicitGradientDescent()))
        include("bp-binomial", networkCase.update(NormalizedBackpropagation.binomial()))
    }
}

extension NetworkCase {
    /// The case after 30 steps of `il-prox` on examples of its seed.
    fileprivate func trained() throws -> NetworkCase {
        var random = randomGenerator(stream: 2)
        var problem = LearningProblem(problem)
        let batch = problem.batch
        for _ in 0..<30 {
            let example = Example(architecture.widths, &random)
            problem.batch = try Batch(inputs: example.input, targets: example.target)
            guard let step = try? InferenceLearning.proximal().step(problem), step.update.isFinite() else {
                throw Discard("training by il-prox stopped")
            }
            problem.network = problem.network.updated(by: step.update)
        }
        return NetworkCase(
            problem: try ProximalProblem(
                network: problem.network, batch: batch, loss: problem.loss, learningRate: problem.learningRate),
            seed: seed)
    }
}
