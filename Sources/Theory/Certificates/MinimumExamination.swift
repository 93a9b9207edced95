internal import ImplicitSGD
internal import Intervals
internal import LinearAlgebra
internal import Networks

/// The second-order condition at a point that satisfies the first-order one.
///
/// Over activities where the rates are independent over the mini-batch, else over the weights of
/// a small network. For each choice of sides of the open units the form must be positive definite on
/// the directions that leave held units where they are: then the point is a strict local minimum.
/// (`P_α ≥ P_s + ε Σ|hⱼ|` near it, with `P_s` linear at held units, and such a sum grows along directions
/// that move them and by the curvature along the others.) Otherwise a lower point is sought along
/// directions of negative curvature, and counts only if `P_α` is proved lower there.
struct MinimumExamination {
    let problem: ProximalProblem
    let update: Parameters<Double>
    let pass: CertifyingPass
    private let sides: KinkSides
    private let form: Form

    /// Where the form lives.
    private enum Form {
        case activities(ActivityCurvature)
        case weights(WeightCurvature)
        case tooLarge
    }

    /// - Parameter tolerance: the bound that the implicit residual was found to keep.
    init(
        _ problem: ProximalProblem, _ update: Parameters<Double>, _ pass: CertifyingPass,
        tolerance: Double
    ) {
        self.problem = problem
        self.update = update
        self.pass = pass
        sides = KinkSides(problem, pass, updateNorm: problem.metricNorm(update), tolerance: tolerance)
        let weights = problem.network.updated(by: update).parameters.layers
        if let curvature = ActivityCurvature(problem, pass, weights: weights) {
            form = .activities(curvature)
        } else if let curvature = WeightCurvature(problem, update, pass) {
            form = .weights(curvature)
        } else {
            form = .tooLarge
        }
    }

    func verdict() -> MinimumVerdict {
        if case .tooLarge = form {
            return .notDecided(
                """
                more than \(ActivityCurvature.orderLimit) activities, or rates that depend on each other, \
                and more than \(WeightCurvature.orderLimit) weights
                """)
        }
        guard sides.open.count <= KinkSides.openLimit else {
            return .notDecided(
                """
                the kinks of \(sides.open.count) units decide nothing, and both sides of at most \
                \(KinkSides.openLimit) units are examined
                """)
        }
        var undecided: [(units: [KinkedUnit], curvature: CurvatureForm)] = []
        for choice in 0..<sides.choices {
            let units = sides.units(choice: choice, in: problem.network.architecture)
            let curvature = curvature(units)
            if !curvature.isPositiveDefinite { undecided.append((units, curvature)) }
        }
        if undecided.isEmpty { return .strict }
        let finder = LowerPointFinder(problem, update, pass)
        for (units, curvature) in undecided {
            for direction in curvature.negativeDirections().prefix(Self.directionLimit) {
                guard var lower = lowerPoint(finder, direction) else { continue }
                lower.sides = units
                return .saddle(lower)
            }
        }
        return .notDecided(
            """
            the curvature is not positive in every direction, and no lower point was found along those in \
            which it is negative
            """)
    }

    /// The number of directions tried for one choice of sides.
    private static let directionLimit = 8

    private func curvature(_ units: [KinkedUnit]) -> CurvatureForm {
        switch form {
        case .activities(let curvature):
            CurvatureForm(
                curvature.matrix(slopes: slopes(units)),
                without: Set(
                    sides.held.map {
                        curvature.coordinate(layer: $0.layer, unit: $0.unit, example: $0.example)
                    }))
        case .weights(let curvature):
            CurvatureForm(
                curvature.matrix(kinkedUnits: units),
                orthogonalTo: curvature.derivatives(of: sides.held, slopes: slopes(units)))
        case .tooLarge: CurvatureForm(Matrix(rows: 0, columns: 0), without: [])
        }
    }

    private func lowerPoint(_ finder: LowerPointFinder, _ direction: [Double]) -> LowerPoint? {
        switch form {
        case .activities(let curvature):
            finder.lowerPoint(alongActivities: curvature.blocks(direction))
        case .weights: finder.lowerPoint(alongWeights: update.filled(with: direction))
        case .tooLarge: nil
        }
    }

    /// φ′ of all hidden units, with the given ones at kinks.
    private func slopes(_ units: [KinkedUnit]) -> [Matrix<Double>] {
        var result = pass.slopes.map(\.center)
        for unit in units { result[unit.layer - 1][unit.unit, unit.example] = unit.slope }
        return result
    }
}
