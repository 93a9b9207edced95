/// The theorems of the theory, each defined once and run by `swift test` and the command line alike.
extension Theorem {
    /// All theorems in the order of their numbers.
    public static let all: [Theorem] = [
        .minimumNormUpdate, .activityEnergy, .batchActivityEnergy,
        .unconditionalDescent, .linearRegression, .explicitVersusImplicit, .targetsReached, .updatedFeedback,
        .droppedTerm, .largeLearningRate, .nonexpansiveness, .deepLinear, .equilibriumEnergy, .nudgingLimit,
        .uniqueness, .learningRatePath, .linearGraph, .slack, .levenbergMarquardt, .saddles, .width, .earlyInference,
        .reverseSweep, .nudging, .energySmoothness, .freeOutput, .integratedWeights, .covarianceLearning, .linearLayer,
    ]

    /// The theorem called `name`, such as `T8` (or `t8`, `T08`, or its stem); nil if there is none.
    public static func named(_ name: String) -> Theorem? { all.first { $0.identifier.isCalled(name) } }
}
