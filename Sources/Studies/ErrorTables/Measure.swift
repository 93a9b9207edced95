public import Comparison
public import Intervals

/// The measures of `docs/theory.md` §5 that a table can show, by the names that users type.
public enum Measure: String, CaseIterable, Sendable, Hashable {
    case relativeDistance = "relative-distance"
    case cosine
    case normRatio = "norm-ratio"
    case proximalGap = "proximal-gap"
    case implicitResidual = "implicit-residual"
    case activityDistance = "activity-distance"
    case activityCosine = "activity-cosine"
    case explicitDistance = "explicit-distance"

    /// The heading of a table.
    public var title: String {
        switch self {
        case .relativeDistance: "Relative distance ‖Δ − Δ_imp‖/‖Δ_imp‖ (0 is exact)"
        case .cosine: "Cosine of Δ and Δ_imp (1 is the same direction)"
        case .normRatio: "Norm ratio ‖Δ‖/‖Δ_imp‖"
        case .proximalGap: "Proximal gap (0 is exact, above 1 is worse than not moving)"
        case .implicitResidual: "Implicit residual ‖Δ + α∇L(θ_b+Δ)‖/‖Δ‖ (0 is exact)"
        case .activityDistance: "Activity distance ‖ĥ − h(θ_b+Δ)‖/‖ĥ − h(θ_b)‖ (0: targets are reached)"
        case .activityCosine: "Cosine of inferred and reached change of activity"
        case .explicitDistance: "Relative distance to explicit SGD ‖Δ + α∇L‖/‖α∇L‖ (0 is backpropagation)"
        }
    }

    /// The value for all weights together; `nil` where the measure does not apply.
    public func value(_ outcome: ApproximationStudy.RuleOutcome) -> Double? {
        self == .explicitDistance ? outcome.toExplicit.relativeDistance : value(outcome.comparison)
    }

    /// The value of a comparison with the exact update alone; `nil` where the measure does not apply, or needs more.
    public func value(_ comparison: UpdateComparison) -> Double? {
        switch self {
        case .proximalGap: comparison.proximalGap
        case .implicitResidual: comparison.implicitResidual
        case .activityDistance: comparison.activities?.relativeDistance
        case .activityCosine: comparison.activities?.cosine
        case .relativeDistance, .cosine, .normRatio: value(comparison.whole)
        case .explicitDistance: nil
        }
    }

    /// The value for one layer; `nil` for measures of the whole update only.
    public func value(_ distance: UpdateDistance) -> Double? {
        switch self {
        case .relativeDistance: distance.relativeDistance
        case .cosine: distance.cosine
        case .normRatio: distance.normRatio
        default: nil
        }
    }
}

extension Measure {
    /// The proved bounds for all weights together; `nil` for measures that have none.
    public func enclosure(_ comparison: ProvedComparison) -> Interval? {
        switch self {
        case .relativeDistance: comparison.relativeDistance
        case .cosine: comparison.cosine
        case .normRatio: comparison.normRatio
        case .proximalGap: comparison.proximalGap
        case .implicitResidual, .activityDistance, .activityCosine, .explicitDistance: nil
        }
    }

    /// The measures that have proved bounds.
    public static let proved: [Measure] = [.relativeDistance, .cosine, .normRatio, .proximalGap]

    /// Whether the measure has a value for every layer.
    public var hasLayers: Bool {
        switch self {
        case .relativeDistance, .cosine, .normRatio: true
        case .proximalGap, .implicitResidual, .activityDistance, .activityCosine, .explicitDistance: false
        }
    }
}
