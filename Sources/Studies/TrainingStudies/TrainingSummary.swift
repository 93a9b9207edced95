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

    /// Mean and variance of `‖Δ‖` over all iterations, from those of the stretches between
    /// measurements: `(Σ(nᵢ−1)vᵢ + Σnᵢ(mᵢ−m)²)/(n−1)`.
    package var updateNorm: (mean: Double, variance: Double) {
        var (count, sum) = (0.0, 0.0)
        var stretches: [(n: Double, mean: Double, variance: Double)] = []
        var before = 0
        for one in measurements {
            let n = Double(one.iteration - before)
            before = one.iteration
            stretches.append((n, one.updateNormMean, one.updateNormVariance))
            count += n
            sum += n * one.updateNormMean
        }
        let mean = sum / count
        guard mean.isFinite else { return (.infinity, .infinity) }
        let squares = stretches.reduce(0) { total, one in
            // A stretch of one iteration has no variance of its own.
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
