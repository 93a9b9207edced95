/// What is accumulated between two measurements.
struct RunningStatistics: Sendable, Equatable {
    private(set) var updates = 0
    private var lossSum = 0.0
    private var normMean = 0.0
    /// `Σ(‖Δ‖ − mean)²` (Welford's recurrence, which does not cancel).
    private var normDeviation = 0.0
    private(set) var uncertifiedUpdates = 0
    private(set) var comparisons = 0
    private(set) var uncertifiedComparisons = 0
    private var distanceSum = 0.0
    private var cosineSum = 0.0

    mutating func record(_ outcome: StepOutcome) {
        updates += 1
        lossSum += outcome.loss
        let deviation = outcome.updateNorm - normMean
        normMean += deviation / Double(updates)
        normDeviation += deviation * (outcome.updateNorm - normMean)
        if !outcome.isCertified { uncertifiedUpdates += 1 }
    }

    /// A comparison with an exact update; `nil` if that one has no certificate.
    mutating func record(comparison: ExactComparison?) {
        guard let comparison else {
            uncertifiedComparisons += 1
            return
        }
        comparisons += 1
        distanceSum += comparison.relativeDistance
        cosineSum += comparison.cosine
    }

    /// The mean of the mini-batch losses.
    var meanLoss: Double { lossSum / Double(updates) }
    var meanNorm: Double { normMean }
    /// The unbiased variance; 0 for a single update.
    var normVariance: Double { updates > 1 ? normDeviation / Double(updates - 1) : 0 }
    var meanDistance: Double? { comparisons > 0 ? distanceSum / Double(comparisons) : nil }
    var meanCosine: Double? { comparisons > 0 ? cosineSum / Double(comparisons) : nil }
}

extension RunningStatistics {
    func write(to writer: inout CheckpointWriter) {
        for count in [updates, uncertifiedUpdates, comparisons, uncertifiedComparisons] {
            writer.append(count)
        }
        for sum in [lossSum, normMean, normDeviation, distanceSum, cosineSum] { writer.append(sum) }
    }

    init(from reader: inout CheckpointReader) throws(CheckpointError) {
        updates = try reader.count()
        uncertifiedUpdates = try reader.count()
        comparisons = try reader.count()
        uncertifiedComparisons = try reader.count()
        lossSum = try reader.double()
        normMean = try reader.double()
        normDeviation = try reader.double()
        distanceSum = try reader.double()
        cosineSum = try reader.double()
    }
}
