internal import Graphs
package import LinearAlgebra
package import Networks

extension GraphDesign {
    /// `A⁺e`, the least change of the parameters that moves the predictions nearest to `e`, and whether iterations ended for
    /// reaching it.
    ///
    /// Where no tensor is used twice and every node has one map with parameters at the end of its one edge, `AAᵀ` is block
    /// diagonal and every node has a least-norm problem of its own, with its patches as regressors. Else by conjugate
    /// gradients on the normal equations, from zero.
    ///
    /// - Throws: `RuleError.unsolved`.
    package func leastNorm(
        _ errors: PerLayer<Matrix<Double>>
    ) throws(RuleError) -> (update: Parameters<Double>, products: Int) {
        // It is for the caller to see that the network has diverged, and not for a factorization to fail on it.
        guard errors.allSatisfy({ $0.isFinite() }), entered.allSatisfy({ $0.allSatisfy { $0.isFinite() } }) else {
            let unknown = architecture.zero.layers.map { Matrix(rows: $0.rows, columns: $0.columns) { _, _ in Double.nan } }
            return (Parameters(layers: unknown), 0)
        }
        if isSeparable { return (try separate(errors), 0) }
        return try iterated(errors)
    }

    /// Whether `AAᵀ` has a block for each node, the same for all its channels.
    private var isSeparable: Bool {
        let maps = architecture.nodes.flatMap { $0.edges.compactMap(\.weighted) }
        let used = maps.map(\.weight) + maps.compactMap(\.bias)
        return Set(used).count == used.count
            && architecture.nodes.allSatisfy { node in
                let weighted = node.edges.filter { $0.weighted != nil }
                return weighted.count == 1 && weighted[0].after.allSatisfy { $0 is Flattening }
                    && weighted[0].weighted?.layer.groups == 1
            }
    }

    private func separate(_ errors: PerLayer<Matrix<Double>>) throws(RuleError) -> Parameters<Double> {
        var result = Parameters(layers: architecture.tensors.map { Matrix<Double>($0) })
        for n in architecture.nodes.indices {
            for (edge, given) in zip(architecture.nodes[n].edges, entered[n]) {
                guard let map = edge.weighted else { continue }
                let plain = map.layer.regressors(given)
                let regressors = map.bias == nil ? plain : plain.appendingRowOfOnes()
                // One row for each channel, one column for each place of each example.
                let error = edge.pullBackLeaving(errors[n])
                    .reshaped(rows: map.layer.weightRows, columns: regressors.columns)
                let solution: Matrix<Double>
                do {
                    solution = try LeastNormSolution(
                        regressors.transposed, error.transposed, relativeTolerance: Self.dependence
                    ).solution.transposed
                } catch {
                    throw .unsolved("the least-norm update of node \"\(architecture.nodes[n].name)\": \(error)")
                }
                let weights = solution.columns(0..<plain.rows)
                result.layers[map.weight] = map.orientation == .none ? weights : weights.transposed
                if let bias = map.bias { result.layers[bias] = solution.columns(plain.rows..<solution.columns) }
            }
        }
        return result
    }

    /// Singular values below this part of the largest count as zero.
    private static let dependence = 1e-10

    private func iterated(
        _ errors: PerLayer<Matrix<Double>>
    ) throws(RuleError) -> (update: Parameters<Double>, products: Int) {
        var rest = errors
        var normal = pullBack(errors)
        var update = 0 * normal
        var direction = normal
        var square = normal.dot(normal)
        let goal = square * 1e-24
        var products = 0
        while square > goal {
            guard products < Self.productLimit else {
                throw .unsolved("the least-norm update: \(Self.productLimit) products reached a relative residual of \((square / (goal * 1e24)).squareRoot())")
            }
            let image = apply(direction)
            products += 1
            let size = image.reduce(0) { $0 + $1.squaredNorm }
            guard size > 0 else { break }
            let length = square / size
            update.add(direction, scaledBy: length)
            for n in rest.indices { rest[n].add(image[n], scaledBy: -length) }
            normal = pullBack(rest)
            let next = normal.dot(normal)
            direction.scale(by: next / square)
            direction.add(normal)
            square = next
        }
        return (update, products)
    }

    private static let productLimit = 5000
}
