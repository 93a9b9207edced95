internal import LinearAlgebra
internal import Networks

/// Steps that are a combination of known directions, with coefficients that the step itself determines.
///
/// They are fitted by least squares, and count only where every coefficient has its sign and nothing but rounding is left.
/// A step of momentum is one of them only if the step before is known: from one step alone momentum is any direction.
struct StepFamily {
    /// The stable key used in JSON.
    let name: String
    /// The name of the gradient-like part.
    let title: String
    /// The directions with what each coefficient is called; the first coefficient is the learning rate where
    /// `isLayerwise` is false.
    let terms: [(name: String, direction: Parameters<Double>)]
    var isLayerwise = false

    /// The coefficients that fit best, if the directions are independent.
    private func coefficients(for update: Parameters<Double>) -> [Double]? {
        let norms = terms.map(\.direction.norm)
        guard norms.allSatisfy({ $0 > 0 && $0.isFinite }) else { return nil }
        let gram = Matrix<Double>(rows: terms.count, columns: terms.count) { i, j in
            terms[i].direction.dot(terms[j].direction) / (norms[i] * norms[j])
        }
        let target = Matrix<Double>(column: zip(terms, norms).map { $0.direction.dot(update) / $1 })
        guard let factor = try? CholeskyFactorization(gram), factor.reciprocalConditionEstimate() > 1e-12,
            let solution = try? factor.solve(target)
        else { return nil }
        return zip(solution.elements, norms).map { $0 / $1 }
    }

    /// The step of given coefficients.
    private func step(_ coefficients: [Double]) -> Parameters<Double> {
        var result = coefficients[0] * terms[0].direction
        for (c, term) in zip(coefficients, terms).dropFirst() { result.add(term.direction, scaledBy: c) }
        return result
    }

    /// How the update is one of these; `nil` if it is not.
    private func match(_ update: Parameters<Double>, _ rounding: RoundingBound) -> RecognisedStep? {
        // With as many coefficients as weights anything fits.
        guard update.flattened.count(where: { $0 != 0 }) > terms.count + 1,
            let found = coefficients(for: update), found.allSatisfy({ $0 > 0 && $0.isFinite })
        else { return nil }
        let step = step(found)
        guard rounding.excess(over: step) <= RoundingBound.acceptance else { return nil }
        // α(g + λθ) is written with λ; of layerwise rates and of momentum the coefficients are what they are.
        let values = found.enumerated().map { index, value in
            index > 0 && terms[index].name == Self.decay ? value / found[0] : value
        }
        return RecognisedStep(
            name: name, title: title, terms: zip(terms, values).map { .init(name: $0.name, value: $1) },
            error: (update - step).norm / step.norm, isLayerwise: isLayerwise)
    }

    static let decay = "weight decay"
}

/// A step that is a combination of known directions, with the coefficients that fit.
public struct RecognisedStep: Sendable, Hashable {
    /// A coefficient, and of what.
    public struct Term: Sendable, Hashable {
        public let name: String
        public let value: Double
    }

    /// The stable key used in JSON, such as `explicit-with-decay`.
    public let name: String
    /// For people.
    let title: String
    public let terms: [Term]
    /// The relative distance to the fitted step.
    public let error: Double
    let isLayerwise: Bool

    /// The one learning rate, unless each tensor has its own.
    public var learningRate: Double? { isLayerwise ? nil : terms.first?.value }
}

extension StepFamily {
    /// The families, the simplest first.
    ///
    /// - Parameters:
    ///   - before: `∇L(θ_b)`, without frozen tensors, and
    ///   - after: `∇L(θ_after)` likewise.
    ///   - weights: `θ_b`, likewise.
    ///   - newWeights: `θ_after`, likewise.
    ///   - previous: the step before this one, if it is known.
    static func all(
        before: Parameters<Double>, after: Parameters<Double>, weights: Parameters<Double>,
        newWeights: Parameters<Double>, previous: Parameters<Double>?, moves: [ParameterMove]
    ) -> [StepFamily] {
        let hasBiases = moves.contains { $0.isBias && !$0.isFrozen }
        func decays(_ key: String, _ title: String, _ step: Parameters<Double>, _ decaying: Parameters<Double>) -> [StepFamily] {
            let only = ParameterMove.part(decaying, of: moves) { !$0.isBias }
            return (hasBiases ? [(decaying, ""), (only, " of weights, not of biases")] : [(decaying, "")]).map {
                StepFamily(
                    name: key, title: title + $1, terms: [("α", step), (decay, -1 * $0)])
            }
        }
        func layerwise(_ key: String, _ title: String, _ step: Parameters<Double>) -> StepFamily {
            let moving = moves.filter { $0.updateNorm > 0 }
            let parts = moving.map { move in ParameterMove.part(step, of: moves) { $0 == move } }
            return StepFamily(
                name: key, title: title, terms: zip(moving, parts).map { ($0.tensor, $1) }, isLayerwise: true)
        }
        var families = decays("explicit-with-decay", "Explicit SGD with weight decay", -1 * before, weights)
            + decays("implicit-with-decay", "Implicit SGD with weight decay", -1 * after, newWeights)
        // The first step of Adam is α·g/(|g| + ε), whatever its other constants: ε = 1e-8 as in PyTorch.
        let signs = Parameters(
            layers: before.layers.map { g in
                Matrix(rows: g.rows, columns: g.columns) { i, j in -g[i, j] / (abs(g[i, j]) + 1e-8) }
            })
        families.append(StepFamily(name: "adam", title: "The first step of Adam", terms: [("α", signs)]))
        families += decays("adam-with-decay", "The first step of Adam with weight decay", signs, weights)
        if let previous {
            families.append(
                StepFamily(
                    name: "momentum", title: "Explicit SGD with momentum",
                    terms: [("α", -1 * before), ("momentum", previous)]))
            families.append(
                StepFamily(
                    name: "momentum-with-decay", title: "Explicit SGD with momentum and weight decay",
                    terms: [("α", -1 * before), ("momentum", previous), (decay, -1 * weights)]))
        }
        if moves.filter({ $0.updateNorm > 0 }).count > 1 {
            families.append(layerwise("explicit-layerwise", "Explicit SGD with a learning rate for each tensor", -1 * before))
            families.append(layerwise("implicit-layerwise", "Implicit SGD with a learning rate for each tensor", -1 * after))
        }
        return families
    }

    /// The first family that the update is a member of. Of two families that differ only in where the gradient is
    /// taken both may fit; then the nearer one is named, if it is ten times nearer, and else both are.
    static func recognised(
        _ families: [StepFamily], _ update: Parameters<Double>, _ rounding: RoundingBound
    ) -> RecognisedStep? {
        let matches = families.compactMap { $0.match(update, rounding) }
        guard let first = matches.first else { return nil }
        let pairs = ["explicit-with-decay": "implicit-with-decay", "explicit-layerwise": "implicit-layerwise"]
        guard let other = matches.first(where: { $0.name == pairs[first.name] }) else { return first }
        if other.error <= 0.1 * first.error { return other }
        if first.error <= 0.1 * other.error { return first }
        return RecognisedStep(
            name: first.name.replacing("explicit", with: "explicit-or-implicit"),
            title: first.title.replacing("Explicit", with: "Explicit or implicit"), terms: first.terms,
            error: first.error, isLayerwise: first.isLayerwise)
    }
}
