internal import LinearAlgebra
internal import PropertyTesting

/// Mistakes that the check of T17 must catch.
enum LinearGraphVariant: Sendable { case correct, nodesApart, meanOfNodes, truncated, naive(NaiveGraph.Fault) }

/// What chains with shared matrices and graphs are judged by in T17.
protocol LinearGraph {
    /// `A(a)`, `e`, `w − w_b`, and a bound on the rounding of `e`.
    var matrix: Matrix<Double> { get }
    var errors: Matrix<Double> { get }
    var move: Matrix<Double> { get }
    var rounding: Double { get }
    /// The least-norm updates of all nodes on their own, added up where a parameter is shared, or averaged.
    func updatesApart() throws -> Matrix<Double>
    func meanOfUpdatesApart() throws -> Matrix<Double>
    /// The pass of `w_b + update` against the activities.
    func passMargin(_ update: Matrix<Double>, error: Double) throws -> Double
}

/// `A⁺e`, what a variant takes for it, a bound on its error, and `σ₁/σ_r` and `σ_r` of the kept singular values.
struct LinearGraphSolution {
    let update: Matrix<Double>
    let least: Matrix<Double>
    let error: Double
    let condition: Double
    let smallest: Double
}

extension LinearGraph {
    /// `A⁺e`, what a variant takes for it, and its error.
    func solve(_ variant: LinearGraphVariant) throws -> LinearGraphSolution {
        let least = try LeastNormSolution(matrix, errors, relativeTolerance: 1e-9)
        let largest = least.singularValues.first ?? 0
        let smallest = least.rank > 0 ? least.singularValues[least.rank - 1] : 0
        try assume(smallest > 0, "all rates zero")
        let isDecided = least.singularValues.allSatisfy { $0 > 1e-6 * largest || $0 < 1e-11 * largest }
        try assume(isDecided, "the rank of A is undecided")
        let condition = largest / smallest
        var update = least.solution
        switch variant {
        case .correct, .naive: break
        case .nodesApart: update = try updatesApart()
        case .meanOfNodes: update = try meanOfUpdatesApart()
        case .truncated: update = try LeastNormSolution(matrix, errors, relativeTolerance: 1.1 / condition).solution
        }
        let relative = 4 * Double(matrix.rows + matrix.columns + 8) * unitRoundoff * condition
        return LinearGraphSolution(
            update: update, least: least.solution,
            error: relative * (least.solution.norm + move.norm) + rounding / smallest, condition: condition,
            smallest: smallest)
    }
}
