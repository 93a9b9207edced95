package import LinearAlgebra
package import Networks

extension Kink {
    /// The middle of the two one-sided slopes.
    package var middleSlope: Double { leftSlope + (rightSlope - leftSlope) / 2 }

    /// Of the slopes `sⱼ` for which `Σ sⱼcⱼāⱼ` is nearest to a target, those nearest to the middle of the one-sided ones.
    /// They may lie outside these. `nil` for a unit with `cⱼ = 0`, whose slope is in no equation, and for all where
    /// something is not finite.
    ///
    /// - Parameters:
    ///   - inputs: the rates of the layer below, with the ones of a bias; one column for each example.
    ///   - columns: the examples of the units in question.
    ///   - feedback: `cⱼ` for each of them.
    ///   - target: a column of the height of `inputs`.
    package func balancingSlopes(
        _ inputs: Matrix<Double>, columns: [Int], feedback: [Double], target: Matrix<Double>
    ) -> [Double?] {
        let middle = middleSlope
        // Where no weights of a unit move, no slope balances them.
        guard inputs.rows > 0 else { return columns.map { _ in nil } }
        let basis = Matrix<Double>(rows: inputs.rows, columns: columns.count) { i, j in
            feedback[j] * inputs[i, columns[j]]
        }
        var rest = target
        for j in columns.indices {
            rest.add(Matrix(column: inputs.column(columns[j])), scaledBy: -middle * feedback[j])
        }
        guard basis.isFinite(), rest.isFinite(), let shift = try? LeastNormSolution(basis, rest) else {
            return columns.map { _ in nil }
        }
        return zip(shift.solution.elements, feedback).map { $1 == 0 ? nil : middle + $0 }
    }

    /// The same with every slope between the one-sided ones: the one that lies farthest beyond becomes its side's and the
    /// others make up for it, until none is beyond. Where slopes within the limits balance the target it finds some, unless
    /// one that was limited would have to be let go again; what is left over shows in the residual.
    ///
    /// At most as many least-squares problems as columns.
    package func limitedBalancingSlopes(
        _ inputs: Matrix<Double>, columns: [Int], feedback: [Double], target: Matrix<Double>
    ) -> [Double?] {
        var slopes = [Double?](repeating: nil, count: columns.count)
        var free = Array(columns.indices)
        var rest = target
        while !free.isEmpty {
            let found = balancingSlopes(
                inputs, columns: free.map { columns[$0] }, feedback: free.map { feedback[$0] }, target: rest)
            for (j, slope) in zip(free, found) { slopes[j] = slope }
            let beyond = free.map { j in slopes[j].map { max(leftSlope - $0, $0 - rightSlope) } ?? -.infinity }
            guard let place = beyond.indices.max(by: { beyond[$0] < beyond[$1] }), beyond[place] > 0 else { break }
            let j = free.remove(at: place)
            let limited = min(max(slopes[j] ?? middleSlope, leftSlope), rightSlope)
            slopes[j] = limited
            rest.add(Matrix(column: inputs.column(columns[j])), scaledBy: -limited * feedback[j])
        }
        return slopes
    }
}
