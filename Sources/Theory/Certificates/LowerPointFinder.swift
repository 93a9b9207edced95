public import ImplicitSGD
public import Intervals
public import LinearAlgebra
public import Networks

/// Looks along a direction for a point where `P_α` is lower, and proves it by enclosures of both values.
struct LowerPointFinder {
    private let problem: ProximalProblem
    private let update: Parameters<Double>
    private let pass: CertifyingPass
    /// A lower bound of `P_α` at the point in question.
    private let present: Double
    /// The radius of the ball that holds every point at which `P_α` is not above its value at `θ_b` (T15).
    private let reach: Double

    /// Steps are this many powers of 4, down from `reach`.
    private static let lengths = 24

    init(_ problem: ProximalProblem, _ update: Parameters<Double>, _ pass: CertifyingPass) {
        self.problem = problem
        self.update = update
        self.pass = pass
        present = problem.objectiveEnclosure(after: update).lower
        reach = max(update.norm, (2 * problem.rates.largest * problem.lossBefore).squareRoot())
    }

    /// Along `θ + tD` and `θ − tD`.
    func lowerPoint(alongWeights direction: Parameters<Double>) -> LowerPoint? {
        let norm = direction.norm
        return search { length in
            var target = update
            target.add(direction, scaledBy: length / norm)
            return target
        }
    }

    /// Along `h + tẋ` and `h − tẋ`, by the least update that has these activities: on the way, units held on
    /// their kink stay there.
    func lowerPoint(alongActivities direction: [Matrix<Double>]) -> LowerPoint? {
        let slowest = zip(direction, pass.rates).reduce(0.0) { sum, pair in
            sum + pair.0.norm / max(pair.1.center.norm, 1)
        }
        return search { length in leastUpdate(direction, length / slowest) }
    }

    private func search(_ candidate: (Double) -> Parameters<Double>) -> LowerPoint? {
        guard present.isFinite, reach > 0, reach.isFinite else { return nil }
        var length = reach
        for _ in 0..<Self.lengths {
            for signed in [length, -length] {
                let target = candidate(signed)
                guard target.isFinite() else { continue }
                let there = problem.objectiveEnclosure(after: target).upper
                let decrease = (present - there).nextDown
                if decrease > 0 { return LowerPoint(update: target, decrease: decrease) }
            }
            length /= 4
        }
        return nil
    }

    /// `ΔWₙ = Eₙ₊₁Āₙ⁺` with the errors of the displaced activities at the weights `θ_b`.
    private func leastUpdate(_ direction: [Matrix<Double>], _ length: Double) -> Parameters<Double> {
        let architecture = problem.network.architecture
        var result = update
        var rates = problem.batch.inputs
        for n in 0..<architecture.depth {
            var activity = pass.activities[n].center
            activity.add(direction[n], scaledBy: length)
            // What the certifier calls "on the kink" is within rounding of it; here it is put there.
            for unit in pass.kinkedUnits where unit.layer == n + 1 {
                activity[unit.unit, unit.example] = length * direction[n][unit.unit, unit.example]
            }
            var prediction = activity
            problem.network.predict(layer: n, rates: rates, into: &prediction)
            let error = activity - prediction
            let (inputs, columns) = problem.regressors(ofLayer: n, rates)
            if inputs.rows > 0, let solution = try? LeastNormSolution(inputs.transposed, error.transposed).solution {
                for (j, column) in columns.enumerated() {
                    for i in 0..<error.rows { result.layers[n][i, column] = solution[j, i] }
                }
            }
            if n + 1 < architecture.depth {
                rates = activity
                architecture.activation(ofLayer: n + 1).evaluate(activity, into: &rates)
            }
        }
        return result
    }
}

extension ProximalProblem {
    /// An enclosure of `P_α(θ_b + Δ)`, for the weights written as for the exact sum.
    public func objectiveEnclosure(after update: Parameters<Double>) -> Interval {
        let weights = WrittenWeights(self, update)
        let logits = CertifyingPass.forward(self, weights.layers).activities[update.layers.count - 1]
        let mean = loss.totalEnclosure(logits, targets: batch.targets) / Interval(Double(batch.size))
        return mean + metricNormEnclosure(update.layers).squared / (Interval(2) * Interval(learningRate))
    }

    /// An enclosure of `(Σ ‖Δₙ‖²α/αₙ)^½`, the norm of the problem's metric: `‖Δ‖` with one learning rate.
    func metricNormEnclosure(_ layers: [Matrix<Double>]) -> Interval {
        guard !rates.isUniform else { return Interval.norm(of: layers) }
        return layers.enumerated().reduce(Interval.zero) { sum, layer in
            sum + Interval.norm(of: [layer.element]).squared * metricFactor(ofLayer: layer.offset)
        }.squareRoot
    }

    /// `α/αₙ`.
    func metricFactor(ofLayer n: Int) -> Interval {
        rates.isUniform ? Interval(1) : Interval(learningRate) / Interval(rates[n])
    }
}
