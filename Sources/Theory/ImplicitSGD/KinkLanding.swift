internal import Intervals
internal import LinearAlgebra
package import Networks

/// The last step of a solve: units that belong on their kink are put there as exactly as rounding allows, and those
/// that do not arrive are no longer said to be there.
///
/// Each layer in turn changes the rows of its units by the least amount that cancels their activities (T1): for one
/// example `δw = −h ā/‖ā‖²`. The changes are as small as the activities are, which the solver left at a hundred or
/// so rounding units. A plain product of hundreds of terms errs by more than a rounding of its weights does, so the
/// activities are taken from products with about one rounding of the result.
package struct KinkLanding {
    package private(set) var update: Parameters<Double>
    /// The units whose activity in the feedforward pass of `θ_b + update` is zero within its rounding.
    package private(set) var kinkedUnits: [KinkedUnit]

    package init(_ problem: ProximalProblem, update: Parameters<Double>, kinkedUnits: [KinkedUnit]) {
        self.update = update
        self.kinkedUnits = []
        guard let last = kinkedUnits.map(\.layer).max() else { return }
        let architecture = problem.network.architecture
        var rates = problem.batch.inputs
        for n in 1...last {
            let units = Dictionary(grouping: kinkedUnits.filter { $0.layer == n }, by: \.unit)
            let extended = architecture.biases[n - 1] ? rates.appendingRowOfOnes() : rates
            // The first correction is itself rounded; the second corrects that.
            for _ in 0..<(units.isEmpty ? 0 : 2) { land(units, on: n, rates, extended, problem) }
            let activity = activities(of: n, extended, problem)
            rates = activity
            architecture.activation(ofLayer: n).evaluate(activity, into: &rates)
        }
        let linearization = problem.linearization(after: self.update)
        let rounding = ForwardRounding(linearization)
        self.kinkedUnits = kinkedUnits.filter {
            abs(linearization.activities[$0.layer][$0.unit, $0.example])
                <= rounding.bounds[$0.layer][$0.unit, $0.example]
        }
    }

    /// `Wₙ₋₁āₙ₋₁` at the weights `fl(θ_b + update)`.
    private func activities(
        of n: Int, _ extended: Matrix<Double>, _ problem: ProximalProblem
    ) -> Matrix<Double> {
        let weights = problem.network.parameters.layers[n - 1] + update.layers[n - 1]
        return BallMatrix.product(BallMatrix(exactly: weights), .none, BallMatrix(exactly: extended)).center
    }

    /// Singular values of the rates below this part of the largest are rounding: what is to be cancelled is rounding too, and
    /// divided by them would be as large as the weights.
    private static let dependence = 1e-8

    private mutating func land(
        _ units: [Int: [KinkedUnit]], on n: Int, _ rates: Matrix<Double>, _ extended: Matrix<Double>,
        _ problem: ProximalProblem
    ) {
        let (regressors, columns) = problem.regressors(ofLayer: n - 1, rates)
        // A layer that is held whole has its activities from the layers before.
        guard regressors.rows > 0 else { return }
        let activities = activities(of: n, extended, problem)
        for (unit, entries) in units {
            let inputs = Matrix<Double>(rows: regressors.rows, columns: entries.count) { i, j in
                regressors[i, entries[j].example]
            }
            let target = Matrix(column: entries.map { -activities[unit, $0.example] })
            // Examples with dependent rates are put there together.
            guard let change = try? LeastNormSolution(inputs.transposed, target, relativeTolerance: Self.dependence).solution
            else { continue }
            for (j, column) in columns.enumerated() { update.layers[n - 1][unit, column] += change[j, 0] }
        }
    }
}
