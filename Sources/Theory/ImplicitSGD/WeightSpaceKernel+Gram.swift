internal import LinearAlgebra
internal import Networks

/// The tangent kernel, assembled from Gram matrices of rates and signals pulled back from the rows.
extension WeightSpaceKernel {
    /// `RDRᵀ/α`, the lower triangle.
    static func gram(
        _ point: WeightSpacePoint<Scalar>, rows: [Row], outputRoots: [Matrix<Scalar>], _ learningRates: LearningRates
    ) -> Matrix<Scalar> {
        let (architecture, pass) = (point.architecture, point.pass)
        let depth = architecture.depth
        let outputWidth = architecture.outputWidth
        let outputCount = outputRoots.count * outputWidth
        let count = outputCount + rows.count
        let examples = (0..<outputCount).map { $0 / outputWidth }
            + rows.map { $0.index / architecture.widths[$0.layer] }
        var result = Matrix<Scalar>(rows: count, columns: count)
        var signals = Matrix<Scalar>(rows: outputWidth, columns: outputCount)
        for (example, root) in outputRoots.enumerated() {
            for k in 0..<outputWidth {
                for i in 0..<outputWidth { signals[i, example * outputWidth + k] = root[i, k] }
            }
        }
        for n in stride(from: depth - 1, through: 0, by: -1) {
            if n + 1 < depth { signals = pulledBack(signals, through: n + 1, pass, examples: examples) }
            var products = Matrix<Scalar>(rows: signals.columns, columns: signals.columns)
            products.assignSymmetricProduct(signals, .transposed)
            var rates = Matrix<Scalar>(rows: pass.logits.columns, columns: pass.logits.columns)
            let multiple = Scalar(learningRates.multiple(ofLayer: n))
            let held = point.problem.held
            if !held.holdsWeights(ofLayer: n) {
                rates.assignProduct(pass.rates[n], .transposed, pass.rates[n], scale: multiple)
            }
            let bias = architecture.biases[n] && !held.holdsBias(ofLayer: n) ? multiple : 0
            add(products, weightedBy: rates, bias: bias, examples: examples, to: &result)
            guard n + 1 < depth else { continue }
            let units = rows.filter { $0.layer == n + 1 }
            signals = appending(units, to: signals, height: architecture.widths[n + 1])
            add(units, signals: signals, weightedBy: rates, bias: bias, examples: examples, to: &result)
        }
        return result
    }

    /// `φ′ₙ ⊙ Wₙᵀ J`, each column with the slopes of its own example.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    private static func pulledBack(
        _ signals: Matrix<Scalar>, through n: Int, _ pass: Pass<Scalar>, examples: [Int]
    ) -> Matrix<Scalar> {
        let width = pass.architecture.widths[n]
        var result = Matrix<Scalar>(rows: width, columns: signals.columns)
        result.assignProduct(pass.weights.layers[n], .transposed, signals, width: width)
        result.withMutablePointer { target in
            pass.slopes[n].withPointer { slopes in
                for column in 0..<signals.columns {
                    let (output, slope) = (target + column * width, slopes + examples[column] * width)
                    for i in 0..<width { output[i] *= slope[i] }
                }
            }
        }
        return result
    }

    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    private static func appending(
        _ rows: [Row], to signals: Matrix<Scalar>, height: Int
    ) -> Matrix<Scalar> {
        let before = signals.columns
        var result = Matrix<Scalar>(rows: height, columns: before + rows.count)
        result.withMutablePointer { target in
            signals.withPointer { target.update(from: $0, count: height * before) }
            for (k, row) in rows.enumerated() {
                target[(before + k) * height + row.index % height] = Scalar(row.scale)
            }
        }
        return result
    }

    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    private static func add(
        _ products: Matrix<Scalar>, weightedBy rates: Matrix<Scalar>, bias: Scalar,
        examples: [Int], to result: inout Matrix<Scalar>
    ) {
        let (count, order) = (products.columns, result.rows)
        result.withMutablePointer { target in
            products.withPointer { product in
                rates.withPointer { rate in
                    for q in 0..<count {
                        let weights = rate + examples[q] * rates.rows
                        for p in q..<count {
                            target[p + q * order] +=
                                (weights[examples[p]] + bias) * product[p + q * count]
                        }
                    }
                }
            }
        }
    }

    /// The entries of units of the layer itself, the last columns of `signals`: each has its scale at its own unit and
    /// nothing elsewhere, so a product with it is one entry of the other column.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    private static func add(
        _ units: [Row], signals: Matrix<Scalar>, weightedBy rates: Matrix<Scalar>, bias: Scalar,
        examples: [Int], to result: inout Matrix<Scalar>
    ) {
        let (height, order, before) = (signals.rows, result.rows, signals.columns - units.count)
        let places = units.map { $0.index % height }
        let scales = units.map { Scalar($0.scale) }
        result.withMutablePointer { target in
            signals.withPointer { signal in
                rates.withPointer { rate in
                    for q in 0..<signals.columns {
                        let (weights, column) = (rate + examples[q] * rates.rows, signal + q * height)
                        for p in max(q, before)..<signals.columns {
                            let product = scales[p - before] * column[places[p - before]]
                            target[p + q * order] += (weights[examples[p]] + bias) * product
                        }
                    }
                }
            }
        }
    }
}
