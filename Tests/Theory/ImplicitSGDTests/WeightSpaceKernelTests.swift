import ImplicitSGD
import LinearAlgebra
import Networks
import Testing

/// The inverse by way of function space against the matrix written out from differences of plain activities.
@Suite("Weight-space kernel")
struct WeightSpaceKernelTests {
    /// Derivatives of one activity with respect to all weights.
    private func row(
        _ plain: PlainNetwork<Double>, _ point: Parameters<Double>, _ layer: Int, _ unit: Int, _ example: Int
    ) -> [Double] {
        (0..<point.count).map { k in
            var (up, down) = (point, point)
            up.shift(k, by: 1e-5)
            down.shift(k, by: -1e-5)
            let difference = plain.activities(up, example: example)[layer - 1][unit]
                - plain.activities(down, example: example)[layer - 1][unit]
            return difference / 2e-5
        }
    }

    @Test("M z = r for the Gauss–Newton matrix of outputs and one hidden row", arguments: [true, false])
    func inverse(bias: Bool) throws {
        let (problem, point, units, plain) = try WeightSpaceModelTests.piece(seed: 11, bias: bias)
        var model = WeightSpaceModel(problem)
        model.hold([units[1]], fixing: units, at: point)
        let made = WeightSpaceKernel(model.point, rows: model.heldRows(), rigid: false)
        var kernel = try #require(made)
        let residual = randomDirection(for: problem.network.architecture, seed: 13)
        var solution = residual
        kernel.apply(to: residual, into: &solution)
        let rounded = WeightSpacePoint<Float>(rounding: model.point)
        let coarse = WeightSpaceKernel(try #require(rounded), rows: model.heldRows(), rigid: false)
        var coarseKernel = try #require(coarse)
        var coarseSolution = residual.converted(to: Float.self)
        coarseKernel.apply(to: residual.converted(to: Float.self), into: &coarseSolution)
        #expect((coarseSolution.converted(to: Double.self) - solution).norm <= 1e-5 * solution.norm)
        // ∇²ℓ = I for squared error, so the rows are J/√B.
        var rows = [row(plain, point, 2, 1, 1)]
        for example in 0..<2 {
            for unit in 0..<2 { rows.append(row(plain, point, 3, unit, example).map { $0 / 2.0.squareRoot() }) }
        }
        var image = solution.flattened.map { $0 / problem.learningRate }
        for row in rows {
            let product = zip(row, solution.flattened).reduce(0) { $0 + $1.0 * $1.1 }
            for k in image.indices { image[k] += product * row[k] }
        }
        for (found, expected) in zip(image, residual.flattened) { #expect(abs(found - expected) <= 1e-6) }
    }

    @Test("Rigid rows: the projection onto directions that leave held units where they are")
    func projection() throws {
        let (problem, point, units, plain) = try WeightSpaceModelTests.piece(seed: 17)
        var model = WeightSpaceModel(problem)
        model.hold(units, fixing: units, at: point)
        let made = KinkProjection(model)
        var projection = try #require(made)
        let direction = randomDirection(for: problem.network.architecture, seed: 19)
        var found = direction
        projection.apply(to: &found)
        // Gram–Schmidt on the two rows.
        var basis: [[Double]] = []
        for unit in units {
            var row = row(plain, point, unit.layer, unit.unit, unit.example)
            for other in basis {
                let part = zip(row, other).reduce(0) { $0 + $1.0 * $1.1 }
                for k in row.indices { row[k] -= part * other[k] }
            }
            let norm = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
            basis.append(row.map { $0 / norm })
        }
        var expected = direction.flattened
        for other in basis {
            let part = zip(expected, other).reduce(0) { $0 + $1.0 * $1.1 }
            for k in expected.indices { expected[k] -= part * other[k] }
        }
        for (left, right) in zip(found.flattened, expected) { #expect(abs(left - right) <= 1e-8) }
    }

    /// Of a network without hidden layers the Gauss–Newton matrix is the Hessian, so its product with `M⁻¹r` is `r`.
    @Test("A large preconditioner is inverted to single precision, and positive definite", arguments: [1e-3, 1, 100])
    func singlePrecision(learningRate: Double) throws {
        let problem = try randomProblem(seed: 23, widths: [20, 8], batchSize: 70, learningRate: learningRate)
        var model = WeightSpaceModel(problem)
        model.move(to: model.update)
        model.differentiate()
        let made = WeightSpaceKernel(model.point, rows: [], rigid: false)
        var kernel = try #require(made)
        for seed in 1...5 as ClosedRange<UInt64> {
            let residual = 1e-50 * randomDirection(for: problem.network.architecture, seed: seed)
            var (solution, image) = (residual, residual)
            kernel.apply(to: residual, into: &solution)
            #expect(residual.dot(solution) > 0)
            model.hessianProduct(solution, into: &image)
            let error = (image - residual).norm / residual.norm
            #expect(error <= 1e-3, "\(error)")
        }
    }
}
