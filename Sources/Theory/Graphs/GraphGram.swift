internal import ImplicitSGD
package import LinearAlgebra
internal import Networks

/// `RRᵀ` for rows `R` of a Jacobian of a graph, tensor by tensor, without the Jacobian.
///
/// Row `p` of example `i` has the derivative `EₚPᵢᵀ` by the weights of a map: `Eₚ` its signals at the map's output (channels ×
/// places), `Pᵢ` the patches that the map sees. Two ways lead to the inner products of two rows, and the cheaper one is taken:
///
/// - by the parameters, `⟨EₚPᵢᵀ, E_qPⱼᵀ⟩` as it stands;
/// - by the patches, `⟨Eₚ(PᵢᵀPⱼ), E_q⟩`, where a product of patches serves all rows of two examples, and nothing has the size
///   of the weights.
///
/// A tensor that is used in several places has the sum of their derivatives, so it goes the first way. With one place and
/// one column for each row the second way is the product of Gram matrices that chains have (`WeightSpaceKernel`).
package struct GraphGram {
    /// The rows with those of an example side by side, and where each of them was.
    private let rows: [GraphRow]
    private let order: [Int]
    /// The first row of each example, and the end.
    private let starts: [Int]
    private let signals: RowSignals
    private let pass: GraphPass
    private var sum: Matrix<Double>
    private var multiplications = 0.0

    /// `RRᵀ`, and how many multiplications it took about.
    ///
    /// - Parameter pass: with slopes.
    package static func matrix(of rows: [GraphRow], at pass: GraphPass) -> (matrix: Matrix<Double>, multiplications: Double) {
        var gram = GraphGram(rows, pass)
        for tensor in pass.architecture.tensors.indices { gram.add(tensor) }
        return (gram.ordered, gram.multiplications)
    }

    private init(_ rows: [GraphRow], _ pass: GraphPass) {
        let examples = pass.logits.columns
        order = rows.indices.sorted { (rows[$0].example, $0) < (rows[$1].example, $1) }
        self.rows = order.map { rows[$0] }
        var counts = [Int](repeating: 0, count: examples)
        for row in rows { counts[row.example] += 1 }
        starts = counts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
        self.pass = pass
        signals = RowSignals(self.rows, through: pass)
        sum = Matrix(rows: rows.count, columns: rows.count)
    }

    /// The sum in the order of the rows; of blocks above the diagonal nothing is read.
    private var ordered: Matrix<Double> {
        var result = sum
        for q in order.indices {
            for p in q..<order.count {
                result[order[p], order[q]] = sum[p, q]
                result[order[q], order[p]] = sum[p, q]
            }
        }
        return result
    }

    // MARK: - Tensors

    /// An edge where a tensor is the weight or the bias of the map.
    private struct Use {
        let node: Int
        let edge: Int
        let map: WeightedMap
    }

    private mutating func add(_ tensor: Int) {
        let nodes = pass.architecture.nodes
        let uses = nodes.indices.flatMap { n in
            nodes[n].edges.enumerated().compactMap { k, edge in edge.weighted.map { Use(node: n, edge: k, map: $0) } }
        }
        let weights = uses.filter { $0.map.weight == tensor }
        let biases = uses.filter { $0.map.bias == tensor }
        if !biases.isEmpty { addBias(biases, channels: pass.architecture.tensors[tensor].rows) }
        guard let first = weights.first else { return }
        let size = pass.architecture.tensors[tensor].rows * pass.architecture.tensors[tensor].columns
        let (byPatches, byWeights) = (costByPatches(first.map.layer), costByWeights(first.map.layer, size))
        multiplications += min(byPatches, byWeights)
        if weights.count == 1 && first.map.layer.groups == 1 && byPatches < byWeights {
            addByPatches(first)
        } else {
            addByWeights(weights, size: size)
        }
    }

    /// A bias has the sum of the signals over the places where it is used.
    private mutating func addBias(_ uses: [Use], channels: Int) {
        var sums = Matrix<Double>(rows: channels, columns: rows.count)
        for use in uses {
            let signal = signals.returned[use.node][use.edge]
            let places = signal.rows / channels
            sums.withMutablePointer { target in
                signal.withPointer { e in
                    for row in 0..<signal.columns {
                        for place in 0..<places {
                            Double._axpy(channels, 1, e + row * signal.rows + place * channels, target + row * channels)
                        }
                    }
                }
            }
        }
        sum.assignProduct(sums, .transposed, sums, keep: 1)
    }

    // MARK: - By the weights

    private func costByWeights(_ layer: any Layer, _ size: Int) -> Double {
        let count = Double(rows.count)
        return Double(size) * count * (Double(layer.positions) + count / 2)
    }

    /// So many entries of derivatives are kept at once, 256 MiB.
    private static let derivativeLimit = 1 << 25

    private mutating func addByWeights(_ uses: [Use], size: Int) {
        let block = max(1, Self.derivativeLimit / size)
        let blocks = stride(from: 0, to: rows.count, by: block).map { $0..<min($0 + block, rows.count) }
        for (number, left) in blocks.enumerated() {
            let those = derivatives(uses, size: size, left)
            for right in blocks[number...] {
                let these = right == left ? those : derivatives(uses, size: size, right)
                let (order, corner) = (sum.rows, right.lowerBound + left.lowerBound * sum.rows)
                sum.withMutablePointer { target in
                    these.withPointer { a in
                        those.withPointer { b in
                            Double._gemm(
                                .transposed, .none, right.count, left.count, size, 1, a, size, b, size, 1, target + corner,
                                order)
                        }
                    }
                }
            }
        }
    }

    /// The derivatives of some rows by one tensor, a column for each.
    private func derivatives(_ uses: [Use], size: Int, _ range: Range<Int>) -> Matrix<Double> {
        var result = Matrix<Double>(rows: size, columns: range.count)
        for (column, row) in range.enumerated() {
            let example = rows[row].example
            for use in uses {
                let layer = use.map.layer
                var derivative = Matrix<Double>(rows: layer.weightRows, columns: layer.weightColumns)
                layer.pullBackToWeights(
                    signals.returned[use.node][use.edge].columns(row..<row + 1),
                    pass.entered[use.node][use.edge].columns(example..<example + 1), scale: 1, keep: 0, into: &derivative)
                if use.map.orientation == .transposed { derivative = derivative.transposed }
                result.withMutablePointer { target in
                    derivative.withPointer { Double._axpy(size, 1, $0, target + column * size) }
                }
            }
        }
        return result
    }

    // MARK: - By the patches

    private func costByPatches(_ layer: any Layer) -> Double {
        let (count, examples, places) = (Double(rows.count), Double(starts.count - 1), Double(layer.positions))
        let channels = Double(layer.weightRows)
        return places * examples * places * examples * Double(layer.weightColumns) / 2
            + count * examples * channels * places * places / 2 + count * count * channels * places / 2
    }

    /// So many entries of products of signals and patches are kept at once, 64 MiB.
    private static let productLimit = 1 << 23

    private mutating func addByPatches(_ use: Use) {
        let layer = use.map.layer
        let patches = layer.regressors(pass.entered[use.node][use.edge])
        let signal = signals.returned[use.node][use.edge]
        let (examples, places, seen) = (starts.count - 1, layer.positions, patches.rows)
        let (channels, width) = (layer.weightRows, signal.rows)
        for i in 0..<examples where starts[i] < starts[i + 1] {
            let rest = (examples - i) * places
            // PᵢᵀPⱼ for all j from i on.
            var products = Matrix<Double>(uninitializedRows: places, columns: rest)
            products.withMutablePointer { target in
                patches.withPointer { p in
                    let own = p + i * places * seen
                    Double._gemm(.transposed, .none, places, rest, seen, 1, own, seen, own, seen, 0, target, places)
                }
            }
            let block = max(1, Self.productLimit / (channels * rest))
            for first in stride(from: starts[i], to: starts[i + 1], by: block) {
                let range = first..<min(first + block, starts[i + 1])
                var moved = Matrix<Double>(uninitializedRows: channels * rest, columns: range.count)
                moved.withMutablePointer { target in
                    signal.withPointer { e in
                        products.withPointer { k in
                            for (column, row) in range.enumerated() {
                                Double._gemm(
                                    .none, .none, channels, rest, places, 1, e + row * width, channels, k, places, 0,
                                    target + column * channels * rest, channels)
                            }
                        }
                    }
                }
                addProducts(of: signal, moved, range, from: i)
            }
        }
    }

    /// `⟨E_q, EₚPᵢᵀPⱼ⟩` for the rows `p` in `range` and all `q` of examples `j ≥ i`.
    private mutating func addProducts(of signal: Matrix<Double>, _ moved: Matrix<Double>, _ range: Range<Int>, from i: Int) {
        let (starts, width, order) = (starts, signal.rows, sum.rows)
        sum.withMutablePointer { target in
            signal.withPointer { e in
                moved.withPointer { m in
                    for j in i..<starts.count - 1 where starts[j] < starts[j + 1] {
                        Double._gemm(
                            .transposed, .none, starts[j + 1] - starts[j], range.count, width, 1, e + starts[j] * width,
                            width, m + (j - i) * width, moved.rows, 1, target + starts[j] + range.lowerBound * order, order)
                    }
                }
            }
        }
    }
}
