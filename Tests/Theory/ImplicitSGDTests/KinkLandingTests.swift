import ImplicitSGD
import LinearAlgebra
import Networks
import Testing

@Suite("Landing on kinks")
struct KinkLandingTests {
    /// The size of the terms whose sum an activity is, in extended precision.
    private func size(_ plain: PlainNetwork<Float80>, _ report: SolveReport, _ unit: KinkedUnit) -> Float80 {
        let below = unit.layer == 1
            ? plain.inputs[unit.example]
            : plain.activities(report.update, example: unit.example)[unit.layer - 2].map { h in
                h > 0 ? h : h * Float80(Activation.leak)
            }
        var sum: Float80 = 0
        for j in plain.weights[unit.layer - 1][unit.unit].indices {
            let weight = plain.weights[unit.layer - 1][unit.unit][j]
                + Float80(report.update.layers[unit.layer - 1][unit.unit, j])
            sum += abs(weight * (j < below.count ? below[j] : 1))
        }
        return sum
    }

    @Test(
        "A stated kink is one within a few rounding units, in extended precision",
        arguments: [Activation.relu, .leakyReLU])
    func exactness(_ activation: Activation) throws {
        var found = 0
        for seed in 0..<10 {
            for (method, widths, examples) in [
                (SolveMethod.weightSpaceDense, [4, 7, 6, 3], 1), (.weightSpaceDense, [3, 6, 3], 6),
                (.weightSpaceMatrixFree, [12, 16, 16, 4], 6),
            ] {
                let problem = try randomProblem(
                    seed: UInt64(seed), widths: widths, activation: activation, loss: .squaredError,
                    batchSize: examples, learningRate: 3)
                let report = try ProximalSolver(choice: .forced(method)).solve(problem)
                let plain = PlainNetwork<Float80>(problem)
                for unit in report.kinkedUnits {
                    found += 1
                    let activity = plain.activities(report.update, example: unit.example)[unit.layer - 1][unit.unit]
                    // The last bits of the weights, and the rates below, which other landings moved.
                    #expect(
                        abs(activity) <= 8 * Float80(Double.ulpOfOne) * (1 + size(plain, report, unit)),
                        "seed \(seed) \(method) \(unit): \(activity)")
                }
            }
        }
        #expect(found > 40, "the cases must have kinks for the test to mean anything")
    }

    /// Guards: landing by a plain sum of thousands of terms. What rounding the weights explains is all that a certificate allows.
    @Test("Units of a wide layer land within the rounding of their weights, in extended precision")
    func wideLayer() throws {
        // Terms of one sign, then of the other: the sums on the way are large, whatever the order in a block of the BLAS.
        let (inputs, wide) = (8000, 200)
        let drawn = try randomProblem(
            seed: 4, widths: [inputs, wide, 1], activation: .relu, loss: .squaredError, batchSize: 8, learningRate: 1)
        var network = drawn.network
        for i in 0..<wide {
            for j in 0..<inputs {
                let size = abs(network.parameters.layers[0][i, j])
                network.parameters.layers[0][i, j] = j < inputs / 2 ? size : -size
            }
        }
        let problem = try ProximalProblem(
            network: network,
            batch: Batch(
                inputs: Matrix(rows: inputs, columns: 8) { abs(drawn.batch.inputs[$0, $1]) }, targets: drawn.batch.targets),
            loss: .squaredError, learningRate: 1)
        let units = (0..<wide).map { KinkedUnit(layer: 1, unit: $0, example: $0 % 8, slope: 0.5) }
        let landing = KinkLanding(
            problem, update: Parameters(zerosFor: problem.network.architecture), kinkedUnits: units)
        #expect(landing.kinkedUnits.count == units.count)
        let before = problem.network.parameters.layers[0]
        let (columns, rates) = (before.columns, problem.batch.inputs)
        for i in units.indices {
            var (activity, known): (Float80, Float80) = (0, 0)
            for j in 0..<columns {
                let change = landing.update.layers[0][i, j]
                let weight = before[i, j] + change
                let rate = Float80(j < rates.rows ? rates[j, i % 8] : 1)
                activity += Float80(weight) * rate
                known += Float80(0x1p-53 * (abs(weight) + abs(change))) * abs(rate)
            }
            #expect(abs(activity) <= known, "unit \(i): \(activity), \(known)")
        }
    }

    @Test("A unit that is not there is no longer said to be, unless it can be put there")
    func notThere() throws {
        let problem = try randomProblem(
            seed: 3, widths: [3, 4, 2], activation: .relu, loss: .squaredError, learningRate: 1)
        let report = try WeightSpaceDenseSolver().solve(problem)
        // Zero inputs and no bias leave h = 0 whatever the weights; a bias alone can put a unit anywhere.
        let invented = KinkedUnit(layer: 1, unit: 0, example: 0, slope: 0.5)
        let landing = KinkLanding(problem, update: report.update, kinkedUnits: [invented])
        let activity = PlainNetwork<Float80>(problem).activities(landing.update, example: 0)[0][0]
        #expect(landing.kinkedUnits.isEmpty || abs(activity) <= 1e-15)
    }
}
