internal import ImplicitSGD
internal import LinearAlgebra
internal import Networks

/// The units of a graph that sit on their kinks at a point, and the slopes there that the implicit equation asks for.
///
/// The residual `Δ + α∇L` is linear in the slope of one unit: its derivative is `(α/B)cⱼGⱼ`, `Gⱼ` the derivative of the
/// unit's activity by the parameters. Several slopes multiply along paths, so they are solved for by Gauss–Newton
/// steps of least squares, `GGᵀ(D dξ) = −G r` with `D = (α/B)diag c`, and kept between the one-sided ones.
struct GraphKinks {
    /// With the slopes found.
    private(set) var units: [KinkedUnit] = []
    /// The implicit residual with these slopes.
    private(set) var residual: Double
    /// The feedback `cⱼ` of each unit.
    private(set) var feedback: [Double] = []
    /// Below this a feedback of the same unit counts as zero.
    private(set) var negligible: [Double] = []
    /// Whether each of the units can be moved without the others.
    private(set) var areIndependent = true
    /// The objective at the point with the units held.
    private(set) var objective: GraphObjective

    /// `k` units take `2k` passes for each of a few steps, and `k³` operations.
    static let limit = 800
    private static let stepLimit = 8

    init(
        _ problem: GraphProblem, _ update: Parameters<Double>, _ pass: GraphPass, tolerance: Double
    ) throws(GraphRefusal) {
        objective = GraphObjective(problem)
        objective.move(to: update)
        residual = problem.implicitResidual(of: update, pass)
        let architecture = problem.network.architecture
        guard architecture.hasKinks else {
            objective.differentiate()
            return
        }
        let rounding = GraphRounding(pass)
        for n in architecture.hiddenNodes {
            guard let kink = architecture.nodes[n].activation.kink else { continue }
            let (activity, bound) = (pass.activities[n], rounding.bounds[n])
            for example in 0..<activity.columns {
                for unit in 0..<activity.rows
                where abs(activity[unit, example]) <= bound[unit, example]
                    && !rounding.isConstantZero(n, unit, example)
                {
                    units.append(
                        KinkedUnit(layer: n, unit: unit, example: example, slope: (kink.leftSlope + kink.rightSlope) / 2))
                }
            }
        }
        guard units.count <= Self.limit else { throw .tooManyKinks(units.count, limit: Self.limit) }
        objective.hold(units, at: update)
        guard !units.isEmpty else { return }
        solve(problem, update, tolerance)
    }

    private mutating func solve(_ problem: GraphProblem, _ update: Parameters<Double>, _ tolerance: Double) {
        let rate = problem.learningRate / Double(problem.batch.size)
        var best = Double.infinity
        var bestUnits = units
        for _ in 0..<Self.stepLimit {
            objective.hold(units, at: update)
            var deviation = update
            deviation.add(problem.pass(after: update, kinkedUnits: units).gradient(), scaledBy: problem.learningRate)
            let size = deviation.norm
            guard size < 0.9 * best else { break }
            (best, bestUnits) = (size, units)
            if best == 0 { break }
            // Rows in the order of the units.
            let rows = units.map { KernelRow(layer: $0.layer, index: index(of: $0), scale: 1) }
            var gram = objective.gram(of: rows)
            let largest = rows.indices.reduce(0) { max($0, gram[$1, $1]) }
            areIndependent = isDefinite(gram, margin: 1e-10 * largest)
            for k in rows.indices { gram[k, k] += 1e-14 * largest }
            guard let factor = try? CholeskyFactorization(gram) else { break }
            var response = objective.derivatives(of: rows, along: deviation)
            factor.solveInPlace(&response)
            for k in units.indices {
                let feedback = objective.feedback[units[k].layer][units[k].unit, units[k].example]
                guard feedback != 0, let kink = objective.activation(ofLayer: units[k].layer).kink else { continue }
                let slope = units[k].slope - response[k, 0] / (rate * feedback)
                guard slope.isFinite else { continue }
                // A slope that is within rounding of a side's is that side's.
                let ends = [kink.leftSlope, kink.rightSlope].filter { abs(slope - $0) <= 1e-12 }
                units[k].slope = ends.first ?? min(max(slope, kink.leftSlope), kink.rightSlope)
            }
        }
        units = bestUnits
        residual = best == 0 ? 0 : best / update.norm
        objective.hold(units, at: update)
        feedback = units.map { objective.feedback[$0.layer][$0.unit, $0.example] }
        negligible = units.map { 1e-12 * objective.feedback[$0.layer].norm }
    }

    private func isDefinite(_ gram: Matrix<Double>, margin: Double) -> Bool {
        var reduced = gram
        for k in 0..<gram.rows { reduced[k, k] -= margin }
        return (try? CholeskyFactorization(reduced)) != nil
    }

    private func index(of unit: KinkedUnit) -> Int {
        unit.unit + unit.example * objective.activities[unit.layer].rows
    }

    /// A unit beside which `P_α` falls, or may fall.
    var falling: KinkedUnit? {
        units.indices.first { feedback[$0] < -negligible[$0] }.map { units[$0] }
    }

    /// The units that may leave their kinks at no first-order cost, with the slopes of the sides that are open.
    var open: [(unit: KinkedUnit, slopes: [Double])] {
        units.indices.compactMap { k in
            guard let kink = objective.activation(ofLayer: units[k].layer).kink else { return nil }
            let isFree = feedback[k] <= negligible[k]
            // A slope is known to the residual over the feedback; the square root is far above it.
            let near = 1e-6
            let slopes = [kink.leftSlope, kink.rightSlope].filter { isFree || abs(units[k].slope - $0) <= near }
            return slopes.isEmpty ? nil : (units[k], slopes)
        }
    }
}
