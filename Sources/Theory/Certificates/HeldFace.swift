internal import ImplicitSGD
internal import Intervals
internal import LinearAlgebra
internal import Networks

/// The activities with some units held on their kinks: where `E` is smooth, and what is solved there.
///
/// Points are vectors of all activities, layer by layer and example by example; held units are 0 in them.
struct HeldFace {
    private let shapes: [(rows: Int, columns: Int)]
    /// Whether each coordinate's unit has a kink.
    private let kinks: [Bool]
    /// The coordinates of units that are held.
    private(set) var held: [Int]
    /// The other coordinates.
    private(set) var free: [Int]

    /// Holds nothing.
    init(_ problem: ProximalProblem) {
        let architecture = problem.network.architecture
        shapes = architecture.widths.dropFirst().map { ($0, problem.batch.size) }
        kinks = architecture.widths.indices.dropFirst().flatMap { n in
            let hasKink = n < architecture.depth && architecture.activation(ofLayer: n).kink != nil
            return Array(repeating: hasKink, count: architecture.widths[n] * problem.batch.size)
        }
        held = []
        free = Array(kinks.indices)
    }

    /// Holds the units with kinks whose activity may be 0.
    init(_ problem: ProximalProblem, _ activities: [BallMatrix]) {
        self.init(problem)
        let entries = activities.flatMap(\.entries)
        held = entries.indices.filter { kinks[$0] && entries[$0].contains(0) }
        free = entries.indices.filter { !(kinks[$0] && entries[$0].contains(0)) }
    }

    /// Holds one unit more. Which units are held is a guess that a proof confirms or not.
    mutating func hold(layer n: Int, unit: Int, example: Int) {
        let first = shapes[0..<(n - 1)].reduce(0) { $0 + $1.rows * $1.columns }
        let coordinate = first + example * shapes[n - 1].rows + unit
        held = (held + [coordinate]).sorted()
        free.removeAll { $0 == coordinate }
    }

    /// The middles of activities, with held units on their kinks.
    func point(_ activities: [BallMatrix]) -> [Double] {
        var point = activities.flatMap(\.center.elements)
        for k in held { point[k] = 0 }
        return point
    }

    /// All activities within `radius` of the point, held units excepted.
    func box(_ point: [Double], _ radius: Double) -> [BallMatrix] {
        var radii = Array(repeating: radius, count: point.count)
        for k in held { radii[k] = 0 }
        var first = 0
        return shapes.map { rows, columns in
            let start = first
            first += rows * columns
            return BallMatrix(
                center: Matrix(rows: rows, columns: columns) { i, j in point[start + i + j * rows] },
                radius: Matrix(rows: rows, columns: columns) { i, j in radii[start + i + j * rows] })
        }
    }

    /// A free unit that can reach its kink within `radius` of the point.
    func unitNearKink(_ point: [Double], within radius: Double) -> Int? {
        free.first { kinks[$0] && abs(point[$0]) <= radius }
    }

    /// Whether the unit of a coordinate has a kink.
    func hasKink(_ coordinate: Int) -> Bool { kinks[coordinate] }

    /// Values of the units of a hidden layer, 0 where a unit is held.
    func clearingHeld(_ values: BallMatrix, layer n: Int) -> BallMatrix {
        if held.isEmpty { return values }
        let first = shapes[0..<(n - 1)].reduce(0) { $0 + $1.rows * $1.columns }
        var result = values
        for k in held where k >= first && k < first + values.rows * values.columns {
            result[(k - first) % values.rows, (k - first) / values.rows] = .zero
        }
        return result
    }

    /// The layer, the unit and the example of a coordinate.
    func place(_ coordinate: Int) -> (layer: Int, unit: Int, example: Int) {
        var (rest, layer) = (coordinate, 0)
        while rest >= shapes[layer].rows * shapes[layer].columns {
            rest -= shapes[layer].rows * shapes[layer].columns
            layer += 1
        }
        return (layer + 1, rest % shapes[layer].rows, rest / shapes[layer].rows)
    }

    /// The rows and columns of free units.
    func restricted(_ hessian: BallMatrix) -> BallMatrix {
        if held.isEmpty { return hessian }
        func part(_ matrix: Matrix<Double>) -> Matrix<Double> {
            Matrix(rows: free.count, columns: free.count) { i, j in matrix[free[i], free[j]] }
        }
        return BallMatrix(center: part(hessian.center), radius: part(hessian.radius))
    }

    /// The entries of free units as a column.
    func restricted(_ gradient: [Interval]) -> BallMatrix {
        BallMatrix(rows: free.count, columns: 1) { i, _ in gradient[free[i]] }
    }
}
