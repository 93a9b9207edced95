public import LinearAlgebra
public import Networks

extension ProximalProblem {
    /// The smallest eigenvalue of `∇²P` at `θ_b + update`, tangent to the kinks: above zero at a strict
    /// local minimum, below at a saddle point.
    ///
    /// Units whose slope lies strictly between the one-sided ones are held on their kink, so that
    /// only directions count in which their activities do not change. The method is Lanczos's with full
    /// reorthogonalisation on Hessian-vector products. It stops when the residual of the Ritz pair
    /// is below `1e-8` of the largest curvature seen; the eigenvalue's error is of the order of the
    /// residual's square over the gap. A Ritz value is never below the smallest eigenvalue, so after
    /// `stepLimit` products the result is still a bound from above.
    ///
    /// `O(k·products)` inner products besides the `k` products; `k` vectors are stored.
    public func smallestCurvature(
        after update: Parameters<Double>, kinkedUnits: [KinkedUnit] = [], stepLimit: Int = 250
    ) -> Double {
        let reduction = WeightSpaceReduction(self)
        let reduced = reduction.problem
        let point = reduction.reduce(update)
        let linearization = reduced.linearization(after: point, kinkedUnits: kinkedUnits)
        var projection = KinkProjection(reduced, at: point, kinkedUnits: kinkedUnits)
        var lanczos = LanczosProcess()
        var vector = Self.scatteredDirection(point)
        projection?.apply(to: &vector)
        let leftOut = reduction.leavesDirectionsOut ? 1 / learningRate : .infinity
        let count = min(stepLimit, vector.count)
        while lanczos.extend(by: &vector), lanczos.count < count + 1 {
            var image = linearization.hessianVectorProduct(vector)
            image.add(vector, scaledBy: 1 / learningRate)
            lanczos.orthogonalize(&image)
            projection?.apply(to: &image)
            lanczos.orthogonalizeAgain(&image)
            vector = image
            if lanczos.count % 5 == 0 && lanczos.hasConverged { break }
        }
        return min(leftOut, lanczos.smallestRitzValue ?? leftOut)
    }

    /// A fixed direction without structure: every eigenvector has a part in it.
    private static func scatteredDirection(_ shape: Parameters<Double>) -> Parameters<Double> {
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        let elements = (0..<shape.count).map { _ in
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Double(state >> 11) * 0x1p-52 - 1
        }
        return shape.shaped(elements)
    }
}

/// The orthogonal projection onto the directions that leave held units' activities as they are.
private struct KinkProjection {
    private var kernel: WeightSpaceKernel
    private let learningRate: Double

    /// `nil` if no unit is held.
    init?(_ problem: ProximalProblem, at point: Parameters<Double>, kinkedUnits: [KinkedUnit]) {
        let held = kinkedUnits.filter { unit in
            guard let kink = problem.network.architecture.activation(ofLayer: unit.layer).kink
            else { return false }
            return unit.slope > kink.leftSlope && unit.slope < kink.rightSlope
        }
        if held.isEmpty { return nil }
        var model = WeightSpaceModel(problem)
        model.hold(held, fixing: kinkedUnits, at: point)
        guard let kernel = WeightSpaceKernel(
            model, rows: model.heldRows(), rigid: true, withOutputs: false)
        else { return nil }
        self.kernel = kernel
        learningRate = problem.learningRate
    }

    /// Twice, because a held row is not entirely rigid.
    mutating func apply(to vector: inout Parameters<Double>) {
        for _ in 0..<2 {
            var result = vector
            kernel.apply(to: vector, into: &result)
            result.scale(by: 1 / learningRate)
            vector = result
        }
    }
}

/// The basis and the tridiagonal matrix of Lanczos's method.
private struct LanczosProcess {
    private var basis: [Parameters<Double>] = []
    private var diagonal: [Double] = []
    /// `offDiagonal[k]` couples vectors `k` and `k + 1`; the last one is the present remainder.
    private var offDiagonal: [Double] = []

    var count: Int { basis.count }

    /// Normalises `vector` and makes it the next basis vector; false if nothing new is left of it.
    mutating func extend(by vector: inout Parameters<Double>) -> Bool {
        let norm = vector.norm
        let scale = diagonal.reduce(0) { max($0, abs($1)) }
        guard norm > 1e-13 * scale, norm.isFinite else { return false }
        if !basis.isEmpty { offDiagonal.append(norm) }
        vector.scale(by: 1 / norm)
        basis.append(vector)
        return true
    }

    /// Removes the basis from the image of the last basis vector and notes the diagonal entry.
    mutating func orthogonalize(_ image: inout Parameters<Double>) {
        if let last = basis.last { diagonal.append(last.dot(image)) }
        orthogonalizeAgain(&image)
        remainder = image.norm
    }

    func orthogonalizeAgain(_ image: inout Parameters<Double>) {
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

    var smallestRitzValue: Double? { decomposition?.values.first }

    var hasConverged: Bool {
        guard let decomposition, let lowest = decomposition.values.first,
            let highest = decomposition.values.last
        else { return false }
        let last = abs(decomposition.vectors[diagonal.count - 1, 0])
        return remainder * last <= 1e-8 * max(abs(lowest), abs(highest))
    }
}
