internal import ImplicitSGD
internal import LinearAlgebra
internal import Networks

/// The units of a graph that sit on their kinks at a point, and the slopes there that the implicit equation asks for.
///
/// The residual `Δ + α∇L` is linear in the slope of one unit: its derivative is `(α/B)cⱼGⱼ`, `Gⱼ` the derivative of the
/// unit's activity by the parameters. From the last node to the first the slopes of a node follow from the equation of
/// its own weights, where it has some (``OwnWeightsEquation``). Several slopes multiply along paths, so what is left is solved for
/// by Gauss–Newton steps of least squares, `GGᵀ(D dξ) = −G r` with `D = (α/B)diag c`, and kept between the one-sided ones.
struct GraphKinks {
    /// With the slopes found.
    private(set) var units: [KinkedUnit] = []
    /// The implicit residual with these slopes.
    private(set) var residual: Double
    /// The feedback `cⱼ` of each unit.
    private var feedback: [Double] = []
    /// Below this a feedback of the same unit counts as zero.
    private var negligible: [Double] = []
    /// Units that leave their kinks together.
    private var linked: LinkedKinks?
    /// Whether each of these groups can be moved without the others.
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
        let middle = units
        balance(problem, update)
        solve(problem, update)
        guard residual > tolerance else { return }
        // Rounding may stop either way short.
        var other = self
        other.units = middle
        other.solve(problem, update)
        if other.residual < residual { self = other }
    }

    /// The slopes of each node from its own weights, which need the feedback of the nodes above.
    private mutating func balance(_ problem: GraphProblem, _ update: Parameters<Double>) {
        let architecture = problem.network.architecture
        for n in architecture.hiddenNodes.reversed() {
            let members = units.indices.filter { units[$0].layer == n }
            guard !members.isEmpty, let kink = architecture.nodes[n].activation.kink,
                let equation = OwnWeightsEquation(n, in: architecture)
            else { continue }
            objective.hold(units, at: update)
            let slopes = equation.slopes(
                of: members.map { units[$0] }, kink, update: update,
                step: problem.learningRate / Double(problem.batch.size), errors: objective.pass.errors[n],
                feedback: objective.feedback[n], objective.pass)
            for (k, slope) in zip(members, slopes) {
                if let slope, slope.isFinite { units[k].slope = slope }
            }
        }
    }

    private mutating func solve(_ problem: GraphProblem, _ update: Parameters<Double>) {
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
            let rows = objective.rows(of: units)
            var gram = objective.gram(of: rows)
            let largest = rows.indices.reduce(0) { max($0, gram[$1, $1]) }
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
        link(objective.gram(of: objective.rows(of: units)))
        feedback = units.map { objective.feedback[$0.layer][$0.unit, $0.example] }
        negligible = units.map { 1e-12 * objective.feedback[$0.layer].norm }
    }

    /// - Parameter gram: the products of the units' derivatives, in which the slopes of units below have a part.
    private mutating func link(_ gram: Matrix<Double>) {
        let kinks = units.compactMap { objective.activation(ofLayer: $0.layer).kink }
        guard kinks.count == units.count else { return }
        let linked = LinkedKinks(units, kinks, gram: gram)
        let leaders = linked.leaders
        let largest = leaders.reduce(0) { max($0, gram[$1, $1]) }
        let reduced = Matrix<Double>(rows: leaders.count, columns: leaders.count) { p, q in
            gram[leaders[p], leaders[q]] - (p == q ? 1e-10 * largest : 0)
        }
        areIndependent = (try? CholeskyFactorization(reduced)) != nil
        self.linked = linked
    }

    /// The side of its kinks to which `P_α` falls, or may fall, for the groups that have one, and by how much a unit of `B·h`.
    private var fallingSides: [(group: Int, side: LinkedKinks.Side, fall: Double)] {
        guard let linked else { return [] }
        return linked.groups.indices.compactMap { g in
            let rises = LinkedKinks.Side.allCases.map { (side: $0, rise: linked.rise(linked.groups[g], $0, feedback: feedback)) }
            guard let least = rises.min(by: { $0.rise < $1.rise }) else { return nil }
            guard least.rise < -linked.magnitude(linked.groups[g], negligible) / 2 else { return nil }
            return (g, least.side, -least.rise)
        }
    }

    /// The first unit of a group beside whose kinks `P_α` falls, or may fall.
    var falling: KinkedUnit? { fallingSides.first.map { leaders[$0.group] } }

    /// The shortest direction along which every group that falls to a side goes there, as fast as it falls, and the others
    /// stay where they are; `nil` where none falls.
    ///
    /// What stays above a group must stay with the slopes that the group has where it goes.
    func descent() -> Parameters<Double>? {
        let sides = fallingSides
        guard !sides.isEmpty, let linked else { return nil }
        let leaving = sides.flatMap { linked.units(of: linked.groups[$0.group], on: $0.side) }
        let places = Set(leaving.map(\.place))
        var model = objective
        model.hold(leaders, fixing: units.filter { !places.contains($0.place) } + leaving, at: objective.update)
        let rows = objective.rows(of: leaders)
        guard let factor = try? CholeskyFactorization(model.gram(of: rows)) else { return nil }
        var missing = Matrix<Double>(rows: rows.count, columns: 1)
        for (group, side, fall) in sides { missing[group, 0] = side == .upwards ? fall : -fall }
        let wanted = missing
        var direction = model.zero
        // Again for what rounding leaves: a unit that does not quite stay costs as much as another one gains.
        for _ in 0..<3 {
            factor.solveInPlace(&missing)
            direction.add(model.pullBack(missing, of: rows))
            missing = wanted - model.derivatives(of: rows, along: direction)
        }
        return direction.isFinite() && direction.norm > 0 ? direction : nil
    }

    /// The groups that may leave their kinks at no first-order cost: for each the sides that are open, as its units with the
    /// slopes that they have there.
    var open: [[[KinkedUnit]]] {
        guard let linked else { return [] }
        return linked.groups.compactMap { group in
            // A slope is known to the residual over the feedback; the square root is far above it.
            let near = 1e-6 * linked.magnitude(group, feedback) + linked.magnitude(group, negligible)
            let sides = LinkedKinks.Side.allCases.filter { linked.rise(group, $0, feedback: feedback) <= near }
            return sides.isEmpty ? nil : sides.map { linked.units(of: group, on: $0) }
        }
    }

    /// The first unit of each group: where it stays, the group does.
    var leaders: [KinkedUnit] { linked?.leaders.map { units[$0] } ?? [] }
}
