internal import Comparison
internal import Certificates
internal import ImplicitSGD
internal import LearningRules
internal import LinearAlgebra
internal import Networks
internal import PropertyTesting
internal import RealModule

/// A case of a claim with its certified exact update, and how far the updates of rules are from it.
struct ClaimCase {
    let networkCase: NetworkCase
    let problem: ProximalProblem
    let exact: CertifiedUpdate

    /// - Throws: `Discard` where the exact update was not certified or is zero.
    init(_ networkCase: NetworkCase, _ context: inout CaseContext) throws {
        try networkCase.measureFeatures(&context)
        self.networkCase = networkCase
        problem = networkCase.problem
        do {
            exact = try networkCase.exactUpdate()
        } catch let discard as Discard {
            if discard != .zeroToRounding { context.measure(ClaimCondition.unsolved, 1) }
            throw discard
        }
        try assume(exact.update.norm > 0, "nothing to learn: the exact update is zero")
        context.label("strict minimum proved", when: exact.isStrictMinimum)
    }

    /// The three distances of `docs/theory.md` §5 from the exact update, under the rule's name.
    func measureDistances(_ name: String, of update: Parameters<Double>?, _ context: inout CaseContext) {
        guard let update else {
            return context.recordNoUpdate(name, DistanceMeasure.allCases.map { "\($0.rawValue) \(name)" })
        }
        guard update.norm.isFinite else {
            // Inference that diverges is as far away as can be.
            context.label("\(name) diverges")
            for measure in DistanceMeasure.allCases { context.measure("\(measure.rawValue) \(name)", .infinity) }
            return
        }
        let comparison = UpdateComparison(of: update, to: exact, in: problem)
        context.measure("distance \(name)", comparison.whole.relativeDistance)
        context.measure("angle \(name)", update.angle(to: exact.update))
        context.measure("gap \(name)", comparison.proximalGap)
    }
}

extension CaseContext {
    /// Records that a rule has no update here, or that its inference did not converge, so that these measurements are
    /// missing; the case stays in the denominator of every condition that needs them.
    mutating func recordNoUpdate(_ rule: String, _ measurements: [String]) {
        label("\(rule) has no update")
        for name in measurements { measure(ClaimCondition.undecided(name), 1) }
    }
}

/// The measures by which an update is close to the exact one.
enum DistanceMeasure: String, CaseIterable, Sendable {
    /// `‖Δ − Δ_imp‖/‖Δ_imp‖`.
    case distance
    /// Between `Δ` and `Δ_imp`, in radians.
    case angle
    /// `(P(θ_b+Δ) − P(θ⁺))/(P(θ_b) − P(θ⁺))`.
    case gap

    var words: String {
        switch self {
        case .distance: "relative distance"
        case .angle: "angle"
        case .gap: "proximal gap"
        }
    }
}

extension NetworkCase {
    /// Labels the case, and measures the features by which claims are divided into regions.
    ///
    /// - Throws: `Discard` where the rates of a layer are all zero, since normalized rules divide by their squared norm.
    func measureFeatures(_ context: inout CaseContext) throws {
        let rates = problem.linearization(after: .zero(problem)).rates
        for (n, rate) in rates.enumerated() where !architecture.biases[n] {
            let norms = rate.squaredColumnNorms(plus: 0)
            try assume(norms.allSatisfy { $0 > 0 }, "all rates of a layer zero")
        }
        label(&context)
        context.measure("α", alpha)
        context.measure("depth", Double(architecture.depth))
        context.measure("widest layer", Double(architecture.widths.max() ?? 0))
        context.measure("kinks", architecture.hasKinks ? 1 : 0)
    }

    /// The step of a rule; nil where the rule has none, or was to reach an equilibrium and did not.
    ///
    /// Euler steps that diverge have a step, of infinite size: the rule was applied and failed.
    func step(_ rule: any LearningRule) -> LearningStep<Double>? {
        let learning = LearningProblem(problem)
        if let step = try? rule.step(learning) {
            return step.equilibrium?.isConverged ?? true ? step : nil
        }
        // A normalized update divides by squared norms, and takes those that are not numbers for zero.
        guard var euler = rule as? InferenceLearning else { return nil }
        euler.weightUpdate = .local
        guard let activities = try? euler.step(learning).activities,
            !activities.allSatisfy({ $0.norm.isFinite })
        else { return nil }
        var update = Parameters<Double>(zerosFor: architecture)
        for n in update.layers.indices { update.layers[n] = update.layers[n].mapped { _ in .infinity } }
        return LearningStep(update: update, activities: activities)
    }

    /// The update of a rule; nil where it has none.
    func update(_ rule: any LearningRule) -> Parameters<Double>? { step(rule)?.update }
}

extension Parameters<Double> {
    /// The angle to another update, in radians; a right angle if one of them is zero.
    ///
    /// By the chord of the unit vectors, `2 asin(‖u−v‖/2)`: the cosine cannot tell angles below 10⁻⁸ apart.
    func angle(to other: Parameters) -> Double {
        let (own, theirs) = (norm, other.norm)
        guard own > 0, theirs > 0 else { return .pi / 2 }
        let chord = ((1 / own) * self - (1 / theirs) * other).norm
        return 2 * Double.asin(Swift.min(1, chord / 2))
    }
}

extension NetworkCases {
    /// The population of the claims about single updates: ordinary networks with hidden layers, one example.
    static let claims = NetworkCases {
        $0.depths = 2...5
        $0.batchSizes = 1...1
        $0.degeneracies = []
    }

    /// `claims` in words.
    static let claimsInWords = """
        mini-batch 1; 2 to 5 weight layers, each width uniform over 1–12; all seven activations (mixed in half \
        of the networks), all three losses, layers with and without bias; α log-uniform over 10⁻⁴–10⁴; weights \
        normal with standard deviation scale/√(fan-in), scale log-uniform over 0.1–5; inputs normal; nothing \
        degenerate on purpose
        """
}
