internal import LinearAlgebra
package import Networks

/// What a descent asks at the points where it begins and ends.
extension WeightSpaceModel {
    /// Whether the implicit equation holds at the present point, to the rounding of its sums, with slopes between the
    /// one-sided ones at units that are exactly on their kinks; then these are the slopes in use and the units held.
    ///
    /// A descent that shrinks towards such a point never arrives: its residual is relative to `‖Δ‖`. Layer by layer from
    /// the last, whose errors the slopes of a layer do not change.
    package mutating func balancesOnKinks() -> Bool {
        let saved = self
        var held: [KinkedUnit] = []
        for n in architecture.hiddenLayers.reversed() {
            guard let kink = architecture.activation(ofLayer: n).kink else { continue }
            for unit in 0..<architecture.widths[n] {
                held += balance(unit, of: n, kink)
            }
            kinks.widths[n] = 0
            refresh()
        }
        kinks.held = held
        let point = Linearization(
            network: problem.network.updated(by: update), batch: problem.batch, loss: problem.loss,
            kinkedUnits: held)
        if !held.isEmpty, gradient.norm <= point.gradientRounding(problem.held) { return true }
        self = saved
        return false
    }

    /// Gives the slopes of a unit that is on its kink in some examples their balancing values, within the one-sided ones.
    private mutating func balance(_ unit: Int, of n: Int, _ kink: Kink) -> [KinkedUnit] {
        let onKink = (0..<examples).filter { activities[n][unit, $0] == 0 && feedback[n][unit, $0] > 0 }
        if onKink.isEmpty { return [] }
        let (inputs, columns) = problem.regressors(ofLayer: n - 1, rates[n - 1])
        var target = Matrix(column: columns.map { -update.layers[n - 1][unit, $0] })
        let step = learningRates[n - 1] / Double(examples)
        for example in 0..<examples where !onKink.contains(example) {
            target.add(
                Matrix(column: inputs.column(example)),
                scaledBy: -step * slopes[n][unit, example] * feedback[n][unit, example])
        }
        let found = kink.balancingSlopes(
            inputs, columns: onKink, feedback: onKink.map { step * feedback[n][unit, $0] }, target: target)
        return zip(found, onKink).map { slope, example in
            let limited = min(max(slope ?? kink.middleSlope, kink.leftSlope), kink.rightSlope)
            kinks.centers[n][unit, example] = limited
            return KinkedUnit(layer: n, unit: unit, example: example, slope: limited)
        }
    }

    package func lowerPoint(isSuspect: Bool, solvedTo tolerance: Double) -> Parameters<Double>? {
        var saddle = WeightSpaceSaddle(problem, at: update, kinkedUnits: certifiedUnits, tolerance: tolerance)
        return isSuspect || saddle.isDegenerate ? saddle.lowerPoint() : nil
    }
}
