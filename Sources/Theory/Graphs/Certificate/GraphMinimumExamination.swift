internal import ImplicitSGD
internal import LinearAlgebra
internal import Networks

/// The second-order condition at a point of a graph that satisfies the first-order one.
///
/// Where there are few parameters `α∇²P` is formed column by column, on the directions that leave held units where they are,
/// and factorized with a margin for rounding, for each choice of sides of the units that may leave their kinks. Where
/// there are many, Lanczos's method looks for a direction of negative curvature: it can refuse, and cannot confirm.
struct GraphMinimumExamination {
    private let problem: GraphProblem
    private let update: Parameters<Double>
    private let kinks: GraphKinks

    /// The largest number of parameters of which a Hessian is formed.
    static let orderLimit = 1200
    private static let sidesLimit = 64
    private static let productLimit = 60

    init(_ problem: GraphProblem, _ update: Parameters<Double>, _ kinks: GraphKinks) {
        self.problem = problem
        self.update = update
        self.kinks = kinks
    }

    /// - Throws: `GraphRefusal.saddle` where a lower point was found.
    func verdict() throws(GraphRefusal) -> GraphMinimum {
        let open = kinks.open
        let patterns = open.reduce(1.0) { $0 * Double($1.count) }
        guard patterns <= Double(Self.sidesLimit) else {
            return .notDecided(
                "\(open.count) units or groups of units on kinks may leave them at no first-order cost", curvature: nil)
        }
        var lowest: Double?
        for number in 0..<Int(patterns) {
            var objective = kinks.objective
            let sided = sided(open, number)
            let leaving = Set(sided.map(\.place))
            objective.hold(
                kinks.leaders.filter { !leaving.contains($0.place) },
                fixing: kinks.units.filter { !leaving.contains($0.place) } + sided, at: update)
            guard var curvature = GraphCurvature(objective) else {
                return .notDecided("units on kinks can leave them only together", curvature: nil)
            }
            if update.count <= Self.orderLimit {
                if let value = try lowestIfNotPositive(curvature.matrix()) {
                    return .notDecided(
                        "the smallest curvature is not positive within rounding, and no lower point was found",
                        curvature: value)
                }
            } else {
                guard let pair = curvature.lowest(productLimit: Self.productLimit) else { continue }
                lowest = min(lowest ?? .infinity, pair.value)
                if pair.value < 0 { try search(pair.direction, pair.value) }
            }
        }
        if update.count <= Self.orderLimit { return .strict }
        return .notDecided(
            "with \(update.count) parameters no Hessian is factorized; Lanczos's method found \(lowest.map { $0 < 0 } ?? true ? "no lower point" : "no negative curvature") in \(Self.productLimit) products",
            curvature: lowest)
    }

    /// The units of the open groups, each group on one of its sides.
    private func sided(_ open: [[[KinkedUnit]]], _ number: Int) -> [KinkedUnit] {
        var rest = number
        return open.flatMap { sides in
            defer { rest /= sides.count }
            return sides[rest % sides.count]
        }
    }

    /// The smallest eigenvalue of `∇²P`; `nil` if `α∇²P` is positive definite with a margin for rounding.
    ///
    /// - Throws: `GraphRefusal.saddle` if there is a lower point along its direction.
    private func lowestIfNotPositive(_ matrix: Matrix<Double>) throws(GraphRefusal) -> Double? {
        var reduced = matrix
        let order = matrix.rows
        let margin = Double(order) * 0x1p-50 * max(1, matrix.maximumMagnitude)
        for k in 0..<order { reduced[k, k] -= margin }
        if (try? CholeskyFactorization(reduced)) != nil { return nil }
        guard let pairs = try? SymmetricEigendecomposition(matrix), let value = pairs.values.first else { return .nan }
        var direction = update
        direction.fill(pairs.vectors.column(0))
        try search(direction, value / problem.learningRate)
        return value / problem.learningRate
    }

    /// - Throws: `GraphRefusal.saddle` if `P_α` is visibly lower along the direction.
    private func search(_ direction: Parameters<Double>, _ value: Double) throws(GraphRefusal) {
        let before = problem.objective(after: update)
        var length = value < 0 ? (2 * before / -value).squareRoot() : update.norm
        let shortest = 1e-7 * length
        while length > shortest {
            for sign in [1.0, -1] {
                var target = update
                target.add(direction, scaledBy: sign * length / direction.norm)
                let decrease = before - problem.objective(after: target)
                if decrease > 1e-12 * before { throw .saddle(decrease: decrease) }
            }
            length /= 4
        }
    }
}

extension Parameters<Double> {
    /// The elements in the order of `flattened`.
    fileprivate mutating func fill(_ elements: [Double]) {
        var next = 0
        for n in layers.indices {
            let (start, count) = (next, layers[n].count)
            layers[n].withMutablePointer { target in for k in 0..<count { target[k] = elements[start + k] } }
            next += count
        }
    }
}
