internal import LinearAlgebra
internal import Networks

/// How far rounding can have taken the activities of a feedforward pass, unit by unit, and which units cannot move.
///
/// A sum of `k` products errs by at most `γ = (k + 2)u` of the sum of their magnitudes. So the bound follows the pass with
/// all magnitudes: `ε(h) = Σ |F|(|W|ε(a) + γ|W||a|)` over the edges, `ε(a) ≤ L_φ ε(h) + 8u|a|`. The rounding of the written
/// weights, `u|W|`, is one more product. First order in `u`.
struct GraphRounding {
    /// Bounds of the errors of `h₁ … h_N`.
    let bounds: PerLayer<Matrix<Double>>
    /// Whether an activity is 0 whatever the parameters near these: nothing that it is a sum of can be other than 0.
    private let reach: PerLayer<Matrix<Double>>

    init(_ pass: GraphPass) {
        let architecture = pass.architecture
        var magnitudes = pass.parameters
        var ones = pass.parameters
        for n in magnitudes.layers.indices {
            magnitudes.layers[n] = magnitudes.layers[n].mapped(abs)
            ones.layers[n] = ones.layers[n].mapped { _ in 1 }
        }
        let inputs = pass.rates[0]
        var errors = [inputs.mapped { _ in 0 }]
        var reachable = [inputs.mapped { $0 == 0 ? 0 : 1 }]
        var (bounds, reach): ([Matrix<Double>], [Matrix<Double>]) = ([], [])
        for n in architecture.nodes.indices {
            let node = architecture.nodes[n]
            var bound = Matrix<Double>(rows: node.shape.count, columns: inputs.columns)
            var reached = bound
            for edge in node.edges {
                let rates = pass.rates[edge.source].mapped(abs)
                let terms = edge.weighted.map { Double($0.layer.weightColumns + edge.before.count + 4) } ?? 4
                let unit = terms * Self.unit + Double(64 * edge.after.count) * Self.unit
                bound.add(Self.magnitude(edge, errors[edge.source], magnitudes, bias: false))
                bound.add(Self.magnitude(edge, rates, magnitudes, bias: true), scaledBy: unit)
                reached.add(Self.magnitude(edge, reachable[edge.source], ones, bias: true))
            }
            bounds.append(bound)
            reach.append(reached)
            guard n < architecture.depth else { break }
            let (activity, rate) = (pass.activities[n], pass.rates[n])
            let lipschitz = node.activation.lipschitzConstant
            errors.append(Matrix(rows: bound.rows, columns: bound.columns) { i, j in
                lipschitz * bound[i, j] + 8 * Self.unit * abs(rate[i, j])
            })
            let dead = node.activation.kink?.leftSlope == 0
            reachable.append(Matrix(rows: bound.rows, columns: bound.columns) { i, j in
                dead && activity[i, j] < -bound[i, j] || dead && reached[i, j] == 0 ? 0 : 1
            })
        }
        self.bounds = PerLayer(from: 1, bounds)
        self.reach = PerLayer(from: 1, reach)
    }

    /// Half a unit in the last place.
    private static let unit = 0x1p-53

    /// Whether the activity is 0 on a neighbourhood of the parameters.
    func isConstantZero(_ n: Int, _ unit: Int, _ example: Int) -> Bool { reach[n][unit, example] == 0 }

    private static func magnitude(
        _ edge: GraphEdge, _ rates: Matrix<Double>, _ parameters: Parameters<Double>, bias: Bool
    ) -> Matrix<Double> {
        let given = edge.before.reduce(rates) { $1.applyMagnitudes($0) }
        let made = edge.weighted.map { bias ? $0.predict(given, parameters) : $0.propagate(given, parameters) } ?? given
        return edge.after.reduce(made) { $1.applyMagnitudes($0) }
    }
}

extension Matrix<Double> {
    fileprivate func mapped(_ function: (Double) -> Double) -> Matrix {
        var result = self
        let count = count
        result.withMutablePointer { x in for k in 0..<count { x[k] = function(x[k]) } }
        return result
    }
}
