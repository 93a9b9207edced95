/// The claims about single updates, each defined once and run by `swift test` and the command line
/// alike.
extension Claim {
    /// All claims in the order of their numbers.
    public static let all: [Claim] = [
        .closerThanBackpropagation, .proximalCloserThanStandard, .inferenceLowersObjective,
        .inferredActivitiesReached, .awayFromNudging, .outputTowardTarget, .publishedNormalization, .escapesSaddles,
        .convergenceRate,
        .sequentialLowersLoss, .incrementalCloser, .nudgedBeatsClamped,
        .costAtLeastBackpropagation, .imbalancedEnergies, .feedbackControl, .layerwiseMetric, .newtonDirection, .energiesFollowBinomial,
    ]

    /// The claim called `name`, such as `C1` (or `c1`, `C01`, or its stem); nil if there is none.
    public static func named(_ name: String) -> Claim? { all.first { $0.identifier.isCalled(name) } }
}
