/// The identifiers of the theory's theorems (T1, T2, …), used as stems everywhere: sources, tests, proofs,
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
    case linearGraph
    case slack
    case earlyInference = 22
    case freeOutput = 26
    case integratedWeights
    case covarianceLearning
    case linearLayer

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
            case .linearGraph: "LinearGraph"
            case .slack: "Slack"
            case .earlyInference: "EarlyInference"
            case .freeOutput: "FreeOutput"
            case .integratedWeights: "IntegratedWeights"
            case .covarianceLearning: "CovarianceLearning"
            case .linearLayer: "LinearLayer"
            }
        return (rawValue < 10 ? "T0\(rawValue)" : "T\(rawValue)") + "_" + word
    }

    /// The folder of its check, one for each work.
    public var folder: String {
        switch self {
        case .integratedWeights: "Piccioli2023"
        case .covarianceLearning: "Tang2022"
        case .linearLayer: "Nabarro2023"
        case .linearGraph, .slack, .earlyInference, .freeOutput: "Ours"
        default: "Alonso2022"
        }
    }
}
