internal import LinearAlgebra
package import Networks

/// The basis and the tridiagonal matrix of Lanczos's method.
package struct LanczosProcess {
    private var basis: [Parameters<Double>] = []
    private var diagonal: [Double] = []
    /// `offDiagonal[k]` couples vectors `k` and `k + 1`; the last one is the present remainder.
    private var offDiagonal: [Double] = []

    package init() {}

    package var count: Int { basis.count }

    /// Normalises `vector` and makes it the next basis vector; false if nothing new is left of it.
    package mutating func extend(by vector: inout Parameters<Double>) -> Bool {
        let norm = vector.norm
        let scale = diagonal.reduce(0) { max($0, abs($1)) }
        guard norm > 1e-13 * scale, norm.isFinite else { return false }
        if !basis.isEmpty { offDiagonal.append(norm) }
        vector.scale(by: 1 / norm)
        basis.append(vector)
        return true
    }

    /// Removes the basis from the image of the last basis vector and notes the diagonal entry.
    package mutating func orthogonalize(_ image: inout Parameters<Double>) {
        if let last = basis.last { diagonal.append(last.dot(image)) }
        orthogonalizeAgain(&image)
        remainder = image.norm
    }

    package func orthogonalizeAgain(_ image: inout Parameters<Double>) {
        for vector in basis { image.add(vector, scaledBy: -vector.dot(image)) }
    }

    private var remainder = 0.0

    private var decomposition: SymmetricEigendecomposition? {
        let order = diagonal.count
        var matrix = Matrix<Double>(rows: order, columns: order)
        for k in 0..<order {
            matrix[k, k] = diagonal[k]
            if k + 1 < order { matrix[k + 1, k] = offDiagonal[k] }
        }
        return order == 0 ? nil : try? SymmetricEigendecomposition(matrix)
    }

    /// The smallest Ritz value and its unit vector; `nil` before the first product.
    package var smallestRitzPair: (value: Double, direction: Parameters<Double>)? {
        guard let decomposition, let value = decomposition.values.first, let first = basis.first else { return nil }
        var direction = 0 * first
        for k in 0..<diagonal.count { direction.add(basis[k], scaledBy: decomposition.vectors[k, 0]) }
        return (value, direction)
    }

    package var hasConverged: Bool {
        guard let decomposition, let lowest = decomposition.values.first,
            let highest = decomposition.values.last
        else { return false }
        let last = abs(decomposition.vectors[diagonal.count - 1, 0])
        return remainder * last <= 1e-8 * max(abs(lowest), abs(highest))
    }
}
