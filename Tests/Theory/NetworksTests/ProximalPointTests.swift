import LinearAlgebra
import Networks
import Testing

@Suite struct ProximalPointTests {
    static let steps: [Double] = [0, 1e-8, 1e-4, 0.01, 0.3, 1, 10, 1e3, 1e4, 1e6, 1e8]

    static let cases: [(p: [Double], y: [Double])] = [
        ([0.3], [1]), ([0, 0, 0], [0, 1, 0]), ([1.5, -0.2, 0.7], [1, 0, 0]),
        ([2, -1, 0.5, 3], [0.1, 0.2, 0.3, 0.4]), ([40, -40, 3], [0, 1, 0]), ([40, -40, 3], [1, 0, 0]),
        ([800, -800], [0, 1]), ([800, -800], [1, 0]), ([1e4, -1e4, 0, 5], [0, 1, 0, 0]),
        ([-1e4, 1e4, 1e4], [1, 0, 0]), ([1e4, -1e4, 0], [0.2, 0.5, 0.3]), ([-1e4, -1e4], [0.5, 0.5]),
    ]

    private func gradient(_ loss: Loss, _ h: [Double], _ y: [Double]) -> [Double] {
        var result = Matrix(column: h)
        loss.gradient(Matrix(column: h), targets: Matrix(column: y), into: &result)
        return result.elements
    }

    /// `h + c∇ℓ(h) = p`. Moving `h` by its own rounding changes the left side by that times
    /// `1 + c‖∇²ℓ‖`, and each of the terms rounds.
    @Test("the optimality condition holds to rounding", arguments: Loss.allCases, steps)
    func optimality(loss: Loss, c: Double) {
        for (p, y) in Self.cases {
            let h = loss.proximalPoint(logits: p, target: y, step: c)
            let g = gradient(loss, h, y)
            let largest = h.reduce(1) { max($0, abs($1)) }
            let curvature = loss.hessian(Matrix(column: h), targets: Matrix(column: y), example: 0).norm
            for i in p.indices {
                let scale = largest * (1 + c * curvature) + abs(p[i]) + c * abs(g[i])
                #expect(
                    abs(h[i] + c * g[i] - p[i]) <= 16 * Double.ulpOfOne * scale,
                    "p = \(p), y = \(y), entry \(i) of \(h)")
            }
        }
    }

    @Test("no step does not move", arguments: Loss.allCases)
    func zeroStep(loss: Loss) {
        for (p, y) in Self.cases {
            #expect(loss.proximalPoint(logits: p, target: y, step: 0) == p)
        }
    }

    @Test func `the squared error has a closed form`() {
        #expect(Loss.squaredError.proximalPoint(logits: [1, -3], target: [5, 5], step: 3) == [4, 3])
    }

    /// Between two points the map never expands distances, whatever the step.
    @Test("nonexpansiveness", arguments: Loss.allCases, steps)
    func nonexpansive(loss: Loss, c: Double) {
        let y = [0.0, 1, 0]
        let points = [[0.0, 1, 2], [3, 3, -1], [-8, 2, 0.5], [30, -20, 1]]
        for a in points {
            for b in points where a != b {
                let (x, z) = (
                    loss.proximalPoint(logits: a, target: y, step: c),
                    loss.proximalPoint(logits: b, target: y, step: c)
                )
                let before = (Matrix(column: a) - Matrix(column: b)).norm
                let after = (Matrix(column: x) - Matrix(column: z)).norm
                #expect(after <= before * (1 + 1e-9) + 1e-9)
            }
        }
    }

    @Test("a longer step lowers the loss and moves farther", arguments: Loss.allCases)
    func monotone(loss: Loss) {
        for (p, y) in Self.cases {
            var (value, distance) = (Double.infinity, 0.0)
            for c in Self.steps {
                let h = Matrix(column: loss.proximalPoint(logits: p, target: y, step: c))
                let newValue = loss.total(h, targets: Matrix(column: y))
                let newDistance = (h - Matrix(column: p)).norm
                #expect(newValue <= value + 1e-11 * (1 + abs(newValue)))
                #expect(newDistance >= distance - 1e-11 * (1 + distance))
                (value, distance) = (newValue, newDistance)
            }
        }
    }
}
