internal import ImplicitSGD
package import LinearAlgebra
package import Networks

/// The Hessian of `P` at a point of a graph, restricted to the directions that leave held units where they are.
package struct GraphCurvature {
    private var model: GraphObjective
    private let rows: [KernelRow]
    /// `GGᵀ` of the held units' derivatives `G` by the parameters.
    private let gram: CholeskyFactorization?

    /// Of the objective with the units that it holds; `nil` if their derivatives are dependent.
    package init?(_ model: GraphObjective) {
        self.model = model
        rows = model.heldRows()
        guard !rows.isEmpty else {
            gram = nil
            return
        }
        guard let gram = try? CholeskyFactorization(self.model.gram(of: rows)) else { return nil }
        self.gram = gram
    }

    /// The part of a vector that moves no held unit.
    package mutating func project(_ vector: inout Parameters<Double>) {
        guard let gram else { return }
        // Twice, for what rounding leaves of the first time.
        for _ in 0..<2 {
            var multipliers = model.derivatives(of: rows, along: vector)
            gram.solveInPlace(&multipliers)
            vector.add(model.pullBack(multipliers, of: rows), scaledBy: -1)
        }
    }

    /// A subtraction that leaves less than this part leaves less than 14 digits of orthogonality, and is repeated. Where there
    /// are many parameters it takes as long as the products.
    private static let cancellation = 1e-2

    /// The smallest Ritz value of Lanczos's method and its unit vector: never below the smallest eigenvalue.
    ///
    /// - Returns: also whether the pair is an eigenpair to 10⁻⁶ of the largest curvature seen.
    package mutating func lowest(
        productLimit: Int
    ) -> (value: Double, direction: Parameters<Double>, isConverged: Bool)? {
        var lanczos = LanczosProcess()
        var vector = model.update.scattered
        project(&vector)
        var image = vector
        let count = min(productLimit, vector.count)
        while lanczos.extend(by: &vector), lanczos.count <= count {
            model.hessianProduct(vector, into: &image)
            let length = image.norm
            lanczos.orthogonalize(&image)
            project(&image)
            if gram != nil || image.norm < Self.cancellation * length { lanczos.orthogonalizeAgain(&image) }
            vector = image
            if lanczos.count % 5 == 0 && lanczos.hasConverged { break }
        }
        return lanczos.smallestRitzPair.map { ($0.value, $0.direction, lanczos.hasConverged) }
    }

    /// `α∇²P` on the directions that move no held unit, plus a positive multiple of their complement; for few parameters.
    package mutating func matrix() -> Matrix<Double> {
        let order = model.update.count
        var result = Matrix<Double>(rows: order, columns: order)
        var image = model.update
        for column in 0..<order {
            var direction = model.update.unit(column)
            project(&direction)
            model.hessianProduct(direction, into: &image)
            project(&image)
            // Within the complement, the identity.
            let rest = model.update.unit(column) - direction
            image.scale(by: model.learningRates.common)
            image.add(rest)
            let values = image.flattened
            for row in 0..<order { result[row, column] = values[row] }
        }
        return result
    }
}

extension GraphObjective {
    /// The derivatives of some units' activities along `direction`.
    mutating func derivatives(of rows: [KernelRow], along direction: Parameters<Double>) -> Matrix<Double> {
        linearize(along: direction)
        return Matrix(column: rows.map { activityTangents[$0.layer].elements[$0.index] })
    }

    /// `Gᵀy` for the derivatives `G` of some units' activities.
    func pullBack(_ y: Matrix<Double>, of rows: [KernelRow]) -> Parameters<Double> {
        var seeds = activities.mapValues { Matrix<Double>(rows: $0.rows, columns: $0.columns) }
        for (k, row) in rows.enumerated() { seeds[row.layer].withMutablePointer { $0[row.index] += y.elements[k] } }
        return pullBack(seeds)
    }

    /// `GGᵀ`.
    func gram(of rows: [KernelRow]) -> Matrix<Double> { GraphGram.matrix(of: graphRows(rows), at: pass).matrix }

    /// Units as rows of a Jacobian.
    func graphRows(_ rows: [KernelRow]) -> [GraphRow] {
        rows.map { row in
            let height = activities[row.layer].rows
            return GraphRow(
                example: row.index / height, node: row.layer, units: [row.index % height], weights: [row.scale])
        }
    }

    /// Multiplications of a Hessian product and an application of a kernel: ten products with each weight at each place.
    var multiplications: Double {
        let maps = pass.architecture.nodes.flatMap { $0.edges.compactMap(\.weighted) }
        return maps.reduce(0) { sum, map in
            sum + 10 * Double(map.layer.outputWidth) * Double(map.layer.weightColumns) * Double(examples)
        }
    }
}

extension Parameters<Double> {
    /// The direction of one parameter.
    func unit(_ index: Int) -> Parameters {
        var result = self
        var first = 0
        for n in result.layers.indices {
            let count = result.layers[n].count
            result.layers[n].scale(by: 0)
            if (first..<first + count).contains(index) { result.layers[n].withMutablePointer { $0[index - first] = 1 } }
            first += count
        }
        return result
    }
}
