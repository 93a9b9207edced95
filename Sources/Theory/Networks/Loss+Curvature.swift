public import LinearAlgebra

extension Loss {
    /// The Hessian `∂²ℓ/∂h²` of one example, `d × d`, positive semidefinite.
    ///
    /// Identity; `Σy·(diag σ − σσᵀ)`; `diag σ(h)σ(−h)`.
    ///
    /// - Parameter example: the column of `logits` and `targets`.
    /// - Parameter logits: `d × B`, one example in each column.
    /// - Parameter targets: of the same shape.
    public func hessian(
        _ logits: Matrix<Double>, targets: Matrix<Double>, example: Int
    ) -> Matrix<Double> {
        let d = logits.rows
        var result = Matrix<Double>(rows: d, columns: d)
        addHessian(logits, targets: targets, example: example, scale: 1, to: &result, at: 0)
        return result
    }

    /// `block ← block + scale · ∂²ℓ/∂h²` on the diagonal part of `block` that begins at `offset`.
    package func addHessian(
        _ logits: Matrix<Double>, targets: Matrix<Double>, example: Int, scale: Double,
        to block: inout Matrix<Double>, at offset: Int
    ) {
        let d = logits.rows
        logits.withPointer { allLogits in
            targets.withPointer { allTargets in
                let h = allLogits + example * d
                let y = allTargets + example * d
                switch self {
                case .squaredError:
                    for i in 0..<d { block[offset + i, offset + i] += scale }
                case .softmaxCrossEntropy:
                    let z = Softmax(h, d)
                    var mass = 0.0
                    for i in 0..<d { mass += y[i] }
                    for j in 0..<d {
                        let pj = z.probability(h[j])
                        for i in 0..<d where i != j {
                            block[offset + i, offset + j] -= scale * mass * z.probability(h[i]) * pj
                        }
                        block[offset + j, offset + j] +=
                            scale * mass * pj * z.complement(of: pj, isMaximum: j == z.index)
                    }
                case .sigmoidCrossEntropy:
                    for i in 0..<d {
                        block[offset + i, offset + i] += scale * Activation.logisticSlope(h[i])
                    }
                }
            }
        }
    }

    /// `product ← (∂²ℓ/∂h²) direction`, column by column, in `O(d)` for each example.
    @specialized(where S == Double)
    @specialized(where S == Float)
    public func hessianProduct<S: BLASScalar>(
        _ logits: Matrix<S>, targets: Matrix<S>, direction: Matrix<S>, into product: inout Matrix<S>
    ) {
        let d = logits.rows
        product.withMutablePointer { output in
            logits.withPointer { allLogits in
                targets.withPointer { allTargets in
                    direction.withPointer { allDirections in
                        for column in 0..<logits.columns {
                            let h = allLogits + column * d
                            let y = allTargets + column * d
                            let v = allDirections + column * d
                            let p = output + column * d
                            switch self {
                            case .squaredError: p.update(from: v, count: d)
                            case .softmaxCrossEntropy:
                                let z = Softmax(h, d)
                                var mass: S = 0
                                // Relative to the direction's entry at the largest logit, so that
                                // a probability near 1 keeps the digits of its complement.
                                let origin = v[z.index]
                                var mean: S = 0
                                for i in 0..<d {
                                    p[i] = z.probability(h[i])
                                    mass += y[i]
                                    mean += p[i] * (v[i] - origin)
                                }
                                for i in 0..<d { p[i] = mass * p[i] * ((v[i] - origin) - mean) }
                            case .sigmoidCrossEntropy:
                                for i in 0..<d { p[i] = Activation.logisticSlope(h[i]) * v[i] }
                            }
                        }
                    }
                }
            }
        }
    }
}
