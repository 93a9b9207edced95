internal import LinearAlgebra
internal import Networks
internal import PropertyTesting
internal import RealModule

/// A chain of equal layers that share weight matrices: the smallest graph in which parameters occur twice.
private struct TiedChain: Sendable, CustomStringConvertible {
    let activation: Activation
    /// Which matrix layer `n` uses.
    let assignment: [Int]
    let inputs: Matrix<Double>
    /// All matrices, before the step and at the point of the identity.
    let base: [Matrix<Double>]
    let point: [Matrix<Double>]

    var description: String {
        "\(activation.name), layers use matrices \(assignment), x = \(inputs.elements), "
            + "W_b = \(base.map(\.elements)), W = \(point.map(\.elements))"
    }

    static let generator = Generator<TiedChain> { source in
        let width = try source.draw(.int(in: 1...4))
        let matrices = try source.draw(.int(in: 1...3))
        let depth = try source.draw(.int(in: matrices...4))
        let assignment = try (0..<depth).map { n in
            n < matrices ? n : try source.draw(.int(in: 0...(matrices - 1)))
        }
        let hasBias = try source.draw(.bool())
        let columns = width + (hasBias ? 1 : 0)
        let scale = try source.draw(.logUniform(in: 0.1...3))
        let distance = try source.draw(.logUniform(in: 1e-2...3))
        let base = try (0..<matrices).map { _ in
            (scale / Double(width).squareRoot()) * (try source.matrix(width, columns, .gaussian()))
        }
        return TiedChain(
            activation: try source.draw(.element(of: Activation.allCases)), assignment: assignment,
            inputs: try source.matrix(width, try source.draw(.int(in: 1...5)), .gaussian()), base: base,
            point: try base.map { $0 + distance * (try source.matrix(width, columns, .gaussian())) })
    }

    private var hasBias: Bool { base[0].columns > base[0].rows }

    /// `h₁ … h_N` and `ā₀ … ā_{N−1}` of some matrices.
    func pass(_ matrices: [Matrix<Double>]) -> (activities: [Matrix<Double>], rates: [Matrix<Double>]) {
        var activities: [Matrix<Double>] = []
        var rates: [Matrix<Double>] = []
        var below = inputs
        for matrix in assignment {
            rates.append(below.extended(hasBias))
            activities.append(matrices[matrix].times(rates[rates.count - 1]))
            below = activities[activities.count - 1]
            activation.evaluate(activities[activities.count - 1], into: &below)
        }
        return (activities, rates)
    }
}

private typealias Variant = LinearGraphVariant

/// A chain that shares matrices, or a graph.
private enum LinearGraphCase: Sendable, CustomStringConvertible {
    case chain(TiedChain)
    case graph(GraphCase)

    var description: String {
        switch self {
        case .chain(let chain): chain.description
        case .graph(let graph): graph.description
        }
    }

    static let generator = Generator<LinearGraphCase> { source in
        try source.draw(.bool())
            ? .graph(try source.draw(GraphCase.generator)) : .chain(try source.draw(TiedChain.generator))
    }
}

extension Theorem {
    /// T17 on chains whose layers share matrices and on graphs: `A(a)` is formed entry by entry, from the maps' definitions, and
    /// `A⁺e` found by its singular values. Dense chains without sharing are T2 and T3.
    ///
    /// **Tolerance.** As in T3: with `κ = σ₁/σ_r` of the kept singular values, `A⁺e` is off by
    /// `ρ = c u κ‖A⁺e‖ + δ/σ_r`, `c = 4(m+k+8)` for `A` of `m` rows and `k` columns, and `δ` the rounding of `e`. The
    /// squares of Pythagoras are off by `2‖·‖ρ + ρ²` each. The pass of `w(h)` misses `h` by `ρ‖ā‖ + δ` locally, which a
    /// layer above multiplies by `‖W‖Lφ` at most. Cases with singular values between 10⁻¹¹σ₁ and 10⁻⁶σ₁ are discarded, as their
    /// rank is undecided.
    static let linearGraph = Theorem.from(
        .linearGraph, title: "Graphs that are linear in their parameters",
        statement: #"""
            Nodes in topological order, one parameter vector shared anywhere, $h=c(a)+A(a)w$. With \#
            $e=h-c(a)-A(a)w_b$ and $w(h)=w_b+A^+e$: for every $w$ with its feedforward activities $e\in\operatorname{range}A$ \#
            and $P_\alpha(w)=\ell+\frac1{2\alpha}e^\top(AA^\top)^+e+\frac1{2\alpha}\lVert w-w(h)\rVert^2$, and $h$ is the \#
            feedforward pass of $w(h)$ too.
            """#,
        hypotheses: [
            "Checked on chains of up to four equal layers that share up to three matrices, and on small graphs: convolution with pooling, residual, tied and transposed, unrolled, one kernel in several places.",
            "The rank of $A$ is decided.",
        ],
        paper: .ours,
        quantity: "‖w−w_b‖² − ‖A⁺e‖² − ‖w−w(h)‖²; eᵀ(AAᵀ)⁺e − ‖A⁺e‖²; the pass of w(h) − h", bound: "zero",
        tolerance: "c·u·κ of A for A⁺e, carried through the squares and through the layers",
        generator: LinearGraphCase.generator, describe: \.description, correct: Variant.correct,
        mutants: [
            ("every node solved apart, its updates added up", .nodesApart),
            ("every node solved apart, its updates averaged", .meanOfNodes), ("a singular direction left out", .truncated),
            ("windows shifted by one, as by padding on one side", .naive(.shiftedPadding)),
            ("a kernel turned by half a circle", .naive(.transposedKernel)),
            ("the bias once a channel, not once a place", .naive(.biasOncePerChannel)),
        ]
    ) { drawn, variant, context in
        let graph: any LinearGraph
        switch drawn {
        case .chain(let chain):
            context.label("some matrix shared", when: Set(chain.assignment).count < chain.assignment.count)
            context.label("mini-batch", chain.inputs.columns == 1 ? "1" : "more")
            graph = DesignMatrix(chain)
        case .graph(let graphCase):
            let design = try LinearGraphDesign(graphCase, variant)
            context.label("graph")
            context.label("some matrix shared", when: design.isShared)
            context.label("mini-batch", graphCase.inputs.columns == 1 ? "1" : "more")
            graph = design
        }
        let solved = try graph.solve(variant)
        var worst = WorstMargin()
        let square = { (norm: Double, error: Double) in (2 * norm + error) * error }
        let rest = (graph.move - solved.update).norm
        worst.include(margin(
            graph.move.squaredNorm, solved.update.squaredNorm + rest * rest,
            tolerance: square(solved.update.norm, solved.error) + square(rest, solved.error)
                + Double(graph.move.count + 8) * unitRoundoff * graph.move.squaredNorm))
        // (AAᵀ)⁺ squares the condition; where that is harmless the quadratic form is computed too.
        if solved.condition < 1e3 {
            context.label("quadratic form checked")
            let gram = graph.matrix.times(graph.matrix.transposed)
            let response = try LeastNormSolution(gram, graph.errors, relativeTolerance: 1e-12).solution
            let size = solved.least.squaredNorm
            let local = graph.rounding / solved.smallest * solved.least.norm
            worst.include(margin(
                response.dot(graph.errors), size,
                tolerance: 4 * local + 8 * Double(graph.matrix.rows + graph.matrix.columns) * unitRoundoff
                    * solved.condition * solved.condition * size))
        }
        worst.include(try graph.passMargin(solved.update, error: solved.error))
        return worst.value
    }
}

/// `A(a)` and `e` of a chain at the activities of its point.
private struct DesignMatrix: LinearGraph {
    let chain: TiedChain
    let matrix: Matrix<Double>
    let errors: Matrix<Double>
    /// `w − w_b`.
    let move: Matrix<Double>
    /// A bound on the rounding of `errors`.
    let rounding: Double
    private let activities: [Matrix<Double>]
    private let rates: [Matrix<Double>]
    private var blockSize: Int { chain.base[0].count }

    init(_ chain: TiedChain) {
        self.chain = chain
        (activities, rates) = chain.pass(chain.point)
        let (width, examples) = (chain.inputs.rows, chain.inputs.columns)
        let size = chain.base[0].count
        var matrix = Matrix<Double>(rows: chain.assignment.count * width * examples, columns: chain.base.count * size)
        var errors = Matrix<Double>(rows: matrix.rows, columns: 1)
        var rounding = 0.0
        for (n, used) in chain.assignment.enumerated() {
            let error = activities[n] - chain.base[used].times(rates[n])
            rounding += Double(rates[n].rows + 4) * unitRoundoff * rates[n].norm
                * (chain.base[used].norm + chain.point[used].norm)
            for j in 0..<examples {
                for i in 0..<width {
                    let row = (n * examples + j) * width + i
                    errors[row, 0] = error[i, j]
                    for k in 0..<rates[n].rows { matrix[row, used * size + k * width + i] = rates[n][k, j] }
                }
            }
        }
        self.matrix = matrix
        self.errors = errors
        self.rounding = rounding
        move = Self.stacked(chain.point.indices.map { chain.point[$0] - chain.base[$0] })
    }

    private static func stacked(_ matrices: [Matrix<Double>]) -> Matrix<Double> {
        Matrix(column: matrices.flatMap(\.elements))
    }

    func updatesApart() throws -> Matrix<Double> { try apart { _ in 1 } }

    func meanOfUpdatesApart() throws -> Matrix<Double> {
        try apart { matrix in Double(chain.assignment.filter { $0 == matrix }.count) }
    }

    /// The least-norm updates of all layers on their own, divided by `share` of their matrix.
    private func apart(_ share: (Int) -> Double) throws -> Matrix<Double> {
        var result = chain.base.map { Matrix<Double>(rows: $0.rows, columns: $0.columns) }
        for (n, used) in chain.assignment.enumerated() {
            let error = activities[n] - chain.base[used].times(rates[n])
            let own = try LeastNormSolution(rates[n].transposed, error.transposed, relativeTolerance: 1e-9).solution
            result[used].add(own.transposed, scaledBy: 1 / share(used))
        }
        return Self.stacked(result)
    }

    /// The pass of `w_b + update` against the activities.
    func passMargin(_ update: Matrix<Double>, error: Double) -> Double {
        let moved = chain.base.indices.map { index in
            Matrix<Double>(rows: chain.base[index].rows, columns: chain.base[index].columns) { i, j in
                chain.base[index][i, j] + update[index * blockSize + j * chain.base[index].rows + i, 0]
            }
        }
        let found = chain.pass(moved).activities
        var worst = WorstMargin()
        var carried = 0.0
        for (n, used) in chain.assignment.enumerated() {
            let norm = moved[used].norm
            carried = norm * (chain.activation.lipschitzConstant * carried + 8 * unitRoundoff * rates[n].norm)
                + error * rates[n].norm + rounding
            worst.include(excessMargin((found[n] - activities[n]).norm, tolerance: carried))
        }
        return worst.value
    }
}
