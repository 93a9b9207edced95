package import LinearAlgebra
package import Networks

extension Loss {
    /// `Sᵢ/√B` with `SᵢSᵢᵀ = ∇²ℓᵢ` for the logits of each of the `B` examples.
    package func curvatureRoots(_ logits: Matrix<Double>) -> [Matrix<Double>] {
        let width = logits.rows
        let scale = 1 / Double(logits.columns).squareRoot()
        var response = logits
        self.response(logits, into: &response)
        return (0..<logits.columns).map { example in
            switch self {
            case .squaredError:
                return scale * .identity(width)
            case .softmaxCrossEntropy:
                // diag p − ppᵀ = SSᵀ for S = diag √p − p √pᵀ.
                return Matrix(rows: width, columns: width) { i, j in
                    let root = response[j, example].squareRoot()
                    return scale * ((i == j ? root : 0) - response[i, example] * root)
                }
            case .sigmoidCrossEntropy:
                return Matrix(rows: width, columns: width) { i, j in
                    let p = response[i, example]
                    return i == j ? scale * (p * (1 - p)).squareRoot() : 0
                }
            }
        }
    }
}
