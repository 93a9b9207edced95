/// What a trajectory run reports after every `evaluateEvery` iterations, after the last, and when one
/// of its two trainings diverges.
public struct TrajectoryMeasurement: Codable, Sendable, Hashable {
    /// What is measured of one of the two trainings. Numbers that are not finite are infinity.
    public struct Side: Codable, Sendable, Hashable {
        /// The mean of the mini-batch losses since the measurement before, each before its update.
        public var trainingLoss: Double
        public var testLoss: Double
        /// `nil` if the task has no classes.
        public var testAccuracy: Double?
        /// The mean of `‖Δ‖` since the measurement before.
        public var updateNormMean: Double
    }

    /// The number of weight updates that each training has made.
    public var iteration: Int
    /// `‖θ_rule − θ_implicit‖/‖θ_implicit − θ₀‖`.
    public var relativeDistance: Double
    /// The cosine of `θ_rule − θ₀` and `θ_implicit − θ₀`.
    public var cosine: Double
    public var rule: Side
    public var implicit: Side
    /// The implicit updates that were made although the solver had stopped short of its tolerance.
    public var uncertifiedUpdates: Int
    /// Whether weights, loss or update of one training are no longer finite. It is then the last
    /// measurement.
    public var isDiverged: Bool
}

extension TrajectoryMeasurement.Side {
    init(_ statistics: RunningStatistics, _ evaluation: Evaluation) {
        trainingLoss = finiteOrInfinity(statistics.meanLoss)
        testLoss = finiteOrInfinity(evaluation.loss)
        testAccuracy = evaluation.accuracy
        updateNormMean = finiteOrInfinity(statistics.meanNorm)
    }
}
