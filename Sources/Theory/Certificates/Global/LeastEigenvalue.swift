internal import Intervals
internal import LinearAlgebra

/// A proved lower bound of the eigenvalues of every symmetric matrix of an interval matrix.
enum LeastEigenvalue {
    /// - Parameter matrix: the lower triangle, row by row.
    ///
    /// With middle `C` and radii `R`, the least eigenvalue is at least that of `C` less `‖R‖∞`; that of `C` is above `τ`
    /// if elimination of `C − τI` in interval arithmetic finds positive pivots. `τ` comes from an eigendecomposition in
    /// double precision, a little reduced; whatever it is, the pivots decide. Where they do not, Gershgorin's discs are left.
    static func lowerBound(_ matrix: [[Interval]]) -> Double {
        let order = matrix.count
        guard order > 0, matrix.allSatisfy({ $0.allSatisfy(\.isFinite) }) else { return order == 0 ? .infinity : -.infinity }
        var sums = Array(repeating: Interval.zero, count: order)
        let center = Matrix<Double>(rows: order, columns: order) { i, j in i >= j ? matrix[i][j].midpoint : 0 }
        for i in 0..<order {
            for j in 0...i {
                let radius = Interval(matrix[i][j].radius)
                sums[i] = sums[i] + radius
                if i != j { sums[j] = sums[j] + radius }
            }
        }
        let spread = sums.reduce(0) { max($0, $1.upper) }
        guard let found = try? SymmetricEigendecomposition(center).values else { return discs(matrix) }
        let size = max(abs(found[0]), abs(found[order - 1]))
        var margin = 16 * Double(order) * Double.ulpOfOne * size
        for _ in 0..<4 {
            let shift = found[0] - margin
            if hasPositivePivots(center, less: shift) { return (Interval(shift) - Interval(spread)).lower }
            margin *= 64
        }
        return discs(matrix)
    }

    /// Elimination of `C − τI`: all pivots positive, so it is positive definite.
    private static func hasPositivePivots(_ center: Matrix<Double>, less shift: Double) -> Bool {
        let order = center.rows
        var rows = (0..<order).map { i in
            (0...i).map { j in i == j ? Interval(center[i, i]) - Interval(shift) : Interval(center[i, j]) }
        }
        for k in 0..<order {
            guard rows[k][k].lower > 0 else { return false }
            for i in k + 1..<max(order, k + 1) {
                let factor = rows[i][k] / rows[k][k]
                for j in k + 1..<max(i + 1, k + 1) { rows[i][j] = rows[i][j] - factor * rows[j][k] }
            }
        }
        return true
    }

    private static func discs(_ matrix: [[Interval]]) -> Double {
        var least = matrix.indices.map { Interval(matrix[$0][$0].lower) }
        for i in matrix.indices {
            for j in 0..<i {
                let size = Interval(matrix[i][j].magnitude)
                least[i] = least[i] - size
                least[j] = least[j] - size
            }
        }
        return least.reduce(.infinity) { min($0, $1.lower) }
    }
}
