/// The identifiers of the theory's theorems (T1–T16), used as stems everywhere: sources, tests, proofs,
/// tables.
public enum TheoremIdentifier: Int, CaseIterable, Sendable, Hashable {
    case minimumNormUpdate = 1
    case activityEnergy
    case batchActivityEnergy
    case unconditionalDescent
    case linearRegression
    case explicitVersusImplicit
    case targetsReached
    case updatedFeedback
    case droppedTerm
    case largeLearningRate
    case nonexpansiveness
    case deepLinear
    case equilibriumEnergy
    case nudgingLimit
    case uniqueness
    case learningRatePath

    /// As users type it: `T8`.
    public var name: String { "T\(rawValue)" }

    /// The stem of the theorem's source, proof and page: `T08_UpdatedFeedback`.
    public var stem: String {
        let word: String =
            switch self {
            case .minimumNormUpdate: "MinimumNormUpdate"
            case .activityEnergy: "ActivityEnergy"
            case .batchActivityEnergy: "BatchActivityEnergy"
            case .unconditionalDescent: "UnconditionalDescent"
            case .linearRegression: "LinearRegression"
            case .explicitVersusImplicit: "ExplicitVersusImplicit"
            case .targetsReached: "TargetsReached"
            case .updatedFeedback: "UpdatedFeedback"
            case .droppedTerm: "DroppedTerm"
            case .largeLearningRate: "LargeLearningRate"
            case .nonexpansiveness: "Nonexpansiveness"
            case .deepLinear: "DeepLinear"
            case .equilibriumEnergy: "EquilibriumEnergy"
            case .nudgingLimit: "NudgingLimit"
            case .uniqueness: "Uniqueness"
            case .learningRatePath: "LearningRatePath"
            }
        return (rawValue < 10 ? "T0\(rawValue)" : "T\(rawValue)") + "_" + word
    }
}
