internal import ImplicitSGD
internal import LearningRules
internal import LinearAlgebra
internal import Networks
internal import PropertyTesting

private enum Variant: Sendable { case correct, leastNorm, noUpdate, oppositeUpdate }

/// How close is close, and how equal is equal (rounding of deep networks included).
private let (close, equal) = (0.1, 1e-6)

private func makeConditions() -> [ClaimCondition] {
    func condition(
        _ rule: String, isSingle: Bool, bound: Double = close, isHeadline: Bool = true
    ) -> ClaimCondition {
        let name = rule + (isSingle ? ", mini-batch 1" : ", mini-batch 2–8")
        let words = bound == close ? "within 10 %" : "equal"
        return ClaimCondition(
            name, words: "\(words): \(name)", group: isSingle ? "mini-batch 1" : "mini-batch 2–8",
            column: "\(rule), \(words)", smaller: "agreement \(name)", bound: .constant(bound),
            recorded: recorded[name] ?? .refuted, isHeadline: isHeadline)
    }
    return [
        condition("il-prox", isSingle: true), condition("il-prox, ε = 0", isSingle: true, bound: equal),
        condition("il-prox-equilibrium", isSingle: true, bound: equal, isHeadline: false),
        condition("il", isSingle: true), condition("il-equilibrium", isSingle: true, isHeadline: false),
        condition("il-prox", isSingle: false), condition("il-prox, ε = 0", isSingle: false),
        condition("il-prox, least norm", isSingle: false), condition("il", isSingle: false, isHeadline: false),
    ]
}

/// What the runs on record found where it is not *refuted*.
private let recorded: [String: Finding] = [
    "il-prox, ε = 0, mini-batch 1": .holds, "il-prox-equilibrium, mini-batch 1": .holds,
    "il-prox, least norm, mini-batch 2–8": .mixed,
]

extension Claim {
    /// C4: `‖ĥ − h⁺‖/‖ĥ − h⁰‖` over all layers, with the inferred activities `ĥ`, the feedforward activities `h⁰` before
    /// and `h⁺` after the update. Half of the cases have one example, half two to eight.
    ///
    /// Teeth: the least-norm update after one step reaches the activities (T7), none reaches nothing, the opposite one goes away.
    static let inferredActivitiesReached = Claim.from(
        .inferredActivitiesReached, title: "Inferred activities are reached",
        statement: #"""
            The feedforward activities after the update are close to the inferred ones, \#
            $h^{(b+1)}\approx\hat h^{(b)}$; for IL-prox at mini-batch 1 they are equal.
            """#,
        population: NetworkCases.claimsInWords + "; half of the cases with mini-batch 2 to 8 instead",
        quantity: "‖ĥ⁽ᵇ⁾ − h⁽ᵇ⁺¹⁾‖/‖ĥ⁽ᵇ⁾ − h⁽ᵇ⁾‖ over all layers", conditions: makeConditions(),
        generator: .oneOf([
            NetworkCases.claims.generator(),
            NetworkCases {
                $0.depths = 2...5
                $0.batchSizes = 2...8
                $0.degeneracies = []
            }.generator(),
        ]), correct: Variant.correct,
        plants: [
            ("the least-norm update", .holds, .leastNorm), ("no update", .refuted, .noUpdate),
            ("the opposite update", .refuted, .oppositeUpdate),
        ]
    ) { networkCase, variant, scope, context in
        try networkCase.measureFeatures(&context)
        let isSingle = networkCase.problem.batch.size == 1
        let suffix = isSingle ? ", mini-batch 1" : ", mini-batch 2–8"
        var rules: [(name: String, rule: any LearningRule)] = [("il-prox", InferenceLearning.proximal())]
        if variant == .leastNorm {
            var rule = InferenceLearning.proximal()
            rule.weightUpdate = .leastNorm
            // One step, since many may diverge where the step is too long.
            rule.inference.steps = 1
            rules = [("il-prox", rule)]
        }
        if scope == .everything {
            rules += [("il-prox, ε = 0", InferenceLearning.proximal(epsilon: 0)), ("il", InferenceLearning.standard())]
            if isSingle {
                rules += [
                    ("il-prox-equilibrium", EquilibriumInferenceLearning.proximal()),
                    ("il-equilibrium", EquilibriumInferenceLearning.standard()),
                ]
            } else {
                var rule = InferenceLearning.proximal()
                rule.weightUpdate = .leastNorm
                rules.append(("il-prox, least norm", rule))
            }
        }
        for (name, rule) in rules {
            guard let step = networkCase.step(rule), let inferred = step.activities else {
                context.recordNoUpdate(name, ["agreement \(name)\(suffix)"])
                continue
            }
            let agreement = networkCase.agreement(inferred, after: variant.scale * step.update)
            if let agreement { context.measure("agreement \(name)\(suffix)", agreement) }
        }
    }
}

extension Variant {
    /// What the update is multiplied by.
    fileprivate var scale: Double {
        switch self {
        case .correct, .leastNorm: 1
        case .noUpdate: 0
        case .oppositeUpdate: -1
        }
    }
}

extension NetworkCase {
    /// `‖ĥ − h⁺‖/‖ĥ − h⁰‖` of inferred activities and those after an update; nil where the activities inferred are
    /// there already. Infinite where inference diverges.
    fileprivate func agreement(
        _ inferred: PerLayer<Matrix<Double>>, after update: Parameters<Double>
    ) -> Double? {
        let before = problem.linearization(after: .zero(problem)).activities
        let after = problem.linearization(after: update).activities
        var (missed, wanted) = (0.0, 0.0)
        for n in before.indices {
            missed += (inferred[n] - after[n]).squaredNorm
            wanted += (inferred[n] - before[n]).squaredNorm
        }
        guard wanted.isFinite, missed.isFinite else { return .infinity }
        return wanted == 0 ? nil : (missed / wanted).squareRoot()
    }
}
