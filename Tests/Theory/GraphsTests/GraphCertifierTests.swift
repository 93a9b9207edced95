import Graphs
import ImplicitSGD
import LinearAlgebra
import Networks
import Testing

/// Points of which it is known by hand what the certifier must say.
@Suite("What the certifier of graphs refuses") struct GraphCertifierTests {
    /// 1-1-1 with `f = v·φ(w x)` and squared error, no biases.
    private func problem(
        _ activation: Activation, w: Double, v: Double, x: Double, y: Double, rate: Double
    ) throws -> GraphProblem {
        let graph = try GraphArchitecture(
            GraphDescription(
                input: "x", inputShape: [1],
                nodes: [
                    NodeDescription(
                        name: "h", activation: activation, edges: [EdgeDescription(from: "x", [SampleGraph.dense("w")])]),
                    NodeDescription(
                        name: "o", activation: .identity, edges: [EdgeDescription(from: "h", [SampleGraph.dense("v")])]),
                ], output: "o"), tensors: ["w": [1, 1], "v": [1, 1]])
        return try GraphProblem(
            network: try GraphNetwork(graph, values: ["w": [w], "v": [v]]), inputs: Matrix(column: [x]),
            targets: Matrix(column: [y]), loss: .squaredError, learningRate: rate)
    }

    private func update(_ w: Double, _ v: Double) -> Parameters<Double> {
        Parameters(layers: [Matrix(column: [w]), Matrix(column: [v])])
    }

    /// At zero weights the gradient of `½(vw − y)²` vanishes and the Hessian has the eigenvalues `∓y`: with `1/α < y` a saddle.
    @Test func `a saddle point is refused, and left by the solver`() throws {
        let problem = try problem(.identity, w: 0, v: 0, x: 1, y: 2, rate: 1)
        #expect(GraphCertifier().certify(update(0, 0), for: problem).refusal?.name == "saddle")
        let report = try GraphSolver().solve(problem)
        #expect(report.objective < 1.9 && GraphCertifier().certify(report.update, for: problem).isExact)
        // Minima of ½(uv − 2)² + ½(u² + v²): u = v = ±1, where P = ½ + 1.
        #expect(abs(report.objective - 1.5) <= 1e-12)
        let small = try self.problem(.identity, w: 0, v: 0, x: 1, y: 2, rate: 0.25)
        #expect(GraphCertifier().certify(update(0, 0), for: small).isExact)
    }

    /// Where `w + Δ` is 0 the unit is on its kink, and `v` has no gradient.
    @Test func `a kink is held or refused by its one-sided derivatives`() throws {
        // With v = 1, y = −1 the loss at h = 0 pulls on: c = ∂ℓ/∂a = 1. The slope s with Δ + α c s = 0 is 1/α.
        let held = try problem(.relu, w: 1, v: 1, x: 1, y: -1, rate: 2)
        let certificate = GraphCertifier().certify(update(-1, 0), for: held)
        #expect(certificate.isExact && certificate.point?.minimum.isStrict == true)
        #expect(certificate.point?.kinkedUnits.map(\.slope).first.map { abs($0 - 0.5) <= 1e-9 } == true)
        // From w = 0 with y = 1 the objective falls to the right of the kink, though with slope 0 the equation holds at Δ = 0.
        let falling = try problem(.relu, w: 0, v: 1, x: 1, y: 1, rate: 1)
        #expect(GraphCertifier().certify(update(0, 0), for: falling).refusal?.name == "falls-beside-kink")
    }

    /// Inputs of zero: no parameter can move the unit, whatever its slope.
    @Test func `a unit that nothing moves is on no kink`() throws {
        let problem = try problem(.relu, w: 1, v: 1, x: 0, y: 1, rate: 1)
        let certificate = GraphCertifier().certify(update(0, 0), for: problem)
        #expect(certificate.isExact && certificate.point?.kinkedUnits.isEmpty == true)
    }

    /// One weight that sees the same input at two places, `f = v₁φ(wx) + v₂φ(wx)`, squared error: units that no weight moves apart.
    private func repeated(w: Double, v: [Double], y: Double, rate: Double) throws -> GraphProblem {
        let graph = try GraphArchitecture(
            GraphDescription(
                input: "x", inputShape: [1, 2],
                nodes: [
                    NodeDescription(
                        name: "h", activation: .relu,
                        edges: [EdgeDescription(from: "x", [MapDescription("convolution", ["weight": "w"])])]),
                    NodeDescription(
                        name: "o", activation: .identity,
                        edges: [EdgeDescription(from: "h", [MapDescription("flatten"), SampleGraph.dense("v")])]),
                ], output: "o"), tensors: ["w": [1, 1, 1], "v": [1, 2]])
        return try GraphProblem(
            network: try GraphNetwork(graph, values: ["w": [w], "v": v]), inputs: Matrix(column: [1, 1]),
            targets: Matrix(column: [y]), loss: .squaredError, learningRate: rate)
    }

    private func repeatedUpdate(_ w: Double) -> Parameters<Double> {
        Parameters(layers: [Matrix(column: [w]), Matrix(rows: 1, columns: 2)])
    }

    /// With `v = (2, −1)` and `y = −1` the feedbacks at `h = 0` are 2 and −1: the second unit alone would fall, but it goes with the
    /// first. As a function of `w`, `P_α` is that of one unit with `c = 1`, and rises beyond the kink if `α ≥ 1`. The equation holds
    /// with slopes `2s₁ − s₂ = 1/α`; for 1.7 and 1.96 the ones nearest to the middle are no slopes.
    @Test(arguments: [2, 1 / 1.7, 0.51]) func `units that move together are judged together`(rate: Double) throws {
        let problem = try repeated(w: 1, v: [2, -1], y: -1, rate: rate)
        let certificate = GraphCertifier().certify(repeatedUpdate(-1), for: problem)
        let isHeld = rate >= 1
        #expect(certificate.isExact == isHeld, "\(certificate)")
        #expect(certificate.point.map { $0.implicitResidual <= 1e-12 && $0.kinkedUnits.count == 2 } == true)
        #expect(certificate.point?.kinkedUnits.allSatisfy { (0...1).contains($0.slope) } == true)
        if isHeld { #expect(certificate.point?.minimum.isStrict == true) }
        if !isHeld { #expect(certificate.refusal?.name == "falls-beside-kink") }
    }

    /// With `y = 1` the feedbacks have the other signs, and from `w = 0` the objective falls to the right.
    @Test func `units that fall together are refused`() throws {
        let problem = try repeated(w: 0, v: [2, -1], y: 1, rate: 1)
        #expect(GraphCertifier().certify(repeatedUpdate(0), for: problem).refusal?.name == "falls-beside-kink")
        let rising = try repeated(w: 0, v: [1, -2], y: 1, rate: 1)
        #expect(GraphCertifier().certify(repeatedUpdate(0), for: rising).isExact)
    }
}
