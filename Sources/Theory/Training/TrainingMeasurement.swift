internal import Statistics

/// What a run reports after every `evaluateEvery` iterations, after the last, and when it diverges.
///
/// Means are over the iterations since the measurement before. A loss or norm that is not finite is
/// recorded as infinity.
public struct TrainingMeasurement: Codable, Sendable, Hashable {
    /// The number of weight updates made.
    public var iteration: Int
    /// The mean of the mini-batch losses, each before its update.
    public var trainingLoss: Double
    /// The mean loss of the test examples.
    public var testLoss: Double
    /// The share of test examples whose largest logit is at their class; `nil` if the task has no
    /// classes, or when the run has diverged.
    public var testAccuracy: Double?
    /// The mean of `‖Δ‖`.
    public var updateNormMean: Double
    /// The unbiased variance of `‖Δ‖`.
    public var updateNormVariance: Double
    /// The mean and the unbiased variance of the norm of the change of the weights without the biases, over the updates at
    /// which it was recorded; `nil` without any.
    public var weightNormMean: Double?
    public var weightNormVariance: Double?
    /// The mean of `‖Δ − Δ_imp‖/‖Δ_imp‖` over the comparisons; `nil` without any.
    public var relativeDistance: Double?
    /// The mean cosine of `Δ` and `Δ_imp`; `nil` without any comparison.
    public var cosine: Double?
    /// The comparisons behind these means.
    public var comparisons: Int
    /// The comparisons left out because the exact update did not get its certificate.
    public var uncertifiedComparisons: Int
    /// The updates of `implicit` and `il-exact` that were made although the solver had stopped short
    /// of its tolerance.
    public var uncertifiedUpdates: Int
    /// Whether weights, loss or update are no longer finite. It is then the last measurement.
    public var isDiverged: Bool
    /// What the last hidden layer makes of the test examples; `nil` unless it was asked for, or when the run has diverged.
    public var representation: Representation?

    init(
        iteration: Int, statistics: RunningStatistics, weightNorms: RunningMoments = RunningMoments(),
        evaluation: Evaluation, isDiverged: Bool, representation: Representation? = nil
    ) {
        self.iteration = iteration
        trainingLoss = finiteOrInfinity(statistics.meanLoss)
        testLoss = isDiverged ? .infinity : finiteOrInfinity(evaluation.loss)
        testAccuracy = isDiverged ? nil : evaluation.accuracy
        updateNormMean = finiteOrInfinity(statistics.meanNorm)
        updateNormVariance = finiteOrInfinity(statistics.normVariance)
        weightNormMean = weightNorms.count > 0 ? finiteOrInfinity(weightNorms.mean) : nil
        weightNormVariance = weightNorms.count > 0 ? finiteOrInfinity(weightNorms.variance) : nil
        relativeDistance = statistics.meanDistance
        cosine = statistics.meanCosine
        comparisons = statistics.comparisons
        uncertifiedComparisons = statistics.uncertifiedComparisons
        uncertifiedUpdates = statistics.uncertifiedUpdates
        self.isDiverged = isDiverged
        self.representation = representation
    }
}

/// NaN is not equal to itself and has no place in records that are compared.
func finiteOrInfinity(_ value: Double) -> Double { value.isFinite ? value : .infinity }
