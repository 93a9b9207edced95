public import LinearAlgebra
internal import Networks

/// `implicit-matched`: the exact implicit update, made as long as the one that `il-prox` makes of the same problem.
///
/// What it does that `il-prox` does not is a matter of the direction alone.
public struct NormMatchedImplicit: LearningRule {
    public let name = "implicit-matched"
    public var implicit: ImplicitGradientDescent
    public var model: InferenceLearning

    public init(
        implicit: ImplicitGradientDescent = ImplicitGradientDescent(), model: InferenceLearning = .proximal()
    ) {
        self.implicit = implicit
        self.model = model
    }

    public func step<Scalar: BLASScalar>(
        _ problem: LearningProblem<Scalar>
    ) throws(RuleError) -> LearningStep<Scalar> {
        var result = try implicit.step(problem)
        let (own, wanted) = (result.update.norm, try model.step(problem).update.norm)
        if own > 0 { result.update.scale(by: wanted / own) }
        // The activities of the solve are those of another length.
        result.activities = nil
        return result
    }
}

extension RuleEntry {
    public static let normMatchedImplicit = RuleEntry(
        name: "implicit-matched", summary: "implicit SGD's direction at il-prox's length",
        settings: RuleEntry.derivedSettings.union([.tolerance]), chartStyle: 11
    ) {
        NormMatchedImplicit(
            implicit: ImplicitGradientDescent(options: $0.solverOptions), model: $0.appliedToProximal(.proximal()))
    }
}
