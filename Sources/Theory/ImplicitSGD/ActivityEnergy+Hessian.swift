package import LinearAlgebra
package import Networks

/// Matrices that the Hessian's assembly fills, made once for a solve.
package struct ActivityHessianWorkspace {
    /// `WₙᵀWₙ` without bias columns for `n = 1..<N`, lower triangles: it depends
    /// on `θ_b` only.
    package let weightGrams: PerLayer<Matrix<Double>>
    // The others serve mini-batches of more than one example, and are empty for one.
    /// `S⁺ = Wₙ⁺ᵀWₙ⁺`, lower triangles.
    package var updatedGrams: PerLayer<Matrix<Double>>
    /// `GₙAₙᵀ`, the projection onto the span of the rates (exactly so without bias).
    package var projections: PerLayer<Matrix<Double>>
    /// `Wₙ⁺` without bias columns.
    package var updatedWeights: PerLayer<Matrix<Double>>
}

/// The exact Hessian of `αE` at the last evaluated and differentiated point, block tridiagonal.
///
/// In the variables `(i, b)` (unit, example) with index `i + b·dₙ`, `S⁺ = Wₙ⁺ᵀWₙ⁺`, `Gₙ = mₙAₙKₙ⁻¹`
/// and `Dₙ = diag φ′ₙ`, the second derivative of layer `n`'s term with respect to `aₙ` is
///
/// `K⁻¹_{bc} S⁺_{ij} + C_{ic}G_{jb} + C_{jb}G_{ic} − (mMᵀM)_{bc}(I − GAᵀ)_{ij}`,
///
/// a Gauss–Newton part and one negative part: the only sources of nonconvexity besides φ″ are
/// the components of a rate change that leave the span of the present rates. For mini-batch 1 it is
/// the Hessian of `docs/theory.md` §7.
extension ActivityEnergy {
    package func makeWorkspace() -> ActivityHessianWorkspace {
        let hidden = architecture.hiddenLayers
        let none = PerLayer<Matrix<Double>>(from: 1, [])
        let squares = PerLayer(hidden) {
            Matrix<Double>(uninitializedRows: widths[$0], columns: widths[$0])
        }
        var grams = squares
        for n in hidden
        where examples > 1 || !DiagonalPlusLowRank.suits(order: widths[n], rank: widths[n + 1] + 1) {
            grams[n].assignSymmetricProduct(
                problem.network.parameters.layers[n], .transposed, width: widths[n])
        }
        let isSingle = examples == 1
        return ActivityHessianWorkspace(
            weightGrams: grams, updatedGrams: isSingle ? none : squares,
            projections: isSingle ? none : squares,
            updatedWeights: isSingle ? none : PerLayer(hidden) {
                Matrix(uninitializedRows: widths[$0 + 1], columns: widths[$0])
            })
    }

    /// Writes the Hessian into `hessian`, whatever it held.
    ///
    /// - Parameters:
    ///   - slopes: `φ′ₙ` for `n = 1..<N`.
    ///   - curvatures: `φ″ₙ`.
    package func assembleHessian(
        slopes: PerLayer<Matrix<Double>>, curvatures: PerLayer<Matrix<Double>>,
        workspace: inout ActivityHessianWorkspace, into hessian: inout BlockTridiagonalMatrix
    ) {
        for (block, n) in architecture.layers.enumerated() {
            if examples == 1 && n < depth {
                assignSingle(n, slopes, curvatures, workspace.weightGrams[n], to: &hessian)
                continue
            }
            hessian.diagonal[block].scale(by: 0)
            addPrecision(of: n, scaledBy: 1, to: &hessian.diagonal[block])
            if n == depth { break }
            updateWeightMatrices(n, &workspace)
            addRateCurvature(n, slopes[n], workspace, to: &hessian.diagonal[block])
            let feedback = feedback[n]
            for k in 0..<feedback.count {
                hessian.diagonal[block][k, k] -= curvatures[n].elements[k] * feedback.elements[k]
            }
            assignCoupling(n, slopes[n], workspace.updatedWeights[n], to: &hessian.below[block])
        }
        for example in 0..<examples {
            problem.loss.addHessian(
                activities[depth], targets: problem.batch.targets, example: example,
                scale: lossWeight, to: &hessian.diagonal[architecture.hiddenLayers.count],
                at: example * widths[depth])
        }
    }

    package func addMetric(scaledBy scale: Double, to hessian: inout BlockTridiagonalMatrix) {
        for (block, n) in architecture.layers.enumerated() {
            if hessian.compact[block] == nil {
                addPrecision(of: n, scaledBy: scale, to: &hessian.diagonal[block])
            } else {
                hessian.compact[block]?.addToDiagonal(scale * precisions[n])
            }
        }
    }

    /// `block ← block + scale · K⁻¹ₙ₋₁ ⊗ I`, the lower triangle.
    private func addPrecision(of n: Int, scaledBy scale: Double, to block: inout Matrix<Double>) {
        let width = widths[n]
        let below = n - 1
        let inverse = grams[below].inverse
        for c in 0..<examples {
            for b in c..<examples {
                let precision = scale * inverse[b, c]
                for i in 0..<width { block[i + b * width, i + c * width] += precision }
            }
        }
    }

    private func updateWeightMatrices(_ n: Int, _ workspace: inout ActivityHessianWorkspace) {
        // With Q = WᵀM and C = Q + A(mMᵀM), W⁺ᵀW⁺ = WᵀW + m(QAᵀ + AQᵀ + A(mMᵀM)Aᵀ) is WᵀW + m(HAᵀ + AHᵀ) for
        // H = C − ½A(mMᵀM).
        var half = feedback[n]
        half.assignProduct(rates[n], weightedErrorGrams[n + 1], scale: -0.5, keep: 1)
        workspace.updatedGrams[n].copy(from: workspace.weightGrams[n])
        workspace.updatedGrams[n].addSymmetricProduct(half, rates[n], scale: grams[n].multiple)
        workspace.projections[n].assignProduct(
            rates[n], .none, grams[n].weightedRates, .transposed)
        let count = workspace.updatedWeights[n].count
        workspace.updatedWeights[n].withMutablePointer { target in
            problem.network.parameters.layers[n].withPointer { target.update(from: $0, count: count) }
        }
        workspace.updatedWeights[n].assignOuterProduct(
            weightedErrors[n + 1], rates[n], scale: grams[n].multiple, keep: 1)
    }

    private func addRateCurvature(
        _ n: Int, _ slopes: Matrix<Double>, _ workspace: ActivityHessianWorkspace,
        to block: inout Matrix<Double>
    ) {
        let width = widths[n]
        let order = width * examples
        block.withMutablePointer { target in
            withPointers(
                workspace.updatedGrams[n], workspace.projections[n], feedback[n],
                grams[n].weightedRates, slopes
            ) { gram, projection, c, g, d in
                for column in 0..<examples {
                    for row in column..<examples {
                        let precision = grams[n].inverse[row, column]
                        let square = weightedErrorGrams[n + 1][row, column]
                        let (rowAt, columnAt) = (row * width, column * width)
                        for j in 0..<width where d[columnAt + j] != 0 {
                            let slope = d[columnAt + j]
                            let output = target + rowAt + (columnAt + j) * order
                            let (rate, feedback) = (slope * g[rowAt + j], slope * c[rowAt + j])
                            let (scaledPrecision, scaledSquare) = (slope * precision, slope * square)
                            let (left, right) = (gram + j * width, projection + j * width)
                            for i in j..<width {
                                let value = scaledPrecision * left[i] + scaledSquare * right[i]
                                    + rate * c[columnAt + i] + feedback * g[columnAt + i]
                                output[i] += d[rowAt + i] * value
                            }
                            output[j] -= d[rowAt + j] * scaledSquare
                            if row == column { continue }
                            // S⁺ is stored as a lower triangle: above the diagonal, read its mirror.
                            for i in 0..<j {
                                let value = scaledPrecision * gram[j + i * width]
                                    + scaledSquare * right[i]
                                    + rate * c[columnAt + i] + feedback * g[columnAt + i]
                                output[i] += d[rowAt + i] * value
                            }
                        }
                    }
                }
            }
        }
    }

    /// The block at `(n+1, n)`: entry `(k, b), (i, c)` is `−(W⁺_{ki}K⁻¹_{bc} + M_{kc}G_{ib})φ′_{ic}`.
    private func assignCoupling(
        _ n: Int, _ slopes: Matrix<Double>, _ updatedWeights: Matrix<Double>,
        to block: inout Matrix<Double>
    ) {
        let (width, height) = (widths[n], widths[n + 1])
        let order = height * examples
        let inverse = grams[n].inverse
        block.withMutablePointer { target in
            withPointers(
                updatedWeights, weightedErrors[n + 1], grams[n].weightedRates, slopes, slopes
            ) { w, m, g, d, _ in
                for c in 0..<examples {
                    for i in 0..<width {
                        let slope = d[i + c * width]
                        for b in 0..<examples {
                            let weight = -slope * inverse[b, c]
                            let rate = -slope * g[i + b * width]
                            let output = target + (i + c * width) * order + b * height
                            let (weights, response) = (w + i * height, m + c * height)
                            for k in 0..<height {
                                output[k] = weight * weights[k] + rate * response[k]
                            }
                        }
                    }
                }
            }
        }
    }
}

extension ActivityEnergy {
    /// The diagonal block of hidden layer `n` and the one below it for one example, where with
    /// `q = 1/(mₙsₙ)`, `g = a/sₙ` and the error `m` the general form is
    ///
    /// `dᵢdⱼ (q(WᵀW)ᵢⱼ + 2(cᵢgⱼ + gᵢcⱼ)) + δᵢⱼ(qₙ₋₁ − mₙ‖m‖²dᵢ² − φ″ᵢcᵢ)`,  `−(qWₖᵢ + 2mₖgᵢ)dᵢ`.
    ///
    /// Every entry of the lower triangle is written once.
    private func assignSingle(
        _ n: Int, _ slopes: PerLayer<Matrix<Double>>, _ curvatures: PerLayer<Matrix<Double>>,
        _ weightGram: Matrix<Double>, to hessian: inout BlockTridiagonalMatrix
    ) {
        let (block, width, height) = (n - 1, widths[n], widths[n + 1])
        let (own, precision) = (precisions[n], precisions[n + 1])
        let square = weightedErrorGrams[n + 1][0, 0]
        if DiagonalPlusLowRank.suits(order: width, rank: height + 1) {
            assignCompact(n, slopes[n], curvatures[n], to: &hessian.compact[block])
        } else {
            hessian.diagonal[block].withMutablePointer { target in
                withPointers(
                    weightGram, feedback[n], grams[n].weightedRates, slopes[n], curvatures[n]
                ) { gram, c, g, d, bend in
                    for j in 0..<width {
                        let (output, source) = (target + j * width, gram + j * width)
                        let slope = d[j]
                        let (rate, back) = (2 * slope * g[j], 2 * slope * c[j])
                        let scaled = slope * precision
                        for i in j..<width {
                            output[i] = d[i] * (scaled * source[i] + rate * c[i] + back * g[i])
                        }
                        output[j] += own - square * slope * slope - bend[j] * c[j]
                    }
                }
            }
        }
        hessian.below[block].withMutablePointer { target in
            withPointers(
                problem.network.parameters.layers[n], weightedErrors[n + 1], grams[n].weightedRates,
                slopes[n], slopes[n]
            ) { w, m, g, d, _ in
                for i in 0..<width {
                    let (output, source) = (target + i * height, w + i * height)
                    let (weight, rate) = (-d[i] * precision, -2 * d[i] * g[i])
                    for k in 0..<height { output[k] = weight * source[k] + rate * m[k] }
                }
            }
        }
    }
}

extension ActivityEnergy {
    /// The same diagonal block where layer `n` is much wider than the next. As `c = Wᵀm + a·mₙ‖m‖²`, with the
    /// columns `V = D[Wᵀ, a]` it is `diag λ + V S Vᵀ`, and the block below is `−q[I, 2mₙm]Vᵀ`.
    private func assignCompact(
        _ n: Int, _ slopes: Matrix<Double>, _ curvatures: Matrix<Double>,
        to result: inout DiagonalPlusLowRank?
    ) {
        let (width, height) = (widths[n], widths[n + 1])
        var block = result
            ?? DiagonalPlusLowRank(order: width, rank: height + 1, next: height)
        result = nil
        let (own, precision, multiple) = (precisions[n], precisions[n + 1], grams[n].multiple)
        let square = weightedErrorGrams[n + 1][0, 0]
        let m = weightedErrors[n + 1]
        let inverse = precision * multiple
        block.diagonal.withMutablePointer { diagonal in
            block.vectors.withMutablePointer { v in
                withPointers(
                    problem.network.parameters.layers[n], feedback[n], rates[n], slopes,
                    curvatures
                ) { w, c, a, d, bend in
                    for i in 0..<width {
                        diagonal[i] = own - square * d[i] * d[i] - bend[i] * c[i]
                        for j in 0..<height { v[i + j * width] = d[i] * w[j + i * height] }
                        v[i + height * width] = d[i] * a[i]
                    }
                }
            }
        }
        for j in 0..<height {
            for i in 0..<height {
                block.core[i, j] = i == j ? precision : 0
                block.coupling[i, j] = i == j ? -precision : 0
            }
            block.core[height, j] = 2 * inverse * m[j, 0]
            block.core[j, height] = 2 * inverse * m[j, 0]
            block.coupling[j, height] = -2 * inverse * m[j, 0]
        }
        block.core[height, height] = 4 * inverse * square
        result = block
    }
}

/// Calls `body` with the elements of five matrices; the pointers must not escape.
@inline(__always)
private func withPointers(
    _ first: Matrix<Double>, _ second: Matrix<Double>, _ third: Matrix<Double>,
    _ fourth: Matrix<Double>, _ fifth: Matrix<Double>,
    _ body: (
        UnsafePointer<Double>, UnsafePointer<Double>, UnsafePointer<Double>, UnsafePointer<Double>,
        UnsafePointer<Double>
    ) -> Void
) {
    first.withPointer { a in
        second.withPointer { b in
            third.withPointer { c in
                fourth.withPointer { d in fifth.withPointer { body(a, b, c, d, $0) } }
            }
        }
    }
}
