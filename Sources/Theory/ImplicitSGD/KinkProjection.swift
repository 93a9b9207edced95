internal import LinearAlgebra
package import Networks

/// The orthogonal projection onto the directions that leave held units' activities as they are.
package struct KinkProjection {
    private var kernel: WeightSpaceKernel<Double>
    private let learningRate: Double

    /// The projection for the units that `model` holds; `nil` if it holds none.
    package init?(_ model: WeightSpaceModel) {
        let rows = model.heldRows()
        // Orthogonal in the Euclidean sense, whatever metric the problem has.
        guard !rows.isEmpty, let uniform = try? LearningRates(model.learningRates.common),
            let kernel = WeightSpaceKernel(
                model.point, rows: rows, rigid: true, withOutputs: false, learningRates: uniform)
        else { return nil }
        self.kernel = kernel
        learningRate = uniform.common
    }

    /// Twice, because a held row is not entirely rigid.
    package mutating func apply(to vector: inout Parameters<Double>) {
        for _ in 0..<2 {
            var result = vector
            kernel.apply(to: vector, displacements: nil, into: &result)
            result.scale(by: 1 / learningRate)
            vector = result
        }
    }
}
