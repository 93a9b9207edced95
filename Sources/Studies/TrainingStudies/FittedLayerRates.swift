internal import Foundation
internal import ImplicitSGD
package import LearningRules
internal import LinearAlgebra
package import Networks

/// The learning rate for each layer with which exact implicit SGD comes nearest to a given update: how near layerwise
/// implicit SGD can be, beside how near the rates of C22 are.
///
/// Minimises `‖Δ(α) − Δ_ref‖²` over `log αₙ` by Gauss–Newton with differences, begun at the rates of `implicit-layerwise`
/// and held within a factor of `e⁶` of them. A layer whose step the update does not show, such as one of zero error, stays
/// where it is. Each iteration costs `N + 1` exact updates.
package struct FittedLayerRates {
    /// `αₙ`, the layer of the inputs first.
    package let rates: [Double]
    /// The exact layerwise update at these rates.
    package let update: Parameters<Double>

    private static let difference = 1e-4
    private static let iterationLimit = 30
    private static let reach = 6.0
    /// Gains below this share of the distance end the search.
    private static let leastGain = 1e-6

    /// - Returns: `nil` if an exact update did not meet its tolerance.
    /// - Throws: what the exact updates throw.
    package init?(
        nearest reference: Parameters<Double>, _ problem: LearningProblem<Double>, _ rule: LayerwiseImplicit
    ) throws(RuleError) {
        let start = try rule.multiples(of: problem)
        func solved(_ logarithms: [Double]) throws(RuleError) -> Parameters<Double>? {
            var implicit = ImplicitGradientDescent(options: rule.options)
            implicit.rateMultiples = zip(start, logarithms).map { $0 * exp($1) }
            let step = try implicit.step(problem)
            return step.equilibrium?.isConverged ?? true ? step.update : nil
        }
        var place = start.map { _ in 0.0 }
        guard var update = try solved(place) else { return nil }
        var distance = (update - reference).norm
        search: for _ in 0..<Self.iterationLimit {
            var slopes: [Parameters<Double>] = []
            for n in place.indices {
                var moved = place
                moved[n] += Self.difference
                guard let other = try solved(moved) else { return nil }
                slopes.append((1 / Self.difference) * (other - update))
            }
            let step = LeastSquares.solution(slopes, of: reference - update)
            var (share, before) = (1.0, distance)
            while true {
                let trial = zip(place, step).map { min(max($0 + share * $1, -Self.reach), Self.reach) }
                guard let other = try solved(trial) else { return nil }
                let reached = (other - reference).norm
                if reached < distance {
                    (place, update, before, distance) = (trial, other, distance, reached)
                    break
                }
                share /= 2
                if share < 1e-3 { break search }
            }
            if before - distance <= Self.leastGain * before { break }
        }
        rates = zip(start, place).map { problem.learningRate * $0 * exp($1) }
        self.update = update
    }
}

/// Least squares in few unknowns, by modified Gram–Schmidt.
private enum LeastSquares {
    /// The `p` that minimises `‖Σ pₙcₙ − target‖`; 0 for a column that those before it span to rounding.
    static func solution(_ columns: [Parameters<Double>], of target: Parameters<Double>) -> [Double] {
        let count = columns.count
        var bases = columns
        var triangle = Array(repeating: Array(repeating: 0.0, count: count), count: count)
        var (rest, parts) = (target, Array(repeating: 0.0, count: count))
        var isFree = Array(repeating: true, count: count)
        for j in 0..<count {
            let length = bases[j].norm
            guard length > 1e-10 * columns[j].norm else { isFree[j] = false; continue }
            triangle[j][j] = length
            bases[j].scale(by: 1 / length)
            for k in (j + 1)..<max(count, j + 1) {
                triangle[j][k] = bases[j].dot(bases[k])
                bases[k].add(bases[j], scaledBy: -triangle[j][k])
            }
            parts[j] = bases[j].dot(rest)
            rest.add(bases[j], scaledBy: -parts[j])
        }
        var result = Array(repeating: 0.0, count: count)
        for j in (0..<count).reversed() where isFree[j] {
            let known = ((j + 1)..<max(count, j + 1)).reduce(0) { $0 + triangle[j][$1] * result[$1] }
            result[j] = (parts[j] - known) / triangle[j][j]
        }
        return result
    }
}
