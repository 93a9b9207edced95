import LinearAlgebra
import Networks
import RealModule
import Testing

/// `difference` must be accurate relative to itself. The yardstick is its sensitivity to the rounding
/// of its two arguments, `ε(|D| + |h ∂D/∂h| + |u ∂D/∂u|)`: no algorithm can beat that by much.
@Suite struct ActivationDifferenceTests {
    private func tolerance(_ activation: Activation, _ h: Double, _ u: Double, _ d: Double) -> Double {
        let (start, end) = (evaluate(activation, h), evaluate(activation, h + u))
        // ∂D/∂h is a difference of slopes, which cancels for small u.
        let slopeChange = abs(u) < 1e-3 ? u * start.curvature : end.slope - start.slope
        let sensitivity = abs(d) + abs(h * slopeChange) + abs(u * end.slope)
        return 16 * Double.ulpOfOne * sensitivity + 64 * Double.leastNonzeroMagnitude
    }

    @Test("smooth activations against 80 digits", arguments: References.differences.indices)
    func references(index: Int) {
        let row = References.differences[index]
        for (activation, expected) in [
            (Activation.tanh, row.tanh), (.sigmoid, row.sigmoid), (.softplus, row.softplus),
            (.gelu, row.gelu),
        ] {
            let found = difference(activation, row.h, row.u)
            #expect(
                abs(found - expected) <= tolerance(activation, row.h, row.u, expected),
                "\(activation.name) from \(row.h) by \(row.u): \(found), expected \(expected)")
        }
    }

    @Test("no displacement, no difference", arguments: Activation.allCases)
    func zero(activation: Activation) {
        for h in [-1e4, -1, 0, 0.3, 1e4] { #expect(difference(activation, h, 0) == 0) }
    }

    /// Tiny displacements leave `h + u` equal to `h`; the difference is then `uφ′(h)`.
    @Test("far below the rounding of the activity", arguments: Activation.allCases)
    func tiny(activation: Activation) {
        for h in [-6.0, -1.1, 0.4, 2.0, 6.0] {
            for u in [1e-30, -1e-30, 1e-200] {
                #expect(h + u == h)
                let slope = evaluate(activation, h).slope
                let argument = activation == .gelu ? h * h : 2 * abs(h)
                let error = abs(difference(activation, h, u) - u * slope)
                #expect(error <= (8 + argument) * Double.ulpOfOne * abs(u * slope))
            }
        }
    }

    @Test("steps add up and reverse", arguments: Activation.allCases)
    func additivity(activation: Activation) {
        // Dyadic numbers, so that the activities are exact.
        for h in [-8.0, -2.5, -0.5, 0, 0.25, 3, 9] {
            for u in [-4.0, -1.0, -0.25, -0x1p-6, 0x1p-5, 0.125, 0.5, 2, 16] {
                let whole = difference(activation, h, u)
                let back = difference(activation, h + u, -u)
                let halves = difference(activation, h, u / 2) + difference(activation, h + u / 2, u / 2)
                let allowance = tolerance(activation, h, u, whole)
                    + tolerance(activation, h + u, -u, whole)
                #expect(abs(whole + back) <= allowance, "\(h) by \(u)")
                #expect(abs(whole - halves) <= 2 * allowance, "\(h) by \(u)")
            }
        }
    }

    @Test("between the pieces of a piecewise linear activation", arguments: [Activation.relu, .leakyReLU])
    func pieces(activation: Activation) throws {
        let left = try #require(activation.kink).leftSlope
        #expect(difference(activation, 1, 1e-20) == 1e-20)
        #expect(difference(activation, -1, 1e-20) == left * 1e-20)
        #expect(difference(activation, 0, 1e-20) == 1e-20)
        #expect(difference(activation, 0, -1e-20) == left * -1e-20)
        #expect(difference(activation, 1, -1) == -1)
        #expect(difference(activation, -1, 1) == left * 1)
        #expect(difference(activation, 2, -5) == left * -3 - 2)
        #expect(difference(activation, -2, 5) == 3 + left * 2)
        #expect(difference(.identity, 1e300, 1e-300) == 1e-300)
    }

    @Test("single precision", arguments: Activation.allCases)
    func singlePrecision(activation: Activation) {
        for h in [-9, -2.5, -0.4, 0, 0.3, 2, 9, 30] as [Float] {
            for u in [-20, -3, -0.7, -0.1, -1e-4, 1e-30, 1e-6, 0.03, 0.15, 0.9, 5] as [Float] {
                var result = Matrix<Float>(rows: 1, columns: 1)
                activation.difference(
                    base: Matrix(column: [h]), displacement: Matrix(column: [u]), into: &result)
                let (x, y) = (Double(h), Double(u))
                let expected = difference(activation, x, y)
                let ratio = Double(Float.ulpOfOne) / Double.ulpOfOne
                let allowed = ratio * tolerance(activation, x, y, expected)
                    + 64 * Double(Float.leastNonzeroMagnitude)
                #expect(
                    abs(Double(result[0, 0]) - expected) <= allowed,
                    "\(h) by \(u): \(result[0, 0]), expected \(expected)")
            }
        }
    }
}
