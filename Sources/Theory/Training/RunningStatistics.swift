internal import Statistics

/// What is accumulated between two measurements.
struct RunningStatistics: Sendable, Equatable {
    private var lossSum = 0.0
    /// Of `‖Δ‖`.
    private var norms = RunningMoments()
    private(set) var uncertifiedUpdates = 0
    private(set) var comparisons = 0
    private(set) var uncertifiedComparisons = 0
    private var distanceSum = 0.0
    private var cosineSum = 0.0

    mutating func record(_ outcome: StepOutcome) {
        lossSum += outcome.loss
        norms.record(outcome.updateNorm)
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

    var updates: Int { norms.count }
    /// The mean of the mini-batch losses.
    var meanLoss: Double { lossSum / Double(updates) }
    var meanNorm: Double { norms.mean }
    /// The unbiased variance; 0 for a single update.
    var normVariance: Double { norms.variance }
    var meanDistance: Double? { comparisons > 0 ? distanceSum / Double(comparisons) : nil }
    var meanCosine: Double? { comparisons > 0 ? cosineSum / Double(comparisons) : nil }
}

extension RunningMoments {
    func write(to writer: inout CheckpointWriter) {
        writer.append(count)
        writer.append(mean)
        writer.append(squaredDeviations)
    }

    init(from reader: inout CheckpointReader) throws(CheckpointError) {
        let count = try reader.count()
        let mean = try reader.double()
        self.init(count: count, mean: mean, squaredDeviations: try reader.double())
    }
}

extension RunningStatistics {
    func write(to writer: inout CheckpointWriter) {
        for count in [updates, uncertifiedUpdates, comparisons, uncertifiedComparisons] {
            writer.append(count)
        }
        for sum in [lossSum, norms.mean, norms.squaredDeviations, distanceSum, cosineSum] {
            writer.append(sum)
        }
    }

    init(from reader: inout CheckpointReader) throws(CheckpointError) {
        let updates = try reader.count()
        uncertifiedUpdates = try reader.count()
        comparisons = try reader.count()
        uncertifiedComparisons = try reader.count()
        lossSum = try reader.double()
        norms = RunningMoments(
            count: updates, mean: try reader.double(), squaredDeviations: try reader.double())
        distanceSum = try reader.double()
        cosineSum = try reader.double()
    }
}
