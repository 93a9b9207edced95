package import Training

/// What a finished training run amounts to.
package struct TrainingSummary {
    package let measurements: [TrainingMeasurement]
    let isDiverged: Bool
    /// At the last measurement; `nil` if the run diverged or there are no classes.
    let accuracy: Double?
    let loss: Double
    /// The number of output units.
    let outputs: Int

    /// - Returns: `nil` without any measurement.
    package init?(_ measurements: [TrainingMeasurement], outputs: Int) {
        self.outputs = outputs
        guard let last = measurements.last else { return nil }
        self.measurements = measurements
        isDiverged = last.isDiverged
        accuracy = last.testAccuracy
        loss = last.testLoss
    }

    /// Mean and variance of `‖Δ‖` over all iterations, from those of the stretches between measurements.
    package var updateNorm: (mean: Double, variance: Double) {
        var before = 0
        return Self.pooled(
            measurements.map { one in
                defer { before = one.iteration }
                return (Double(one.iteration - before), one.updateNormMean, one.updateNormVariance)
            })
    }

    /// The same of the norms of the weights' changes, one after every `period` updates; `nil` if none was recorded.
    package func weightNorm(period: Int) -> (mean: Double, variance: Double)? {
        var before = 0
        let stretches = measurements.compactMap { one -> (Double, Double, Double)? in
            defer { before = one.iteration }
            // The update at which a run diverged has no norm.
            let count = (one.isDiverged ? one.iteration - 1 : one.iteration) / period - before / period
            guard count > 0, let mean = one.weightNormMean, let variance = one.weightNormVariance else { return nil }
            return (Double(count), mean, variance)
        }
        return stretches.isEmpty ? nil : Self.pooled(stretches)
    }

    /// `(Σ(nᵢ−1)vᵢ + Σnᵢ(mᵢ−m)²)/(n−1)` around the mean of all.
    private static func pooled(
        _ stretches: [(n: Double, mean: Double, variance: Double)]
    ) -> (mean: Double, variance: Double) {
        let count = stretches.reduce(0) { $0 + $1.n }
        let mean = stretches.reduce(0) { $0 + $1.n * $1.mean } / count
        guard mean.isFinite else { return (.infinity, .infinity) }
        let squares = stretches.reduce(0) { total, one in
            // A stretch of one has no variance of its own.
            let within = one.n > 1 ? (one.n - 1) * one.variance : 0
            return total + within + one.n * (one.mean - mean) * (one.mean - mean)
        }
        return (mean, count > 1 ? squares / (count - 1) : .nan)
    }

    /// The largest accuracy of all measurements, also of a run that diverged after them.
    package var bestAccuracy: Double? { measurements.compactMap(\.testAccuracy).max() }

    /// The relative distances to the exact update along the run.
    var distances: [Double] { measurements.compactMap(\.relativeDistance) }

    /// The first measurement at which the condition holds.
    func firstIteration(where condition: (TrainingMeasurement) -> Bool) -> Int? {
        measurements.first(where: condition)?.iteration
    }
}
