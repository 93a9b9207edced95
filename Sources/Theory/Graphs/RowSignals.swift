internal import ImplicitSGD
internal import LinearAlgebra
internal import Networks

/// A row of a Jacobian of a graph: a combination of the activities of one example, whose derivatives by the parameters it is.
package struct GraphRow: Sendable {
    /// The example that it sees.
    package let example: Int
    /// What it sees: `weights[k]` times unit `units[k]` of node `node`.
    package let node: Int
    package let units: [Int]
    package let weights: [Double]

    package init(example: Int, node: Int, units: [Int], weights: [Double]) {
        self.example = example
        self.node = node
        self.units = units
        self.weights = weights
    }
}

/// The derivatives of rows by the activities, from one backward pass with a column for each row.
///
/// `returned[n][k]` has them for the output of the map with parameters on edge `k` of node `n`. A backward pass through
/// `R` rows costs as much as one through `R` examples.
struct RowSignals {
    private(set) var returned: PerLayer<[Matrix<Double>]>

    /// So many rows go through the graph together: their patches fit a cache of the last level or nearly.
    private static let block = 64

    /// - Parameter rows: in any order.
    /// - Parameter pass: with slopes.
    init(_ rows: [GraphRow], through pass: GraphPass) {
        let architecture = pass.architecture
        returned = architecture.nodes.mapValues { node in
            node.edges.map { edge in
                Matrix(uninitializedRows: edge.weighted?.layer.outputWidth ?? 0, columns: rows.count)
            }
        }
        for first in stride(from: 0, to: rows.count, by: Self.block) {
            run(rows[first..<min(first + Self.block, rows.count)], first, pass)
        }
    }

    private mutating func run(_ rows: ArraySlice<GraphRow>, _ first: Int, _ pass: GraphPass) {
        let architecture = pass.architecture
        var signals = architecture.nodes.mapValues { Matrix<Double>(rows: $0.shape.count, columns: rows.count) }
        for n in architecture.nodes.indices.reversed() {
            if n < architecture.depth { signals[n].scaleColumns(by: pass.slopes[n], of: rows.map(\.example)) }
            for (column, row) in rows.enumerated() where row.node == n {
                for (unit, weight) in zip(row.units, row.weights) { signals[n][unit, column] += weight }
            }
            for (k, edge) in architecture.nodes[n].edges.enumerated() {
                let signal = edge.pullBackLeaving(signals[n])
                if edge.weighted != nil { returned[n][k].replaceColumns(from: first, with: signal) }
                guard edge.source > 0 else { continue }
                let back = edge.weighted.map { $0.pullBack(signal, pass.parameters) } ?? signal
                signals[edge.source].add(edge.pullBackEntering(back))
            }
        }
    }
}

extension Matrix<Double> {
    /// Each column times, entry by entry, the column of `factors` that it is for.
    fileprivate mutating func scaleColumns(by factors: Matrix, of examples: [Int]) {
        let height = rows
        withMutablePointer { target in
            factors.withPointer { factor in
                for (column, example) in examples.enumerated() {
                    let (x, f) = (target + column * height, factor + example * height)
                    for i in 0..<height { x[i] *= f[i] }
                }
            }
        }
    }

    fileprivate mutating func replaceColumns(from first: Int, with other: Matrix) {
        let height = rows
        withMutablePointer { target in
            other.withPointer { (target + first * height).update(from: $0, count: other.count) }
        }
    }
}
