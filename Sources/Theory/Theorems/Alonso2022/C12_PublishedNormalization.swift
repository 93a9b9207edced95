internal import Comparison
internal import Graphs
internal import LearningRules
internal import LinearAlgebra
internal import Networks
internal import PropertyTesting

private enum Variant: Sendable { case correct, leastNorm, local }

/// The parts of a convolutional network.
private enum Part: String, CaseIterable, Sendable {
    case convolutions
    case readout = "the linear layer"
    case whole = "all parameters"

    /// `k…` and `b…` are the tensors of convolutions.
    func contains(_ tensor: String) -> Bool {
        let isConvolution = tensor.hasPrefix("k") || tensor.hasPrefix("b")
        return self == .whole || (self == .convolutions) == isConvolution
    }
}

private func makeConditions() -> [ClaimCondition] {
    Part.allCases.map { part in
        let name = "distance, \(part.rawValue)"
        return ClaimCondition(
            name, words: "within 10 % of minimum norm: paper-conv, \(part.rawValue)", group: "distance to minimum norm",
            column: part.rawValue, smaller: name, bound: .constant(0.1), recorded: recorded[name] ?? .refuted, isHeadline: true)
    } + [
        ClaimCondition(
            "growth", words: "no part of the local errors grows: paper-conv", group: "largest eigenvalue of K/(Bν)",
            column: "paper-conv", smaller: "growth", bound: .constant(1), resolution: 1e-12,
            recorded: recorded["growth"] ?? .refuted, isHeadline: true),
        ClaimCondition(
            "gap", words: "gap: paper-conv < il-prox", group: "proximal gap", column: "paper-conv", smaller: "gap paper-conv",
            bound: .measurement("gap il-prox"), recorded: recorded["gap"] ?? .refuted, isHeadline: true),
    ]
}

/// What the runs on record found where it is not *refuted*.
private let recorded: [String: Finding] = ["distance, the linear layer": .conditional, "gap": .mixed]

extension Claim {
    /// C12: the normalization that the published code has for convolutions, against the minimum-norm update of the same local
    /// errors (T1, T17), after the inference of `il-prox`.
    ///
    /// It divides the gradient by `Bν`, `ν` the mean over examples and pixels of the channel-summed square of the input, plus 1.
    /// A node's predictions then change by `Ke/(Bν)`, `K` the Gram matrix of its patches, in the place of `e`: an eigenvalue
    /// above 2 makes a part of the errors grow.
    ///
    /// Teeth: the minimum-norm update itself; the local gradient, which nothing normalizes.
    static let publishedNormalization = Claim.from(
        .publishedNormalization, title: "The published normalization of convolutions is minimum-norm",
        statement: #"""
            The update of the published code for convolutional networks is the one of least norm that reaches the inferred \#
            activities, to 10 %.
            """#,
        population: GraphClaimCase.convolutionalInWords,
        quantity: "‖Δ−D‖/‖D‖ with the minimum-norm D; half the largest eigenvalue of K/(Bν); proximal gaps",
        conditions: makeConditions(),
        axes: [
            RegionAxis(
                title: "places", measurement: "places",
                regions: [
                    .init(label: "1", range: 1..<2), .init(label: "2 to 4", range: 2..<5), .init(label: "5 to 9", range: 5..<10),
                    .init(label: "10 to 36", range: 10..<37),
                ]),
            RegionAxis(
                title: "mini-batch", measurement: "mini-batch",
                regions: [.init(label: "1", range: 1..<2), .init(label: "2 to 3", range: 2..<4)]),
            .learningRate, .kinks,
        ],
        defaultCases: 400, plantCases: 300, generator: GraphClaimCase.convolutional, correct: Variant.correct,
        plants: [("the minimum-norm update", .holds, .leastNorm), ("il's local gradient", .refuted, .local)]
    ) { graphCase, variant, scope, context in
        graphCase.measureFeatures(&context)
        let problem = graphCase.problem
        let (design, errors, _) = GraphInferenceLearning.publishedConvolution().inferred(problem)
        try assume(errors.elements.allSatisfy { $0.norm.isFinite }, "inference diverges")
        let leastNorm = try design.leastNorm(errors).update
        let update: Parameters<Double> =
            switch variant {
            case .correct: design.published(errors)
            case .leastNorm: leastNorm
            case .local: (problem.learningRate / Double(problem.batch.size)) * design.pullBack(errors)
            }
        let tensors = problem.network.architecture.tensors
        for part in Part.allCases {
            let indices = tensors.indices.filter { part.contains(tensors[$0].name) }
            func chosen(_ parameters: Parameters<Double>) -> Parameters<Double> {
                Parameters(layers: indices.map { parameters.layers[$0] })
            }
            try assume(chosen(leastNorm).norm > 0, "nothing to learn")
            context.measure(
                "distance, \(part.rawValue)",
                UpdateDistance(of: chosen(update), to: chosen(leastNorm)).relativeDistance)
        }
        guard scope == .everything else { return }
        let spectra = try design.normalizations(errors)
        context.measure("growth", (spectra.map(\.largest).max() ?? 0) / 2)
        let exact = try GraphExactUpdate(problem, &context)
        exact.measureDistances("paper-conv", of: update, &context)
        exact.measureDistances("il-prox", of: leastNorm, &context)
    }
}
