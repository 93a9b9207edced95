package import LinearAlgebra
internal import Networks

/// Matrices that the Hessian's assembly fills, made once for a solve.
package struct ActivityHessianWorkspace {
    /// `WₙᵀWₙ` without bias columns for `n = 1..<N` at index `n − 1`: it depends on `θ_b` only.
    package let weightGrams: [Matrix<Double>]
    /// `S⁺ = Wₙ⁺ᵀWₙ⁺`, lower triangles.
    package var updatedGrams: [Matrix<Double>]
    /// `AₙKₙ⁻¹Aₙᵀ`, the projection onto the span of the rates (exactly so without bias).
    package var projections: [Matrix<Double>]
    /// `Wₙ⁺` without bias columns.
    package var updatedWeights: [Matrix<Double>]
}

/// The exact Hessian of `αE` at the last evaluated and differentiated point, block tridiagonal.
///
/// In the variables `(i, b)` (unit, example) with index `i + b·dₙ`, `S⁺ = Wₙ⁺ᵀWₙ⁺`, `Gₙ = AₙKₙ⁻¹`
/// and `Dₙ = diag φ′ₙ`, the second derivative of layer `n`'s term with respect to `aₙ` is
///
/// `K⁻¹_{bc} S⁺_{ij} + C_{ic}G_{jb} + C_{jb}G_{ic} − (MᵀM)_{bc}(I − AK⁻¹Aᵀ)_{ij}`,
///
/// a Gauss–Newton part and one negative part: the only sources of nonconvexity besides φ″ are
/// the components of a rate change that leave the span of the present rates. For mini-batch 1 it is
/// the Hessian of theory §7.
extension ActivityEnergy {
    package func makeWorkspace() -> ActivityHessianWorkspace {
        let squares = (1..<max(1, depth)).map { Matrix<Double>(rows: widths[$0], columns: widths[$0]) }
        var grams = squares
        for n in 1..<max(1, depth) {
            grams[n - 1].assignSymmetricProduct(
                problem.network.parameters.layers[n], .transposed, width: widths[n])
        }
        return ActivityHessianWorkspace(
            weightGrams: grams, updatedGrams: squares, projections: squares,
            updatedWeights: (1..<max(1, depth)).map {
                Matrix(rows: widths[$0 + 1], columns: widths[$0])
            })
    }

    /// Writes the Hessian into `hessian`, whatever it held.
    ///
    /// - Parameters:
    ///   - slopes: `φ′ₙ` for `n = 1..<N` at index `n − 1`.
    ///   - curvatures: `φ″ₙ`.
    package func assembleHessian(
        slopes: [Matrix<Double>], curvatures: [Matrix<Double>],
        workspace: inout ActivityHessianWorkspace, into hessian: inout BlockTridiagonalMatrix
    ) {
        for n in 1...depth {
            hessian.diagonal[n - 1].scale(by: 0)
            addPrecision(of: n, scaledBy: 1, to: &hessian.diagonal[n - 1])
            if n == depth { break }
            updateWeightMatrices(n, &workspace)
            addRateCurvature(n, slopes[n - 1], workspace, to: &hessian.diagonal[n - 1])
            let feedback = feedback[n - 1]
            for k in 0..<feedback.count {
                hessian.diagonal[n - 1][k, k] -=
                    curvatures[n - 1].elements[k] * feedback.elements[k]
            }
            assignCoupling(
                n, slopes[n - 1], workspace.updatedWeights[n - 1], to: &hessian.below[n - 1])
        }
        for example in 0..<examples {
            problem.loss.addHessian(
                activities[depth - 1], targets: problem.batch.targets, example: example,
                scale: lossWeight, to: &hessian.diagonal[depth - 1],
                at: example * widths[depth])
        }
    }

    package func addMetric(scaledBy scale: Double, to hessian: inout BlockTridiagonalMatrix) {
        for n in 1...depth {
            addPrecision(of: n, scaledBy: scale, to: &hessian.diagonal[n - 1])
        }
    }

    /// `block ← block + scale · K⁻¹ₙ₋₁ ⊗ I`, the lower triangle.
    private func addPrecision(of n: Int, scaledBy scale: Double, to block: inout Matrix<Double>) {
        let width = widths[n]
        let inverse = grams[n - 1].inverse
        for c in 0..<examples {
            for b in c..<examples {
                let precision = scale * inverse[b, c]
                for i in 0..<width { block[i + b * width, i + c * width] += precision }
            }
        }
    }

    private func updateWeightMatrices(_ n: Int, _ workspace: inout ActivityHessianWorkspace) {
        // With Q = WᵀM and C = Q + A(MᵀM), WᵀW + QAᵀ + AQᵀ + A(MᵀM)Aᵀ is WᵀW + HAᵀ + AHᵀ for
        // H = C − ½A(MᵀM).
        var half = feedback[n - 1]
        half.assignProduct(rates[n], squaredResponses[n], scale: -0.5, keep: 1)
        workspace.updatedGrams[n - 1].copy(from: workspace.weightGrams[n - 1])
        workspace.updatedGrams[n - 1].addSymmetricProduct(half, rates[n], scale: 1)
        workspace.projections[n - 1].assignProduct(
            rates[n], .none, grams[n].weightedRates, .transposed)
        let count = workspace.updatedWeights[n - 1].count
        workspace.updatedWeights[n - 1].withMutablePointer { target in
            problem.network.parameters.layers[n].withPointer { target.update(from: $0, count: count) }
        }
        workspace.updatedWeights[n - 1].assignOuterProduct(
            responses[n], rates[n], hasBias: false, scale: 1, keep: 1)
    }

    private func addRateCurvature(
        _ n: Int, _ slopes: Matrix<Double>, _ workspace: ActivityHessianWorkspace,
        to block: inout Matrix<Double>
    ) {
        let width = widths[n]
        let order = width * examples
        let sources = [
            workspace.updatedGrams[n - 1], workspace.projections[n - 1], feedback[n - 1],
            grams[n].weightedRates, slopes,
        ]
        block.withMutablePointer { target in
            withPointers(to: sources) { p in
                let (gram, projection, c, g, d) = (p[0], p[1], p[2], p[3], p[4])
                for column in 0..<examples {
                    for row in column..<examples {
                        let precision = grams[n].inverse[row, column]
                        let square = squaredResponses[n][row, column]
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
        let sources = [updatedWeights, responses[n], grams[n].weightedRates, slopes]
        block.withMutablePointer { target in
            withPointers(to: sources) { p in
                let (w, m, g, d) = (p[0], p[1], p[2], p[3])
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
