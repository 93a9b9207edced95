internal import Certificates
internal import ImplicitSGD
internal import LearningRules
internal import LinearAlgebra
internal import Networks
internal import PropertyTesting
internal import Randomness
internal import RealModule

private enum Variant: Sendable { case correct, target, backpropagation }

/// The two directions that predictive coding is said to be near to.
private enum SecondOrder: String, CaseIterable, Sendable {
    case newton = "damped Newton"
    case gaussNewton = "Gauss–Newton"
}

private func makeConditions() -> [ClaimCondition] {
    let both = ClaimCondition(
        "both: il-equilibrium", words: "nearer than bp to both: il-equilibrium", group: "both", column: "il-equilibrium",
        smaller: "larger share: il-equilibrium", bound: .constant(1), recorded: .refuted, isHeadline: true)
    return [both] + SecondOrder.allCases.flatMap { target in
        ["il-equilibrium", "il-prox-equilibrium", "implicit"].map { rule in
            let name = "\(target.rawValue): \(rule)"
            return ClaimCondition(
                name, words: "nearer than bp to \(target.rawValue): \(rule)", group: "angle to \(target.rawValue)",
                column: rule, smaller: name, bound: .measurement("\(target.rawValue): bp"),
                recorded: recorded[name] ?? .refuted, isHeadline: true)
        }
    }
}

/// What the runs on record found where it is not *refuted*.
private let recorded: [String: Finding] = [
    "damped Newton: il-prox-equilibrium": .mixed, "damped Newton: implicit": .undecided,
    "Gauss–Newton: il-prox-equilibrium": .mixed, "Gauss–Newton: implicit": .mixed,
]

extension Claim {
    /// C23: the angles of updates to `−(∇²L + μI)⁻¹∇L` and to `−(Jᵀ∇²ℓJ + μI)⁻¹∇L`. The damping is `μ = 1/α`, which makes
    /// the second Levenberg–Marquardt's step, which T19 says the implicit update tends to with the residual; for the first it is at least twice the most negative curvature, so that the
    /// direction descends.
    ///
    /// Teeth: the direction itself is nearer than BP, BP is not.
    static let newtonDirection = Claim.from(
        .newtonDirection, title: "Predictive coding points towards Newton's direction",
        statement: #"""
            The update of predictive coding is nearer in angle than BP's to the damped Newton direction, and to that of Gauss–Newton.
            """#,
        population: "mini-batch 1; 2 to 4 weight layers of width 1–5, at least two outputs (with one, BP has Gauss–Newton's "
            + "direction); smooth activations, squared error; α log-uniform over 10⁻²–10², the inverse of the damping; weights and "
            + "inputs as in C1; targets on the way from the output to a normal one, by a share log-uniform over 10⁻³–1",
        quantity: "the angles of updates to the two directions; the larger of the two angles over BP's", conditions: makeConditions(),
        axes: [
            RegionAxis(
                title: "share of the residual", measurement: "residual",
                regions: [(1e-3, 1e-2), (1e-2, 0.1), (0.1, 1)].map { low, high in
                    .init(label: "\(low) to \(high)", range: low..<(high == 1 ? 1.1 : high))
                }),
            .learningRate(decades: -2..<2), .depth(2...4),
        ],
        defaultCases: 400, plantCases: 200,
        generator: NetworkCases {
            $0.depths = 2...4
            $0.widths = 1...5
            $0.activations = NetworkCases.smoothActivations
            $0.losses = [.squaredError]
            $0.batchSizes = 1...1
            $0.learningRates = 1e-2...1e2
            $0.degeneracies = []
        }.generator(), correct: Variant.correct,
        plants: [("the direction itself", .holds, .target), ("bp", .refuted, .backpropagation)]
    ) { drawn, variant, scope, context in
        try drawn.measureFeatures(&context)
        try assume(drawn.architecture.outputWidth > 1, "one output")
        var random = drawn.randomGenerator(stream: 10)
        let share = Double.pow(10, -3 * random.nextUniform())
        context.measure("residual", share)
        let networkCase = try drawn.approachingTarget(share)
        let directions = try SecondOrderDirections(networkCase)
        let explicitStep = -1 * directions.gradient
        let equilibrium = networkCase.update(EquilibriumInferenceLearning.standard())
        var largest = 0.0
        for target in SecondOrder.allCases {
            let direction = directions.direction(target)
            let explicitAngle = explicitStep.angle(to: direction)
            context.measure("\(target.rawValue): bp", explicitAngle)
            func include(_ name: String, _ update: Parameters<Double>?) {
                let measurement = "\(target.rawValue): \(name)"
                guard let update, update.norm.isFinite else { return context.recordNoUpdate(name, [measurement]) }
                context.measure(measurement, update.angle(to: direction))
            }
            let update: Parameters<Double>? =
                switch variant {
                case .correct: equilibrium
                case .target: direction
                case .backpropagation: explicitStep
                }
            include("il-equilibrium", update)
            largest = max(largest, update.map { $0.angle(to: direction) / explicitAngle } ?? .infinity)
            guard scope == .everything else { continue }
            include("il-prox-equilibrium", networkCase.update(EquilibriumInferenceLearning.proximal()))
            include("implicit", try? networkCase.exactUpdate().update)
        }
        if largest == .infinity {
            context.recordNoUpdate("il-equilibrium", ["larger share: il-equilibrium"])
        } else {
            context.measure("larger share: il-equilibrium", largest)
        }
    }
}

extension NetworkCase {
    /// The case with a share of its residual.
    fileprivate func approachingTarget(_ share: Double) throws -> NetworkCase {
        let output = problem.network.logits(problem.batch.inputs)
        let target = output + share * (problem.batch.targets - output)
        return NetworkCase(
            problem: try ProximalProblem(
                network: problem.network, batch: Batch(inputs: problem.batch.inputs, targets: target), loss: problem.loss,
                learningRate: alpha),
            seed: seed)
    }
}

/// The two directions of one case, by dense matrices.
private struct SecondOrderDirections {
    let gradient: Parameters<Double>
    private let solved: [SecondOrder: Matrix<Double>]

    init(_ networkCase: NetworkCase) throws {
        let problem = networkCase.problem
        let pass = problem.linearization(after: .zero(problem))
        gradient = pass.gradient()
        try assume(gradient.norm > 0, "no gradient")
        let count = gradient.count
        let right = Matrix(column: gradient.flattened.map { -$0 })
        // Column by column: the Hessian times each unit vector.
        var hessian = Matrix<Double>(rows: count, columns: count)
        var unit = Parameters<Double>(zerosFor: networkCase.architecture)
        var column = 0
        for layer in unit.layers.indices {
            for j in 0..<unit.layers[layer].columns {
                for i in 0..<unit.layers[layer].rows {
                    unit.layers[layer][i, j] = 1
                    for (row, value) in pass.hessianVectorProduct(unit).flattened.enumerated() { hessian[row, column] = value }
                    unit.layers[layer][i, j] = 0
                    column += 1
                }
            }
        }
        let damping = 1 / networkCase.alpha
        let symmetric = 0.5 * (hessian + hessian.transposed)
        let lowest = try SymmetricEigendecomposition(symmetric).values[0]
        let jacobian = Self.jacobian(networkCase)
        let curvature = problem.loss.hessian(pass.logits, targets: problem.batch.targets, example: 0)
        let gaussNewton = jacobian.dotted(curvature.dotted(jacobian), .transposed)
        solved = [
            .newton: try Self.solve(symmetric, max(damping, -2 * lowest), right),
            .gaussNewton: try Self.solve(gaussNewton, damping, right),
        ]
    }

    private static func solve(_ matrix: Matrix<Double>, _ damping: Double, _ right: Matrix<Double>) throws -> Matrix<Double> {
        guard let factor = try? CholeskyFactorization(matrix + damping * .identity(matrix.rows)) else {
            throw Discard("the damped matrix is not positive definite to rounding")
        }
        return try factor.solve(right)
    }

    /// `∂h_N/∂θ`, one row for each output, in the order of `flattened`.
    private static func jacobian(_ networkCase: NetworkCase) -> Matrix<Double> {
        let output = OutputJacobians(networkCase.problem.network, networkCase.problem.batch.inputs)
        let depth = networkCase.architecture.depth
        let rows = (0..<networkCase.architecture.outputWidth).map { k in
            (0..<depth).flatMap { n -> [Double] in
                let jacobian = output.jacobians[n + 1]
                let rates = output.rates[n]
                return (0..<rates.rows).flatMap { j in (0..<jacobian.columns).map { jacobian[k, $0] * rates[j, 0] } }
            }
        }
        return Matrix(rows: rows.count, columns: rows[0].count) { rows[$0][$1] }
    }

    func direction(_ target: SecondOrder) -> Parameters<Double> {
        var result = gradient
        var index = 0
        let values = solved[target]?.elements ?? []
        for layer in result.layers.indices {
            for j in 0..<result.layers[layer].columns {
                for i in 0..<result.layers[layer].rows {
                    result.layers[layer][i, j] = values[index]
                    index += 1
                }
            }
        }
        return result
    }
}
