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
        let leftOut = reduction.leavesDirectionsOut ? 1 / rates[0] : .infinity
        let held = kinkedUnits.filter { unit in
            guard let kink = network.architecture.activation(ofLayer: unit.layer).kink else { return false }
            return unit.slope > kink.leftSlope && unit.slope < kink.rightSlope
        }
        var model = WeightSpaceModel(reduction.problem)
        model.hold(held, fixing: kinkedUnits, at: reduction.reduce(update))
        return min(leftOut, model.lowestCurvature(stepLimit: stepLimit)?.value ?? leftOut)
    }
}

extension WeightSpaceModel {
    /// The smallest eigenvalue of `∇²P` at the present point, tangent to the held units, with its unit vector; `nil`
    /// if no direction is tangent. See `ProximalProblem.smallestCurvature`.
    mutating func lowestCurvature(
        stepLimit: Int = 250
    ) -> (value: Double, direction: Parameters<Double>)? {
        var projection = KinkProjection(self)
        var lanczos = LanczosProcess()
        var vector = update.scatteredDirection
        problem.held.clear(&vector, in: architecture)
        projection?.apply(to: &vector)
        var image = vector
        let count = min(stepLimit, vector.count)
        while lanczos.extend(by: &vector), lanczos.count < count + 1 {
            hessianProduct(vector, into: &image)
            lanczos.orthogonalize(&image)
            projection?.apply(to: &image)
            lanczos.orthogonalizeAgain(&image)
            vector = image
            if lanczos.count % 5 == 0 && lanczos.hasConverged { break }
        }
        return lanczos.smallestRitzPair
    }
}

extension Parameters<Double> {
    /// A fixed direction of this shape, with entries in `−1 … 1` without structure: every eigenvector has a part in it.
    var scatteredDirection: Parameters<Double> {
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        let elements = (0..<count).map { _ in
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Double(state >> 11) * 0x1p-52 - 1
        }
        return shaped(elements)
    }
}
