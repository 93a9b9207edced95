internal import ImplicitSGD
internal import Intervals
internal import LinearAlgebra
internal import Networks

/// The units of one layer that may sit on their kink, and the slope at each for which the implicit
/// equation of the weights below holds best.
///
/// Row `j` of that equation is `ΔW[j] + κ Σᵢ δⱼᵢ āᵢᵀ = 0`, `κ = α/B`. What is open in it are the `δⱼᵢ = sⱼᵢcⱼᵢ` of
/// the examples for which unit `j` is on its kink, so they are the solution of a least-squares
/// problem with the presynaptic rates `āᵢ` as columns, and `s` is limited to the one-sided slopes. Where the columns are
/// dependent (repeated examples, a mini-batch above the width) many `s` do, and one is enough: the one nearest to the
/// middle of the slopes. What a limit leaves over stays in the residual. Examples for which the layer is constant have no say; see
/// ``ConstantLayers``. Of a layer with held parameters the equation has the columns that move; a layer that is held whole
/// has no equation, and leaves its slopes open.
struct KinkSlopes {
    private(set) var units: [KinkedUnit] = []
    /// Whether the equation did not determine all of them.
    private(set) var areOpen = false
    /// The units that no weights of their own move apart in the examples for which they are on their kink.
    private(set) var linked: Set<Int> = []

    init(
        layer: Int, kink: Kink, activities: BallMatrix, feedback: Matrix<Double>, constant: [Bool],
        update: Matrix<Double>, inputs: Matrix<Double>, step: Double,
        openSlope: CertifyingPass.OpenSlope
    ) {
        let open = openSlope == .left ? kink.leftSlope : kink.rightSlope
        for unit in 0..<activities.rows {
            let onKink = (0..<activities.columns).filter { activities[unit, $0].contains(0) && !constant[$0] }
            if onKink.isEmpty { continue }
            // −ΔW[j] − κ Σ δāᵀ over the other examples, as a column.
            var target = Matrix(column: (0..<update.columns).map { -update[unit, $0] })
            for example in 0..<activities.columns where !onKink.contains(example) {
                let slope = activities[unit, example].lower > 0 ? kink.rightSlope : kink.leftSlope
                target.add(
                    Matrix(column: inputs.column(example)),
                    scaledBy: -step * slope * feedback[unit, example])
            }
            let pulled = onKink.map { step * feedback[unit, $0] }
            let free = Self.leastSquares(inputs, columns: onKink, target)
                .map { zip($0, pulled).map { $1 == 0 ? nil : $0 / $1 } }
            areOpen = areOpen || free == nil || pulled.contains(0)
            if free == nil { linked.insert(unit) }
            let slopes = free ?? kink.balancingSlopes(inputs, columns: onKink, feedback: pulled, target: target)
            for (slope, example) in zip(slopes, onKink) {
                let limited = min(max(slope ?? open, kink.leftSlope), kink.rightSlope)
                units.append(KinkedUnit(layer: layer, unit: unit, example: example, slope: limited))
            }
        }
    }

    /// The coefficients of `target` in the given columns, each scaled to unit length; `nil` if they are
    /// dependent or not finite.
    private static func leastSquares(
        _ inputs: Matrix<Double>, columns: [Int], _ target: Matrix<Double>
    ) -> [Double]? {
        let lengths = columns.map { Matrix(column: inputs.column($0)).norm }
        guard inputs.rows > 0, lengths.allSatisfy({ $0 > 0 && $0.isFinite }), target.isFinite() else { return nil }
        let basis = Matrix<Double>(rows: inputs.rows, columns: columns.count) { i, j in
            inputs[i, columns[j]] / lengths[j]
        }
        if columns.count == 1 { return [basis.dot(target) / lengths[0]] }
        guard let solution = try? LeastNormSolution(basis, target), solution.rank == columns.count
        else { return nil }
        return zip(solution.solution.elements, lengths).map { $0 / $1 }
    }
}
