internal import Graphs
internal import ImplicitSGD
internal import LearningRules
internal import Networks
internal import PropertyTesting

private enum Variant: Sendable { case correct, exactUpdate, backpropagation }

private func makeConditions() -> [ClaimCondition] {
    ["dfc", "dfc, gain α"].flatMap { rule in
        [DistanceMeasure.angle, .gap, .distance].map { measure in
            let name = "\(measure.rawValue) \(rule)"
            return ClaimCondition(
                name, words: "\(measure.rawValue): \(rule) < bp", group: measure.words, column: rule, smaller: name,
                bound: .measurement("\(measure.rawValue) bp"),
                // Ten times the tolerance of the exact update: where only biases learn, the two updates are the same.
                resolution: measure == .gap ? 0 : 1e-9, recorded: recorded[name] ?? .refuted, isHeadline: true)
        }
    }
}

/// What the runs on record found where it is not *refuted*.
private let recorded: [String: Finding] = [
    "gap dfc": .undecided, "distance dfc": .mixed, "angle dfc, gain α": .mixed, "gap dfc, gain α": .mixed, "distance dfc, gain α": .mixed,
]

extension Claim {
    /// C20: the same local updates with the controller and without it (which is BP), against implicit SGD, whose first terms are
    /// `−α∇L + α²∇²L∇L`: what is nearer to it than BP has something of the second.
    ///
    /// Of the work it takes the network in time, local updates and the comparison with a second-order direction; its feedback
    /// weights are learned and its controller acts while the network runs, here feedback is ideal and the controller at rest.
    ///
    /// Teeth: the exact update is nearer, BP is not nearer than itself.
    static let feedbackControl = Claim.from(
        .feedbackControl, title: "Feedback control brings second-order information into updates",
        statement: #"""
            In a network that is unrolled in time, local updates under feedback control are nearer to implicit SGD, which uses \#
            curvature, than the same updates without control, which are BP's.
            """#,
        population: GraphClaimCase.recurrentInWords,
        quantity: "the angle between Δ and Δ_imp, (P(w_b+Δ)−P(w⁺))/(P(w_b)−P(w⁺)), and ‖Δ−Δ_imp‖/‖Δ_imp‖",
        conditions: makeConditions(),
        axes: [
            .learningRate,
            RegionAxis(
                title: "time steps", measurement: "steps", regions: (2...5).map { .init(label: "\($0)", range: Double($0)..<Double($0 + 1)) }),
            .kinks,
        ],
        defaultCases: 600, plantCases: 200, generator: GraphClaimCase.recurrent, correct: Variant.correct,
        plants: [("the exact update for dfc", .holds, .exactUpdate), ("bp for dfc", .refuted, .backpropagation)]
    ) { graphCase, variant, scope, context in
        graphCase.measureFeatures(&context)
        let problem = graphCase.problem
        let exact = try GraphExactUpdate(problem, &context)
        let explicit = try? GraphBackpropagation().update(problem)
        exact.measureDistances("bp", of: explicit, &context)
        let controlled: Parameters<Double>? =
            switch variant {
            case .correct: try? GraphFeedbackControl().update(problem)
            case .exactUpdate: exact.report.update
            case .backpropagation: explicit
            }
        exact.measureDistances("dfc", of: controlled, &context)
        guard scope == .everything else { return }
        let matched = try? GraphFeedbackControl(gain: problem.learningRate).update(problem)
        exact.measureDistances("dfc, gain α", of: matched, &context)
    }
}
