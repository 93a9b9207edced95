import LinearAlgebra
import Networks
import RealModule
import Testing

@Suite struct ActivationTests {
    @Test("φ, φ′ and φ″ belong together", arguments: Activation.allCases)
    func taylor(activation: Activation) {
        for h in [-3.1, -1.3, -0.7, -0.2, 0.3, 0.8, 1.7, 4.2] {
            let (value, slope, curvature) = evaluate(activation, h)
            for sign in [-1.0, 1] {
                let first = remainderOrder(floor: 1e-14) { t in
                    evaluate(activation, h + sign * t).value - value - sign * t * slope
                }
                #expect(isOfOrder(2, first), "φ′ at \(h)")
                let second = remainderOrder(floor: 1e-14) { t in
                    evaluate(activation, h + sign * t).value - value - sign * t * slope
                        - t * t / 2 * curvature
                }
                #expect(isOfOrder(3, second), "φ″ at \(h)")
                let third = remainderOrder(floor: 1e-14) { t in
                    evaluate(activation, h + sign * t).slope - slope - sign * t * curvature
                }
                #expect(isOfOrder(2, third), "φ″ as the derivative of φ′ at \(h)")
            }
        }
    }

    @Test("one-sided derivatives at the kink", arguments: Activation.allCases)
    func kinks(activation: Activation) {
        for t in [1e-300, 1e-9, 0.5] {
            let left = (evaluate(activation, 0).value - evaluate(activation, -t).value) / t
            let right = (evaluate(activation, t).value - evaluate(activation, 0).value) / t
            if let kink = activation.kink {
                #expect(abs(left - kink.leftSlope) <= 1e-15)
                #expect(abs(right - kink.rightSlope) <= 1e-15)
                #expect(kink.leftSlope < kink.rightSlope)
            }
        }
        if let kink = activation.kink {
            #expect(evaluate(activation, 0).slope == kink.leftSlope)
            #expect(evaluate(activation, -0.0).slope == kink.leftSlope)
            #expect(evaluate(activation, .leastNonzeroMagnitude).slope == kink.rightSlope)
            #expect(evaluate(activation, -.leastNonzeroMagnitude).slope == kink.leftSlope)
            #expect(evaluate(activation, 0).curvature == 0)
        } else {
            let around = (evaluate(activation, -1e-9).slope, evaluate(activation, 1e-9).slope)
            #expect(abs(around.0 - around.1) <= 1e-8)
        }
    }

    @Test func `piecewise linear activations are exact`() {
        for h in [-1e4, -40, -0.3, -0x1p-1074, 0, 0x1p-1074, 0.3, 745, 1e308] {
            #expect(evaluate(.identity, h) == (h, 1, 0))
            #expect(evaluate(.relu, h) == (max(h, 0), h > 0 ? 1 : 0, 0))
            #expect(evaluate(.leakyReLU, h) == (h > 0 ? h : 0.01 * h, h > 0 ? 1 : 0.01, 0))
        }
    }

    /// Rounding the argument of an exponential costs `|h|·ε`, of a Gaussian `h²·ε`.
    @Test("values and derivatives against 80 digits, tails and denormals included")
    func references() {
        for row in References.values {
            let h = row.h
            for (activation, expected) in [
                (Activation.tanh, row.tanh), (.sigmoid, row.sigmoid), (.softplus, row.softplus),
                (.gelu, row.gelu),
            ] {
                let found = evaluate(activation, h)
                let argument = activation == .gelu ? h * h : 2 * abs(h)
                for (k, (f, e)) in zip([found.value, found.slope, found.curvature], expected).enumerated() {
                    let relative = abs(h) > 1e3 ? 0 : (8 + 2 * argument) * Double.ulpOfOne * abs(e)
                    let tiny = (64 + (abs(h) > 1e3 ? 0 : argument)) * Double.leastNonzeroMagnitude
                    #expect(
                        abs(f - e) <= relative + (e.magnitude < 1e-290 ? tiny : 0),
                        "derivative \(k) of \(activation.name) at \(h): \(f), expected \(e)")
                }
            }
        }
    }

    @Test("single precision is double precision rounded", arguments: Activation.allCases)
    func singlePrecision(activation: Activation) {
        let points: [Float] = [
            -1e30, -1e4, -104, -40, -12, -3, -1, -0.3, -1e-8, -0x1p-133, 0, 0x1p-133, 1e-8, 0.3, 1, 3, 12, 40,
            104, 1e4, 1e30,
        ]
        let input = Matrix<Float>(column: points)
        var results = [input, input, input]
        activation.evaluate(input, into: &results[0])
        activation.slope(input, into: &results[1])
        activation.curvature(input, into: &results[2])
        for (i, h) in points.enumerated() {
            let expected = evaluate(activation, Double(h))
            let argument = Double(h.magnitude > 200 ? 0 : (activation == .gelu ? h * h : 2 * h.magnitude))
            for (k, e) in [expected.value, expected.slope, expected.curvature].enumerated() {
                let tolerance = (8 + 2 * argument) * Double(Float.ulpOfOne) * abs(e)
                    + (64 + argument) * Double(Float.leastNonzeroMagnitude)
                let f = Double(results[k][i, 0])
                #expect(abs(f - e) <= tolerance, "derivative \(k) at \(h): \(f), expected \(e)")
            }
        }
    }

    @Test("NaN is not hidden", arguments: Activation.allCases)
    func nan(activation: Activation) {
        #expect(evaluate(activation, .nan).value.isNaN)
        #expect(difference(activation, .nan, 1).isNaN || activation == .identity)
        #expect(difference(activation, 1, .nan).isNaN)
        if activation == .gelu { #expect(evaluate(activation, .nan).curvature.isNaN) }
    }

    @Test func `names are unique and round-trip`() {
        #expect(Set(Activation.allCases.map(\.name)).count == Activation.allCases.count)
        for activation in Activation.allCases {
            #expect(Activation(rawValue: activation.name) == activation)
        }
    }
}
