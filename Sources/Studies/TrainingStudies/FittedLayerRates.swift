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
    /// `αₙ` of C22, where the search begins, the layer of the inputs first.
    package let predicted: [Double]
    /// The fitted `αₙ`.
    package let rates: [Double]
    /// The exact layerwise update at these rates.
    package let update: Parameters<Double>

    private static let difference = 1e-4
    private static let iterationLimit = 30
    /// The logarithm of the largest ratio of fitted and predicted rates.
    package static let reach = 6.0
    /// Gains below this share of the distance end the search.
    private static let leastGain = 1e-6

    /// Slopes that this part of the largest explains count as dependent.
    private static let dependence = 1e-10

    /// - Returns: `nil` if an exact update did not meet its tolerance, or is not finite.
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
            var slopes: [Double] = []
            for n in place.indices {
                var moved = place
                moved[n] += Self.difference
                guard let other = try solved(moved) else { return nil }
                slopes += ((1 / Self.difference) * (other - update)).flattened
            }
            let missing = Matrix(column: (reference - update).flattened)
            guard let jacobian = try? Matrix(rows: missing.rows, columns: place.count, elements: slopes),
                let step = try? LeastNormSolution(jacobian, missing, relativeTolerance: Self.dependence).solution
            else { return nil }
            var (share, before) = (1.0, distance)
            while true {
                let trial = zip(place, step.elements).map { min(max($0 + share * $1, -Self.reach), Self.reach) }
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
        predicted = start.map { problem.learningRate * $0 }
        rates = zip(start, place).map { problem.learningRate * $0 * exp($1) }
        self.update = update
    }
}
