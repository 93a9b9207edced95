package import LinearAlgebra
public import Networks

/// A node of a graph: its activity is the sum over its edges, its rate the activation of that.
public struct GraphNode: Sendable {
    public let name: String
    public let shape: ActivityShape
    public let activation: Activation
    package let edges: [GraphEdge]
}

/// An edge: fixed maps, at most one map with parameters, and fixed maps again, applied to the rates of `source`.
package struct GraphEdge: Sendable {
    /// 0 is the input, `n` the `n`-th node.
    package let source: Int
    package let before: [any FixedMap]
    package let weighted: WeightedMap?
    package let after: [any FixedMap]

    /// What the map with parameters is given: the rates through the first maps.
    package func enter(_ rates: Matrix<Double>) -> Matrix<Double> {
        before.reduce(rates) { $1.apply($0) }
    }

    /// What the node is given of what the map with parameters makes.
    package func leave(_ prediction: Matrix<Double>) -> Matrix<Double> {
        after.reduce(prediction) { $1.apply($0) }
    }

    /// The transpose of `leave`.
    package func pullBackLeaving(_ errors: Matrix<Double>) -> Matrix<Double> {
        after.reversed().reduce(errors) { $1.pullBack($0) }
    }

    /// The transpose of `enter`.
    package func pullBackEntering(_ errors: Matrix<Double>) -> Matrix<Double> {
        before.reversed().reduce(errors) { $1.pullBack($0) }
    }
}
