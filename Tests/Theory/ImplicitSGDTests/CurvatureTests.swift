import ImplicitSGD
import Networks
import Testing

/// The smallest curvature against eigenvalues of a Hessian made of differences of `P` in plain loops.
@Suite("Smallest curvature")
struct CurvatureTests {
    @Test("Tangent to held units, on the piece of the others", arguments: [51, 52, 53] as [UInt64])
    func tangent(_ seed: UInt64) throws {
        let (problem, point, units, plain) = try WeightSpaceModelTests.piece(seed: seed)
        let found = problem.smallestCurvature(after: point, kinkedUnits: units)
        let hessian = plain.hessian(point)
        // The held rows are lifted far above every eigenvalue.
        var lifted = hessian
        for unit in units {
            let row: [Double] = (0..<point.count).map { k in
                var (up, down) = (point, point)
                up.shift(k, by: 1e-5)
                down.shift(k, by: -1e-5)
                let difference = plain.activities(up, example: unit.example)[unit.layer - 1][unit.unit]
                    - plain.activities(down, example: unit.example)[unit.layer - 1][unit.unit]
                return difference / 2e-5
            }
            for i in row.indices { for j in row.indices { lifted[i][j] += 1e5 * row[i] * row[j] } }
        }
        let expected = jacobi(lifted)[0].value
        #expect(abs(found - expected) <= 1e-4, "\(found) against \(expected)")
        // Without the projection the answer is another one, or the test guards nothing.
        #expect(jacobi(hessian)[0].value < expected - 1e-3)
    }

    @Test("Directions that the inputs leave out have curvature 1/α")
    func leftOut() throws {
        let problem = try randomProblem(seed: 59, widths: [5, 3, 2], loss: .squaredError, learningRate: 1e-3)
        let report = try ProximalSolver().solve(problem)
        #expect(problem.smallestCurvature(after: report.update) <= 1e3)
    }
}
