internal import Graphs
internal import LinearAlgebra
internal import Networks
internal import PropertyTesting

/// `A(a)` and `e` of a graph at the activities of its point: `A` column by column from the definitions of the maps, the
/// activities from the passes of the module `Graphs`.
struct LinearGraphDesign: LinearGraph {
    private let graphCase: GraphCase
    private let architecture: GraphArchitecture
    private let naive: NaiveGraph
    private let names: [String]
    let matrix: Matrix<Double>
    let errors: Matrix<Double>
    /// `w − w_b`.
    let move: Matrix<Double>
    /// A bound on the rounding of `errors`.
    let rounding: Double
    /// The rows of each node.
    private let blocks: [Range<Int>]
    private let activities: [[Double]]

    init(_ graphCase: GraphCase, _ variant: LinearGraphVariant) throws {
        self.graphCase = graphCase
        architecture = try GraphArchitecture(graphCase.graph, tensors: graphCase.shapes)
        var naive = NaiveGraph(graph: graphCase.graph, shapes: graphCase.shapes)
        if case .naive(let fault) = variant { naive.fault = fault }
        self.naive = naive
        let sorted = graphCase.shapes.keys.sorted()
        names = sorted
        activities = try Self.pass(graphCase, architecture, graphCase.point)
        let counts = architecture.nodes.map { $0.shape.count * graphCase.inputs.columns }
        blocks = counts.indices.map { k in
            let first = counts[..<k].reduce(0, +)
            return first..<first + counts[k]
        }
        let columns = sorted.flatMap { name in (0..<(graphCase.base[name]?.count ?? 0)).map { (name, $0) } }
        var matrix = Matrix<Double>(rows: counts.reduce(0, +), columns: columns.count)
        let rates = Self.rates(graphCase, architecture, activities)
        for (k, column) in columns.enumerated() {
            var unit = graphCase.base.filter { $0.key == column.0 }.mapValues { $0.map { _ in 0.0 } }
            unit[column.0]?[column.1] = 1
            let image = Self.predictions(graphCase, naive, rates, unit, fixed: false)
            for i in image.indices { matrix[i, k] = image[i] }
        }
        let predicted = Self.predictions(graphCase, naive, rates, graphCase.base, fixed: true)
        let stacked = activities.flatMap { $0 }
        errors = Matrix(column: zip(stacked, predicted).map { $0 - $1 })
        let flat = { (values: [String: [Double]]) in Matrix(column: sorted.flatMap { values[$0] ?? [] }) }
        move = flat(graphCase.point) - flat(graphCase.base)
        rounding = Double(columns.count + 16) * unitRoundoff
            * (matrix.norm * (flat(graphCase.base).norm + flat(graphCase.point).norm) + Matrix(column: stacked).norm
                + Matrix(column: predicted).norm)
        self.matrix = matrix
    }

    /// The activities of every node, example after example, in the order of files.
    private static func pass(
        _ graphCase: GraphCase, _ architecture: GraphArchitecture, _ values: [String: [Double]]
    ) throws -> [[Double]] {
        let network = try GraphNetwork(architecture, values: values)
        var pass = GraphPass(
            architecture, parameters: network.parameters,
            inputs: GraphNetwork.arranged(graphCase.inputs, as: architecture.inputShape))
        pass.runForward()
        return architecture.nodes.indices.map { n in
            let shape = architecture.nodes[n].shape
            return (0..<graphCase.inputs.columns).flatMap { example in
                (0..<shape.count).map { pass.activities[n][shape.place(ofRowMajorIndex: $0), example] }
            }
        }
    }

    /// The rates of the input and every node, for each example.
    private static func rates(
        _ graphCase: GraphCase, _ architecture: GraphArchitecture, _ activities: [[Double]]
    ) -> [String: [NaiveGraph.Entries]] {
        let examples = graphCase.inputs.columns
        var result = [
            graphCase.graph.input: (0..<examples).map { (graphCase.inputs.column($0), graphCase.graph.inputShape) }
        ]
        for (node, values) in zip(architecture.nodes, activities) {
            var rates = Matrix(column: values)
            node.activation.evaluate(Matrix(column: values), into: &rates)
            let count = node.shape.count
            result[node.name] = (0..<examples).map {
                (Array(rates.elements[$0 * count..<($0 + 1) * count]), node.shape.dimensions)
            }
        }
        return result
    }

    /// `c(a) + A(a)v`, or `A(a)v` without the edges that have no parameters.
    private static func predictions(
        _ graphCase: GraphCase, _ naive: NaiveGraph, _ rates: [String: [NaiveGraph.Entries]],
        _ tensors: [String: [Double]], fixed: Bool
    ) -> [Double] {
        graphCase.graph.nodes.flatMap { node in
            (0..<graphCase.inputs.columns).flatMap { example in
                node.edges.reduce([Double]()) { sum, edge in
                    guard let given = rates[edge.source]?[example] else { return sum }
                    let isUsed = fixed || NaiveGraph.isWeighted(edge)
                    let made = naive.apply(edge, to: given, tensors).values.map { isUsed ? $0 : 0 }
                    return sum.isEmpty ? made : zip(sum, made).map { $0 + $1 }
                }
            }
        }
    }

    func updatesApart() throws -> Matrix<Double> { try apart { _ in 1 } }

    func meanOfUpdatesApart() throws -> Matrix<Double> { try apart { name in Double(max(1, uses(of: name))) } }

    /// Whether some tensor is used twice.
    var isShared: Bool { names.contains { uses(of: $0) > 1 } }

    private func uses(of name: String) -> Int {
        graphCase.graph.nodes.reduce(0) { sum, node in
            sum + node.edges.filter { edge in
                edge.maps.contains { $0.settings["weight"] == .text(name) || $0.settings["bias"] == .text(name) }
            }.count
        }
    }

    /// The least-norm updates of all nodes on their own, divided by `share` of each tensor.
    private func apart(_ share: (String) -> Double) throws -> Matrix<Double> {
        var result = Matrix<Double>(rows: matrix.columns, columns: 1)
        let shares = names.flatMap { name in Array(repeating: share(name), count: graphCase.base[name]?.count ?? 0) }
        for block in blocks {
            let rows = Matrix<Double>(rows: block.count, columns: matrix.columns) { matrix[block.lowerBound + $0, $1] }
            let part = Matrix<Double>(rows: block.count, columns: 1) { i, _ in errors[block.lowerBound + i, 0] }
            let own = try LeastNormSolution(rows, part, relativeTolerance: 1e-9).solution
            for k in 0..<own.rows { result[k, 0] += own[k, 0] / shares[k] }
        }
        return result
    }

    /// The pass of `w_b + update` against the activities.
    func passMargin(_ update: Matrix<Double>, error: Double) throws -> Double {
        var moved = graphCase.base
        var next = 0
        for name in names {
            for k in 0..<(moved[name]?.count ?? 0) {
                moved[name]?[k] += update[next, 0]
                next += 1
            }
        }
        let found = try Self.pass(graphCase, architecture, moved)
        var carried = [graphCase.graph.input: 0.0]
        var worst = WorstMargin()
        for (k, node) in graphCase.graph.nodes.enumerated() {
            let block = blocks[k]
            let design = Matrix<Double>(rows: block.count, columns: matrix.columns) { matrix[block.lowerBound + $0, $1] }
            var bound = error * design.norm + rounding
            for edge in node.edges {
                let source = architecture.nodes.first { $0.name == edge.source }
                let lipschitz = source?.activation.lipschitzConstant ?? 1
                bound += norm(of: edge, source, moved)
                    * (lipschitz * (carried[edge.source] ?? 0) + 16 * unitRoundoff * Matrix(column: activities[k]).norm)
            }
            carried[node.name] = bound
            let difference = Matrix(column: zip(found[k], activities[k]).map { $0 - $1 })
            worst.include(excessMargin(difference.norm, tolerance: bound))
        }
        return worst.value
    }

    /// The Frobenius norm of an edge as a map of rates, entry by entry.
    private func norm(of edge: EdgeDescription, _ source: GraphNode?, _ tensors: [String: [Double]]) -> Double {
        let shape = source?.shape.dimensions ?? graphCase.graph.inputShape
        let count = shape.reduce(1, *)
        let zero = naive.apply(edge, to: (Array(repeating: 0, count: count), shape), tensors).values
        var sum = 0.0
        for k in 0..<count {
            var unit = Array(repeating: 0.0, count: count)
            unit[k] = 1
            sum += zip(naive.apply(edge, to: (unit, shape), tensors).values, zero).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        }
        return sum.squareRoot()
    }
}
