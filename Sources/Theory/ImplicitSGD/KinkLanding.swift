internal import LinearAlgebra
package import Networks

/// The last step of a weight-space solve: units that belong on their kink are put there as exactly as rounding
/// allows, and those that do not arrive are no longer said to be there.
///
/// Each layer in turn changes the rows of its units by the least amount that cancels their activities (T1): for one
/// example `δw = −h ā/‖ā‖²`. The changes are as small as the activities are, which the solver left at a hundred or
/// so rounding units.
package struct KinkLanding {
    package private(set) var update: Parameters<Double>
    /// The units whose activity in the feedforward pass of `θ_b + update` is zero within its rounding.
    package private(set) var kinkedUnits: [KinkedUnit]

    package init(_ problem: ProximalProblem, update: Parameters<Double>, kinkedUnits: [KinkedUnit]) {
        self.update = update
        self.kinkedUnits = []
        guard !kinkedUnits.isEmpty else { return }
        for n in problem.network.architecture.hiddenLayers {
            let units = Dictionary(grouping: kinkedUnits.filter { $0.layer == n }, by: \.unit)
            if units.isEmpty { continue }
            // The first correction is itself rounded; the second corrects that.
            for _ in 0..<2 { land(units, on: n, problem) }
        }
        let linearization = problem.linearization(after: self.update)
        let rounding = ForwardRounding(linearization)
        self.kinkedUnits = kinkedUnits.filter {
            abs(linearization.activities[$0.layer][$0.unit, $0.example])
                <= rounding.bounds[$0.layer][$0.unit, $0.example]
        }
    }

    private mutating func land(_ units: [Int: [KinkedUnit]], on n: Int, _ problem: ProximalProblem) {
        let pass = problem.linearization(after: update)
        let hasBias = problem.network.architecture.biases[n - 1]
        for (unit, entries) in units {
            let rates = Matrix<Double>(rows: pass.rates[n - 1].rows, columns: entries.count) { i, j in
                pass.rates[n - 1][i, entries[j].example]
            }
            let extended = hasBias ? rates.appendingRowOfOnes() : rates
            var multipliers = Matrix(column: entries.map { -pass.activities[n][unit, $0.example] })
            var gram = Matrix<Double>(rows: entries.count, columns: entries.count)
            gram.assignProduct(extended, .transposed, extended)
            // Examples with dependent rates are on the kink together or cannot be put there.
            guard let factor = try? CholeskyFactorization(gram) else { continue }
            factor.solveInPlace(&multipliers)
            var change = Matrix<Double>(rows: extended.rows, columns: 1)
            change.assignProduct(extended, multipliers)
            for j in 0..<change.rows { update.layers[n - 1][unit, j] += change[j, 0] }
        }
    }
}
