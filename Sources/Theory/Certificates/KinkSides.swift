internal import ImplicitSGD
internal import Intervals
internal import LinearAlgebra
internal import Networks

/// What the second-order condition takes each kinked unit for.
///
/// Where `P_α` rises to both sides to first order (`cⱼ > 0`, the slope strictly between the one-sided ones)
/// the unit is *held*: directions that move it need no curvature. Where the slope is one of the two,
/// `P_α` is to second order not below the network that is linear there with that slope. Where `cⱼ` may
/// be 0 the kink decides nothing, and both sides are examined.
package struct KinkSides {
    private(set) var held: [KinkedUnit] = []
    private(set) var oneSided: [KinkedUnit] = []
    private(set) var open: [KinkedUnit] = []

    /// The largest number of open units whose sides are examined, in all combinations.
    package static let openLimit = 8

    /// - Parameter tolerance: the bound on the implicit residual: a slope is known to
    ///   `tolerance·√mₙ‖Δ‖/(κₙ|cⱼ|‖āⱼ‖)`, `κₙ = mₙα/B`, and counts as one-sided within four times that.
    init(
        _ problem: ProximalProblem, _ pass: CertifyingPass, updateNorm: Double, tolerance: Double
    ) {
        let architecture = problem.network.architecture
        for unit in pass.kinkedUnits {
            guard let kink = architecture.activation(ofLayer: unit.layer).kink else { continue }
            let pulled = pass.feedback[unit.layer - 1][unit.unit, unit.example]
            guard pulled.lower > 0 else {
                open.append(unit)
                continue
            }
            let rates = Matrix(column: pass.rates[unit.layer - 1].center.column(unit.example))
            let inputs = problem.regressors(ofLayer: unit.layer - 1, rates).rows
            let step = problem.rates[unit.layer - 1] / Double(problem.batch.size)
            let length = updateNorm * problem.rates.multiple(ofLayer: unit.layer - 1).squareRoot()
            let uncertainty = 4 * tolerance * length / (step * pulled.lower * inputs.norm)
            let isBetween =
                unit.slope - kink.leftSlope > uncertainty && kink.rightSlope - unit.slope > uncertainty
            if isBetween { held.append(unit) } else { oneSided.append(unit) }
        }
    }

    /// The kinked units with the slopes of one choice of sides: bit `k` of `choice` is the side of open unit `k`.
    func units(choice: Int, in architecture: Architecture) -> [KinkedUnit] {
        held + oneSided.map { Self.snapped($0, in: architecture) }
            + open.enumerated().map { k, unit in
                var result = unit
                if let kink = architecture.activation(ofLayer: unit.layer).kink {
                    result.slope = choice >> k & 1 == 1 ? kink.rightSlope : kink.leftSlope
                }
                return result
            }
    }

    /// The number of choices of sides.
    var choices: Int { 1 << open.count }

    private static func snapped(_ unit: KinkedUnit, in architecture: Architecture) -> KinkedUnit {
        guard let kink = architecture.activation(ofLayer: unit.layer).kink else { return unit }
        var result = unit
        result.slope = unit.slope < kink.middleSlope ? kink.leftSlope : kink.rightSlope
        return result
    }
}
